"""A parent with two children at one school, who logs in once."""

from collections.abc import AsyncIterator

import pytest
from icalendar import Calendar

from bridge.errors import NameTaken, UnknownName
from bridge.model.event import SHOWN_BY_DEFAULT, Kind
from bridge.model.tracked import uid_of
from bridge.people.accounts import Wanted, add_account, remove_account
from bridge.people.feeds import add_feed
from bridge.sources.somtoday import SOURCE
from bridge.store.account import State
from bridge.store.feed import NewFeed
from tests.conftest import OpenSchool, School, SettableClock

TOKENS = "POST /oauth2/token"


@pytest.fixture
async def school(open_school: OpenSchool, clock: SettableClock) -> AsyncIterator[School]:
    async with open_school({"somtoday": SOURCE.stand_in(clock)}, past="14d", future="30d") as opened:
        await opened.bridge.store.users.add("bakker", "Familie Bakker", opened.clock())
        yield opened


async def connect(school: School, name: str, identity: str, *, user: str = "bakker", secret: str | None = None) -> None:
    """An account at the school, which shares the parent's login where it has no secret."""
    await add_account(
        school.bridge.store,
        school.bridge.sources["somtoday"],
        Wanted(user, name=name, identity=identity),
        school.clock,
        secret=secret,
        login_of=None if secret else "bakker",
    )


async def connect_both(school: School) -> None:
    await connect(school, "Sem", "119373", secret="refresh-bakker")
    await connect(school, "Lotte", "119374")


async def add(school: School, name: str, *sources: str, **options: str) -> None:
    new = NewFeed(name, sources=sources or None, options=options, kinds=[*SHOWN_BY_DEFAULT, Kind.NOTICE])
    await add_feed(school.bridge.store, school.bridge.sources, "bakker", new, school.clock)
    await school.bridge.publisher.publish_wanted()


async def events(school: School, name: str) -> dict[str, str]:
    """The titles of a feed by UID."""
    calendar = Calendar.from_ical(await school.ics("bakker", name))
    return {str(event["UID"]): str(event["SUMMARY"]) for event in calendar.walk("VEVENT")}


async def test_a_feed_of_one_child_has_nothing_of_another(school: School) -> None:
    await connect_both(school)
    await school.refresh()
    await add(school, "sem", "somtoday/Sem")
    await add(school, "lotte", "somtoday/Lotte")
    await add(school, "both")
    sem, lotte, both = [await events(school, name) for name in ("sem", "lotte", "both")]
    assert len(sem) > 20
    assert len(lotte) > 20
    assert not sem.keys() & lotte.keys()
    assert not any("Sem" in title for title in [*sem.values(), *lotte.values()])
    own = {uid: title for uid, title in both.items() if "vakantie" not in title.casefold()}
    assert own.keys() <= sem.keys() | lotte.keys()
    for uid, title in own.items():
        assert title == (f"Sem: {sem[uid]}" if uid in sem else f"Lotte: {lotte[uid]}")


async def test_a_feed_of_several_children_begins_each_title_with_a_first_name(school: School) -> None:
    await connect_both(school)
    await school.refresh()
    await add(school, "both")
    titles = set((await events(school, "both")).values())
    named = {title for title in titles if title.startswith(("Sem: ", "Lotte: "))}
    assert {title.partition(":")[0] for title in named} == {"Sem", "Lotte"}
    assert all("vakantie" in title.casefold() for title in titles - named)


async def test_a_calendar_of_one_child_is_called_after_the_child(school: School) -> None:
    await connect_both(school)
    await school.refresh()
    await add(school, "lotte", "somtoday/Lotte")
    await add(school, "both")
    assert "X-WR-CALNAME:Lotte · " in await school.ics("bakker", "lotte")
    assert "X-WR-CALNAME:Familie Bakker · " in await school.ics("bakker", "both")


async def test_one_login_serves_both_children(school: School) -> None:
    await connect_both(school)
    await school.refresh()
    sem, lotte = await school.bridge.store.accounts.all(user="bakker")
    assert sem.credential_id == lotte.credential_id
    assert {sem.state, lotte.state} == {State.OK}
    assert school.stand_ins["somtoday"].requests[TOKENS] == 1


async def test_removing_one_child_leaves_the_login_of_the_other(school: School) -> None:
    await connect_both(school)
    await school.refresh()
    await add(school, "both")
    store, at = school.bridge.store, school.bridge.sources["somtoday"]
    assert await remove_account(store, at, "bakker", "somtoday", school.clock, "Sem") is None
    rows = await school.refresh()
    assert {row.name for row in rows} == {"Lotte"}
    assert all(row.ok for row in rows)
    titles = (await events(school, "both")).values()
    assert titles
    assert not any(title.startswith(("Sem: ", "Lotte: ")) for title in titles)


async def test_a_second_child_makes_the_events_of_the_first_newer(school: School) -> None:
    """Their titles begin otherwise then, and calendar programs keep what is not newer."""
    await connect(school, "", "119373", secret="refresh-bakker")
    await school.refresh()
    await add(school, "both")
    await add(school, "sem", "somtoday/")
    before, alone = await school.ics("bakker", "both"), await school.ics("bakker", "sem")
    school.clock.forward(hours=1)
    await connect(school, "Lotte", "119374")
    await school.bridge.publisher.publish_wanted()
    after = await school.ics("bakker", "both")
    uid, title = next(
        (uid, title) for uid, title in (await events(school, "both")).items() if title.startswith("Sem: ")
    )
    was, now = [next(one for one in text.split("BEGIN:VEVENT") if uid in one) for text in (before, after)]
    assert title.removeprefix("Sem: ") in was
    assert was.partition("DTSTAMP:")[2][:16] < now.partition("DTSTAMP:")[2][:16]
    assert await school.ics("bakker", "sem") == alone


async def test_a_child_is_connected_once(school: School) -> None:
    await connect_both(school)
    with pytest.raises(NameTaken, match='already as "Sem"'):
        await connect(school, "Zoon", "119373")
    await connect(school, "Sem", "119373")
    assert len(await school.bridge.store.accounts.all(user="bakker")) == 2


async def test_the_usual_account_keeps_the_uids_that_it_had_without_names(school: School) -> None:
    await connect(school, "", "119373", secret="refresh-bakker")
    await connect(school, "Lotte", "119374")
    await school.refresh()
    sem = await school.bridge.store.accounts.find("bakker", "somtoday")
    found = await school.bridge.store.events.of_user("bakker", tuple(Kind), ["somtoday/"])
    assert found
    assert all(entry.uid == uid_of("somtoday", sem.person or "", entry.event) for entry in found)


async def test_an_account_that_does_not_exist_is_a_sentence(school: School) -> None:
    await connect_both(school)
    store, at = school.bridge.store, school.bridge.sources["somtoday"]
    with pytest.raises(UnknownName, match=r"^bakker has no account at somtoday\.$"):
        await remove_account(store, at, "bakker", "somtoday", school.clock)
    with pytest.raises(UnknownName, match=r'^bakker has no account "Noor" at somtoday\.$'):
        await remove_account(store, at, "bakker", "somtoday", school.clock, "Noor")
