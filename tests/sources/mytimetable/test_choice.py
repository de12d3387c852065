"""What a student switches off, and what the calendar keeps while the university does not say."""

from collections.abc import AsyncIterator
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bridge.model.event import Part
from bridge.model.tracked import TrackedEvent
from bridge.model.window import bounds
from bridge.sources.mytimetable.standin.university import STUDENT
from bridge.store.account import State
from bridge.sync.outcome import Row
from bridge.upstream.standin import StandIn
from tests.conftest import OpenSchool, School, SettableClock
from tests.sources.mytimetable.outcomes import answer

UTC = ZoneInfo("UTC")
PREFERENCES = ["subscriptions", "eventtypegroups"]


@pytest.fixture
async def school(open_school: OpenSchool, stand_in: StandIn) -> AsyncIterator[School]:
    [student] = [person for person in stand_in.people if person.identity == STUDENT]
    async with open_school({"uni": stand_in}) as opened:
        await opened.add(student.user, "uni")
        yield opened


async def kept(school: School) -> list[TrackedEvent]:
    [account] = await school.bridge.store.accounts.all()
    return await school.bridge.store.events.of_part(account.id, Part.SCHEDULE)


async def refresh(school: School, clock: SettableClock) -> Row:
    """Refresh an hour later, as the schedule says."""
    clock.forward(hours=1)
    [schedule] = [row for row in await school.refresh() if row.part is Part.SCHEDULE]
    return schedule


@pytest.mark.parametrize("place", PREFERENCES)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 500])
async def test_a_server_in_trouble_neither_takes_lessons_nor_brings_back_what_was_switched_off(
    school: School, stand_in: StandIn, clock: SettableClock, place: str, status: int
) -> None:
    stand_in.controls["disable-subscription"]()
    stand_in.controls["filter-type"]()
    await refresh(school, clock)
    before = await kept(school)
    stand_in.faults[f"/api/v0/{place}"] = answer(status, "")
    row = await refresh(school, clock)
    assert row.ok
    assert row.error
    assert await kept(school) == before


async def test_what_a_student_switches_off_goes_without_a_word(
    school: School, stand_in: StandIn, clock: SettableClock
) -> None:
    await refresh(school, clock)
    before = {entry.uid for entry in await kept(school)}
    stand_in.controls["disable-subscription"]()
    stand_in.controls["filter-type"]()
    assert (await refresh(school, clock)).ok
    after = await kept(school)
    assert {entry.uid for entry in after} < before
    assert not [entry for entry in after if entry.vanished]


async def test_what_is_switched_off_over_a_weekend_goes_without_a_word_in_all_weeks(
    school: School, stand_in: StandIn, clock: SettableClock
) -> None:
    await refresh(school, clock)
    stand_in.controls["disable-subscription"]()
    stand_in.controls["filter-type"]()
    clock.forward(days=5)
    assert (await refresh(school, clock)).ok
    assert not [entry for entry in await kept(school) if entry.vanished]


async def test_what_is_switched_off_goes_from_far_weeks_at_once(
    school: School, stand_in: StandIn, clock: SettableClock
) -> None:
    await refresh(school, clock)
    stand_in.controls["filter-type"]()
    await refresh(school, clock)
    lectures = [
        entry
        for entry in await kept(school)
        if entry.event.label == "Hoorcollege" and bounds(entry.event.when, UTC)[0] > clock()
    ]
    assert all(entry.event.identity.startswith("~") for entry in lectures), "old ones tell no type"


async def test_a_lesson_that_is_cancelled_after_a_choice_reads_cancelled(
    school: School, stand_in: StandIn, clock: SettableClock
) -> None:
    await refresh(school, clock)
    stand_in.controls["filter-type"]()
    await refresh(school, clock)
    stand_in.controls["cancel-lesson"]()
    await refresh(school, clock)
    assert len([entry for entry in await kept(school) if entry.vanished]) == 1


@pytest.mark.parametrize("place", PREFERENCES)
async def test_a_university_that_asks_for_fewer_requests_gets_none_for_as_long_as_it_says(
    school: School, stand_in: StandIn, clock: SettableClock, place: str
) -> None:
    await refresh(school, clock)
    before = await kept(school)
    stand_in.faults[f"/api/v0/{place}"] = answer(429, "", **{"Retry-After": "36000"})
    stand_in.requests.clear()
    row = await refresh(school, clock)
    assert row.ok
    assert row.error
    assert await kept(school) == before
    assert not [request for request in stand_in.requests if request.endswith("messages")]
    [account] = await school.bridge.store.accounts.all()
    assert account.next_due is not None
    assert account.next_due - clock() >= timedelta(hours=10)


@pytest.mark.parametrize("place", PREFERENCES)
async def test_an_own_token_that_is_refused_halfway_needs_a_login(
    open_school: OpenSchool, stand_in: StandIn, clock: SettableClock, place: str
) -> None:
    async with open_school({"uni": stand_in}) as school:
        [owner] = [person for person in stand_in.people if person.secret]
        await school.add(owner.user, "uni")
        await refresh(school, clock)
        before = await kept(school)
        stand_in.faults[f"/api/v0/{place}"] = answer(401, "")
        assert not (await refresh(school, clock)).ok
        assert await kept(school) == before
        [account] = await school.bridge.store.accounts.all()
        assert account.state is State.LOGIN_NEEDED


@pytest.mark.parametrize("choice", ["choose-option", "filter-lesson"])
async def test_other_groups_and_a_filter_of_the_university_take_lessons_without_a_word(
    school: School, stand_in: StandIn, clock: SettableClock, choice: str
) -> None:
    await refresh(school, clock)
    before = {entry.uid for entry in await kept(school)}
    stand_in.controls[choice]()
    assert (await refresh(school, clock)).ok
    after = await kept(school)
    assert {entry.uid for entry in after} < before
    assert not [entry for entry in after if entry.vanished]


async def test_of_what_is_filtered_and_what_is_cancelled_at_once_the_latter_reads_cancelled(
    school: School, stand_in: StandIn, clock: SettableClock
) -> None:
    await refresh(school, clock)
    stand_in.controls["filter-lesson"]()
    cancelled = stand_in.controls["cancel-lesson"]()
    await refresh(school, clock)
    [gone] = [entry for entry in await kept(school) if entry.vanished]
    assert gone.event.title in cancelled
