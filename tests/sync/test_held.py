"""Answers that suddenly lack most of what was ahead."""

from collections.abc import AsyncIterator

import pytest

from bridge.store.account import State, StoredAccount
from bridge.sync.outcome import Row
from tests.club.server import AHEAD, LESSONS, PAST, Club
from tests.conftest import OpenSchool, School
from tests.faults import saying


@pytest.fixture
def storage_url(sqlite_url: str) -> str:
    """One sort of storage is enough here: tests/store/ tries both."""
    return sqlite_url


@pytest.fixture
async def school(open_school: OpenSchool, club: Club) -> AsyncIterator[School]:
    async with open_school({"club": club.stand_in}) as opened:
        await opened.add("anna", "club")
        await opened.feed("anna")
        assert all(row.ok for row in await opened.refresh())
        opened.clock.forward(minutes=31)
        yield opened


async def account(school: School) -> StoredAccount:
    (found,) = await school.bridge.store.accounts.all()
    return found


async def schedule(school: School, *, accept: bool = False) -> Row:
    return (await school.refresh(accept=accept))[0]


async def cancelled(school: School) -> int:
    return (await school.ics("anna")).count("SUMMARY:Vervalt: ")


async def test_it_is_held_back_and_nothing_changes_in_the_feed(school: School, club: Club) -> None:
    before, events = await school.ics("anna"), AHEAD + PAST
    club.take(8)
    row = await schedule(school)
    assert (row.ok, row.events, row.removed) == (False, events, 0)
    assert row.error is not None
    assert row.error.startswith("The answer suddenly lacks 8 coming events; it is held back")
    anna = await account(school)
    assert (anna.state, anna.failures, anna.last_error) == (State.HELD, 0, row.error)
    assert await school.ics("anna") == before


async def test_the_other_parts_of_the_account_go_on(school: School, club: Club) -> None:
    club.take(8)
    assert [row.ok for row in await school.refresh()] == [False, True]


async def test_the_same_answer_too_early_confirms_nothing(school: School, club: Club) -> None:
    club.take(8)
    await schedule(school)
    for _ in range(2):
        school.clock.forward(minutes=14, seconds=59)
        assert not (await schedule(school)).ok
    assert await cancelled(school) == 0


async def test_the_same_answer_an_interval_later_is_believed(school: School, club: Club) -> None:
    club.take(8)
    await schedule(school)
    school.clock.forward(minutes=30)
    row = await schedule(school)
    assert (row.ok, row.removed, row.events) == (True, 8, AHEAD + PAST - 8)
    assert (await account(school)).state is State.OK
    assert await cancelled(school) == 8


async def test_when_it_is_due_again_an_interval_has_passed(school: School, club: Club) -> None:
    club.take(8)
    await schedule(school)
    school.clock.now = (await account(school)).next_due
    assert (await schedule(school)).ok


async def test_an_answer_that_lacks_yet_more_has_to_be_confirmed_itself(school: School, club: Club) -> None:
    club.take(8)
    await schedule(school)
    school.clock.forward(minutes=30)
    club.take(2)
    assert not (await schedule(school)).ok
    school.clock.forward(minutes=29)
    assert not (await schedule(school)).ok
    assert await cancelled(school) == 0
    school.clock.forward(minutes=1)
    assert (await schedule(school)).removed == 10


async def test_an_answer_that_lacks_others_has_to_be_confirmed_itself(school: School, club: Club) -> None:
    gone = club.take(8)
    await schedule(school)
    club.take(6)
    club.put(*gone[:4])
    school.clock.forward(minutes=30)
    assert not (await schedule(school)).ok


async def test_a_failure_in_between_neither_confirms_nor_forgets(school: School, club: Club) -> None:
    club.take(8)
    await schedule(school)
    school.clock.forward(minutes=30)
    club.stand_in.faults[LESSONS] = saying(500)
    assert not (await schedule(school)).ok
    assert await cancelled(school) == 0
    club.stand_in.faults.clear()
    assert (await schedule(school)).removed == 8


async def test_what_is_held_stays_held_while_the_school_forbids_to_look(school: School, club: Club) -> None:
    club.take(8)
    await schedule(school)
    club.stand_in.faults[LESSONS] = saying(403)
    assert (await schedule(school)).forbidden
    assert await cancelled(school) == 0


async def test_events_that_are_back_end_it_and_a_later_loss_starts_anew(school: School, club: Club) -> None:
    before = await school.ics("anna")
    gone = club.take(8)
    await schedule(school)
    club.put(*gone)
    row = await schedule(school)
    assert (row.ok, row.added, row.changed, row.removed) == (True, 0, 0, 0)
    assert (await account(school)).state is State.OK
    assert await school.ics("anna") == before
    school.clock.forward(minutes=30)
    club.take(8)
    assert not (await schedule(school)).ok


async def test_the_operator_may_believe_it_at_once(school: School, club: Club) -> None:
    club.take(8)
    await schedule(school)
    row = await schedule(school, accept=True)
    assert (row.ok, row.removed) == (True, 8)
    assert (await account(school)).state is State.OK
    assert await cancelled(school) == 8


async def test_the_operator_may_believe_what_was_not_held_yet(school: School, club: Club) -> None:
    club.take(8)
    assert (await schedule(school, accept=True)).removed == 8


@pytest.mark.parametrize("count", [1, 5, 7])
async def test_fewer_cancellations_are_believed_at_once(school: School, club: Club, count: int) -> None:
    club.take(count)
    row = await schedule(school)
    assert (row.ok, row.removed) == (True, count)
    assert await cancelled(school) == count


async def test_an_answer_without_any_lesson_is_held_back_too(school: School, club: Club) -> None:
    before = await school.ics("anna")
    club.stand_in.faults[LESSONS] = saying(200, '{"lessons": []}')
    await school.refresh()
    assert (await account(school)).state is State.HELD
    assert await school.ics("anna") == before


async def test_what_a_person_hid_goes_without_a_word_also_where_nothing_is_left(school: School, club: Club) -> None:
    club.hidden = {*club.lessons}
    assert not (await schedule(school)).ok
    school.clock.forward(minutes=30)
    assert (await schedule(school)).ok
    assert await cancelled(school) == 0
    assert (await school.ics("anna")).count("SUMMARY:Lesson") == PAST
