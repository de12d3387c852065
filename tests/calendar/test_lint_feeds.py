"""Every feed of every sample person is in order, and four parsers read the same in it."""

from datetime import UTC, datetime

import pytest

from bridge.calendar.lint.linter import lint
from bridge.model.event import Kind, Part, Timed
from bridge.upstream.discovery import discover
from tests.calendar.entries import entry, rendered, week
from tests.calendar.parsers import read_alike
from tests.conftest import OpenSchool, SettableClock

CLOCK_CHANGES = {"autumn": datetime(2026, 10, 20, 10, tzinfo=UTC), "spring": datetime(2027, 3, 20, 10, tzinfo=UTC)}
EVERY_WAY = {
    "plain": {},
    "english": {"cancelled": "status", "language": "en"},
    "french": {"cancelled": "hide", "absence_details": "reason", "language": "fr"},
}


@pytest.mark.parametrize("season", CLOCK_CHANGES)
@pytest.mark.parametrize("source", discover())
@pytest.mark.parametrize("storage_url", ["sqlite"], indirect=True)
async def test_every_feed_of_a_source_is_in_order_and_four_parsers_agree(
    source: str, season: str, open_school: OpenSchool, clock: SettableClock
) -> None:
    clock.now = CLOCK_CHANGES[season]
    stand_in = discover()[source].stand_in(clock)
    async with open_school({source: stand_in}, past="14d", future="28d") as school:
        users = [person.user for person in stand_in.people]
        for user in users:
            await school.add(user, source)
        if not users:
            users = ["anybody"]
            await school.bridge.store.users.add("anybody", "Anybody", clock())
        rows = await school.refresh()
        for user in users:
            for name, options in EVERY_WAY.items():
                await school.feed(user, name=name, kinds=list(Kind), **options)
                assert lint(await school.bridge.store.renderings.calendar(user, name)) == ()
            read = read_alike(await school.bridge.store.renderings.calendar(user, "plain"))
            assert read or all(row.part is Part.NAMES for row in rows)


@pytest.mark.parametrize("language", ["nl", "en", "fr"])
def test_one_of_each_kind_is_read_alike(language: str) -> None:
    entries = [one for one in week() if one.uid != "uid-repeated"]
    assert {event.uid for event in read_alike(rendered(*entries, language=language))} == {one.uid for one in entries}


def test_in_the_hour_that_repeats_all_read_alike_but_one() -> None:
    # recurring-ical-events takes UTC into X-WR-TIMEZONE first and then counts by the clock on the wall
    (night,) = [one for one in week() if one.uid == "uid-repeated"]
    (read,) = read_alike(rendered(night), but="recurring-ical-events")
    assert isinstance(night.event.when, Timed)
    assert (read.start, read.end) == (night.event.when.start, night.event.when.end)


def test_a_calendar_without_events_is_read_alike() -> None:
    assert read_alike(rendered()) == []


def test_texts_come_back_as_they_were_meant() -> None:
    notes = "Neem mee:\n- passer, \\ en geodriehoek;\n- \\n is geen regel\n\n" + "é😀" * 80
    (read,) = read_alike(rendered(entry(title="A, B; C \\ D", notes=notes, locations=("x;", "y,"))))
    assert (read.summary, read.location, read.description) == ("A, B; C \\ D", "x;, y,", notes)
