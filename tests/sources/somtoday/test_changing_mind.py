"""A school that changes its mind: the last that it said shows, under the same UID."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta

import pytest

from bridge.model.event import AllDay, Part, Status
from bridge.model.tracked import TrackedEvent
from bridge.sources.somtoday.standin.school import Lesson
from bridge.sources.somtoday.standin.server import ANNA, SomtodayServer, make_server, stand_in
from tests.conftest import OpenSchool, School, SettableClock
from tests.faults import saying
from tests.sources.somtoday.answers import appointment, item, only, schedule, text, vacation, weeks


@pytest.fixture
def standin(clock: SettableClock) -> SomtodayServer:
    return make_server(clock)


@pytest.fixture
async def school(open_school: OpenSchool, clock: SettableClock, standin: SomtodayServer) -> AsyncIterator[School]:
    async with open_school({"fortes": replace(stand_in(clock), routes=standin.register)}) as opened:
        await opened.add("anna", "fortes")
        await opened.feed("anna", name="les")
        yield opened


async def refresh(school: School, clock: SettableClock) -> list[TrackedEvent]:
    """All events of the pupil an hour later."""
    clock.forward(hours=1)
    rows = await school.refresh()
    assert all(row.ok for row in rows), rows
    (account,) = await school.bridge.store.accounts.all(user="anna")
    parts = (Part.SCHEDULE, Part.HOLIDAYS)
    return [entry for part in parts for entry in await school.bridge.store.events.of_part(account.id, part)]


def the(entries: list[TrackedEvent], lesson: Lesson) -> TrackedEvent:
    """The only event of a lesson."""
    (entry,) = [one for one in entries if one.event.identity == str(lesson.key)]
    return entry


def takes_place(entry: TrackedEvent) -> bool:
    return entry.vanished is None and entry.event.status is Status.CONFIRMED


@pytest.mark.parametrize("lacks", [set(), {"afspraakitems"}], ids=["by weeks", "at once"])
async def test_a_lesson_that_is_cancelled_moved_back_re_roomed_and_cancelled_again_is_one_event(
    school: School, standin: SomtodayServer, clock: SettableClock, lacks: set[str]
) -> None:
    standin.lacks = lacks
    before = await refresh(school, clock)
    now = clock() + timedelta(days=1)
    lesson = next(one for one in standin.school.lessons[ANNA.key] if one.start > now and not one.cancelled)
    uid, sequences = the(before, lesson).uid, [the(before, lesson).sequence]
    count, current = len(before), lesson
    moved = replace(lesson, start=lesson.start + timedelta(hours=2), end=lesson.end + timedelta(hours=2))
    for state in (
        replace(lesson, cancelled=True),
        moved,
        lesson,
        replace(lesson, room="y001"),
        replace(lesson, room="y001", cancelled=True),
    ):
        standin.school.change(current, state)
        current = state
        entries = await refresh(school, clock)
        entry = the(entries, lesson)
        assert (entry.uid, len(entries)) == (uid, count)
        assert takes_place(entry) is not state.cancelled
        if not state.cancelled:
            assert entry.event.when.start == state.start
            assert entry.event.locations == (state.room,)
        sequences.append(entry.sequence)
    assert sequences == sorted(set(sequences)), "each change is newer than the last"
    ics = await school.ics("anna", "les")
    assert ics.count(f"UID:{uid}") == 1
    (shown,) = [event for event in ics.split("BEGIN:VEVENT") if f"UID:{uid}" in event]
    assert "SUMMARY:Vervalt: " in shown


async def test_two_lessons_that_trade_places_both_moved_and_keep_their_uids(
    school: School, standin: SomtodayServer, clock: SettableClock
) -> None:
    before = await refresh(school, clock)
    days = clock() + timedelta(days=1)
    coming = [one for one in standin.school.lessons[ANNA.key] if one.start > days and not one.cancelled]
    one = coming[0]
    other = next(found for found in coming if found.subject != one.subject)
    standin.school.change(one, replace(one, start=other.start, end=other.end, period=other.period))
    standin.school.change(other, replace(other, start=one.start, end=one.end, period=one.period))
    after = await refresh(school, clock)
    assert len(after) == len(before)
    for lesson, place in ((one, other), (other, one)):
        was, now = the(before, lesson), the(after, lesson)
        assert (now.uid, now.event.title, takes_place(now)) == (was.uid, was.event.title, True)
        assert now.event.when.start == place.start
        assert now.before is not None
        assert now.before.when == was.event.when
    ics = await school.ics("anna", "les")
    assert ics.count("SUMMARY:Verplaatst: ") == 2


def test_an_item_that_comes_twice_with_two_texts_shows_once_with_both_in_whatever_order() -> None:
    texts = [{"omschrijving": "Neem je atlas mee"}, {"omschrijving": "Toets over 2.3", "status": "4007"}]
    events = [only(weeks(*(item("1", **changes) for changes in told))) for told in (texts, texts[::-1])]
    assert events[0] == events[1]
    assert (events[0].notes, events[0].status) == ("Neem je atlas mee\nToets over 2.3", Status.CANCELLED)
    twice = [appointment(1), appointment(1, kind="Toets")]
    assert only(schedule(*twice)) == only(schedule(*twice[::-1]))
    assert only(schedule(twice[0], twice[0])) == only(schedule(twice[0]))


async def test_a_holiday_that_grows_by_a_day_is_the_same_holiday(school: School, clock: SettableClock) -> None:
    shown: list[TrackedEvent] = []
    for first, last in (("12-19", "12-30"), ("12-19", "12-31"), ("12-18", "12-31")):
        told = vacation(7, naam="Kerst", beginDatum=f"2026-{first}T00:00:00+01:00", eindDatum=f"2026-{last}")
        school.stand_ins["fortes"].faults["/rest/v1/vakanties"] = saying(200, text(told))
        shown += [entry for entry in await refresh(school, clock) if entry.event.title == "Kerst"]
    assert len({entry.uid for entry in shown}) == 1
    assert [entry.sequence for entry in shown] == [0, 1, 2]
    assert shown[-1].event.when == AllDay(date(2026, 12, 18), date(2027, 1, 1))
    ics = await school.ics("anna", "les")
    assert [line for line in ics.splitlines() if line.endswith("Kerst")] == ["SUMMARY:Verplaatst: Kerst"]
