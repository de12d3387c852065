"""Weeks that come without their lessons: what refers to the lessons waits with them."""

from collections.abc import AsyncIterator

import pytest

from bridge.model.event import Part
from bridge.store.account import State
from bridge.upstream.discovery import discover
from bridge.upstream.standin import StandIn
from tests.conftest import OpenSchool, School, SettableClock
from tests.faults import retelling

WEEK = "GET /rest/v1/afspraakitems/{id}/jaar/{year}/week/{week}"


@pytest.fixture
def stand_in(clock: SettableClock) -> StandIn:
    return discover()["somtoday"].stand_in(clock)


@pytest.fixture
async def school(open_school: OpenSchool, stand_in: StandIn) -> AsyncIterator[School]:
    async with open_school({"fortes": stand_in}) as opened:
        await opened.add("anna", "fortes")
        yield opened


async def titles(school: School) -> list[str]:
    return [line for line in (await school.ics("anna")).splitlines() if line.startswith(("SUMMARY", "DTSTART"))]


async def test_a_test_shows_once_while_its_lesson_is_held_back_and_never_as_cancelled(
    school: School, stand_in: StandIn
) -> None:
    await school.refresh()
    await school.feed("anna")
    before = await titles(school)
    stand_in.faults[WEEK] = retelling(lambda _: [])
    rows = await school.refresh()
    assert {row.part for row in rows if row.state is State.HELD} == {"schedule", "homework"}
    assert await titles(school) == before
    del stand_in.faults[WEEK]
    assert all(row.ok for row in await school.refresh())
    assert await titles(school) == before


async def test_a_week_of_which_most_cannot_be_read_fails_nothing_and_keeps_its_lessons(
    school: School, stand_in: StandIn
) -> None:
    await school.refresh()
    before = await lessons(school)
    stand_in.faults[WEEK] = retelling(lambda items: [{**one, "beginDatumTijd": "?"} for one in items[1:]] + items[:1])
    rows = [row for row in await school.refresh() if row.part == "schedule"]
    assert [(row.ok, bool(row.error)) for row in rows] == [(True, True)]
    assert await lessons(school) == before


async def lessons(school: School) -> set[str]:
    """The UIDs of the lessons that take place."""
    [account] = await school.bridge.store.accounts.all()
    entries = await school.bridge.store.events.of_part(account.id, Part.SCHEDULE)
    return {entry.uid for entry in entries if entry.vanished is None}
