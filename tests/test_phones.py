"""Phones that follow a feed through anything end with exactly the events that there are."""

import pytest

from tests.club.server import ANNA, Club, empty_club
from tests.conftest import SLOW, OpenSchool, SettableClock
from tests.phones import Followed, Google, Icsx5, Phone, Thunderbird, entries_in, followed
from tests.walk import WINDOW, Truth, Walk, seen

SEEDS, CHANGES = (range(10), 200) if SLOW else (range(3), 60)
EVENT = """BEGIN:VCALENDAR\r
BEGIN:VEVENT\r
UID:1\r
SEQUENCE:{sequence}\r
LAST-MODIFIED:20260901T06000{second}Z\r
SUMMARY:{title}\r
END:VEVENT\r
END:VCALENDAR\r
"""
on_sqlite = pytest.mark.parametrize("storage_url", ["sqlite"], indirect=True)


def calendar(title: str, sequence: int, second: int) -> bytes:
    return EVENT.format(title=title, sequence=sequence, second=second).encode()


@pytest.fixture
def club(clock: SettableClock) -> Club:
    return empty_club(clock)


@pytest.mark.parametrize("seed", SEEDS)
@on_sqlite
async def test_after_many_changes_each_phone_has_exactly_what_there_is(
    seed: int, club: Club, open_school: OpenSchool, clock: SettableClock
) -> None:
    cancelled = ("mark", "status", "hide")[seed % 3]
    walk, truth = Walk(seed, club, clock), Truth()

    async def refresh(feed: Followed) -> None:
        if await feed.refresh():
            truth.hear(club.told(), clock())
            told = [seen(entry, cancelled) for entry in entries_in(feed.calendar).values()]
            assert len(told) == len(set(told))
            assert truth.must_show(clock(), cancelled) <= set(told) <= truth.may_show()

    async with open_school({"club": club.stand_in}, **WINDOW) as school:
        await school.add(ANNA.id, "club")
        async with followed(school, ANNA.id, cancelled=cancelled) as feed:
            phones = [phone(feed.address) for phone in (Icsx5, Thunderbird, Google)]
            await refresh(feed)
            for _ in range(CHANGES):
                walk.step()
                if walk.sometimes(0.85):
                    await refresh(feed)
                await feed.show(*phones)
            for _ in range(3):
                walk.settle()
                await refresh(feed)
            await feed.show(*phones)


@pytest.mark.parametrize("kind", [Icsx5, Thunderbird, Google])
@on_sqlite
async def test_a_phone_that_asks_only_now_and_then_and_when_a_lesson_is_gone_has_exactly_what_there_is_too(
    kind: type[Phone], club: Club, open_school: OpenSchool, clock: SettableClock
) -> None:
    walk = Walk(1, club, clock)
    async with open_school({"club": club.stand_in}, **WINDOW) as school:
        await school.add(ANNA.id, "club")
        async with followed(school, ANNA.id, cancelled="status") as feed:
            phone = kind(feed.address)
            before: set[str] = set()
            for _ in range(CHANGES):
                walk.step()
                await feed.refresh()
                there = {seen(entry, "status").title for entry in entries_in(feed.calendar).values()}
                if walk.sometimes(0.1) or before - there:
                    await feed.show(phone)
                before = there


@on_sqlite
async def test_an_address_that_ends_disables_thunderbird_and_leaves_the_others_what_they_have(
    club: Club, open_school: OpenSchool, clock: SettableClock
) -> None:
    Walk(0, club, clock)
    async with open_school({"club": club.stand_in}, **WINDOW) as school:
        await school.add(ANNA.id, "club")
        async with followed(school, ANNA.id) as feed:
            phones = [Icsx5(feed.address), Thunderbird(feed.address)]
            await feed.show(*phones)
            await school.bridge.store.feeds.revoke(ANNA.id, "default", clock())
            for phone in phones:
                await feed.poll(phone)
            assert [(phone.off, phone.entries) for phone in phones] == [
                ("", entries_in(feed.calendar)),
                ("disabled", entries_in(feed.calendar)),
            ]


@pytest.mark.parametrize("kind", [Icsx5, Thunderbird, Google])
def test_a_phone_deletes_what_is_missing(kind: type[Phone]) -> None:
    phone = kind("")
    phone.receive(200, calendar("Wiskunde", 0, 0))
    assert set(phone.entries) == {"1"}
    phone.receive(200, b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
    assert phone.entries == {}


@pytest.mark.parametrize(
    ("kind", "sequence", "second", "taken"),
    [
        (Icsx5, 1, 0, False),
        (Icsx5, 0, 1, True),
        (Thunderbird, 0, 0, True),
        (Google, 1, 0, False),
        (Google, 0, 1, False),
        (Google, 1, 1, True),
    ],
)
def test_a_phone_takes_a_change_that_it_can_tell(kind: type[Phone], sequence: int, second: int, taken: bool) -> None:
    phone = kind("")
    phone.receive(200, calendar("Wiskunde", 0, 0))
    phone.receive(200, calendar("Frans", sequence, second))
    assert phone.entries["1"].value("SUMMARY") == ("Frans" if taken else "Wiskunde")


@pytest.mark.parametrize(
    ("status", "off", "left"),
    [(200, "", 0), (304, "", 1), (404, "", 1), (410, "disabled", 1), (403, "paused", 1), (500, "paused", 1)],
)
def test_thunderbird_takes_an_answer_without_a_calendar_at_its_word(status: int, off: str, left: int) -> None:
    phone = Thunderbird("")
    phone.receive(200, calendar("Wiskunde", 0, 0))
    phone.receive(status, b"")
    assert (phone.off, len(phone.entries)) == (off, left)
