"""What a source needs a second, and the sentence when that is not allowed."""

from datetime import timedelta

import pytest

from bridge.store.storage import Store
from bridge.sync.load import Load, LoadNotes, loads
from tests.club.server import new_club
from tests.conftest import OpenSchool, SettableClock


def load(accounts: int = 1200, per_refresh: float | None = 12, *, allowed: float = 10, minutes: float = 30) -> Load:
    return Load("fortes", accounts, per_refresh, timedelta(minutes=minutes), allowed, timedelta(0))


def test_a_source_that_keeps_up_says_what_it_needs() -> None:
    assert load().kept
    assert load().sentence == "fortes: 1,200 accounts × 12 requests every 30m need 8 a second; 10 are allowed."


def test_a_source_that_does_not_says_which_numbers_would_do() -> None:
    slow = load(allowed=5)
    assert not slow.kept
    assert slow.sentence == (
        "fortes: 1,200 accounts × 12 requests every 30m need 8 a second, but 5 are allowed: the interval cannot be "
        'kept. requests_per_second = 8 would do, or interval = "48m".'
    )
    assert load(allowed=8).kept
    assert load(allowed=5, minutes=48).kept


@pytest.mark.parametrize("accounts", [1, 7, 999, 20_000])
@pytest.mark.parametrize("allowed", [0.3, 1, 9.9])
def test_the_numbers_that_it_names_do(accounts: int, allowed: float) -> None:
    slow = load(accounts, 3.7, allowed=allowed, minutes=0.1)
    assert slow.needed is not None
    if not slow.kept:
        assert load(accounts, 3.7, allowed=int(slow.needed) + 1, minutes=0.1).kept
        assert "would do" in (slow.sentence or "")


def test_before_a_refresh_nothing_is_known() -> None:
    assert load(per_refresh=None).sentence is None
    assert load(per_refresh=None).kept


async def test_requests_and_refreshes_are_counted_for_all_processes(
    open_school: OpenSchool, clock: SettableClock
) -> None:
    async with open_school({"club": new_club(clock).stand_in}) as school:
        bridge = school.bridge
        await school.add("anna", "club")
        notes = LoadNotes(bridge.store, bridge.sources)
        before = bridge.sources["club"].budget.taken
        await school.refresh()
        notes.refreshed("club")
        await notes.note()
        await notes.note()
        (found,) = await loads(bridge.store, bridge.sources, bridge.known.intervals, school.clock())
        assert (found.source, found.accounts, found.lag) == ("club", 1, timedelta(0))
        assert found.per_refresh == bridge.sources["club"].budget.taken >= before > 0
        school.clock.forward(hours=1)
        (late,) = await loads(bridge.store, bridge.sources, bridge.known.intervals, school.clock())
        assert late.lag >= timedelta(minutes=20)


async def test_what_was_long_ago_fades(open_school: OpenSchool, clock: SettableClock) -> None:
    async with open_school({"club": new_club(clock).stand_in}) as school:
        await school.add("anna", "club")
        store: Store = school.bridge.store
        for _ in range(30):
            await store.budgets.note("club", requests=12_000, refreshes=1000)
        for _ in range(30):
            await store.budgets.note("club", requests=2000, refreshes=1000)
        assert (await store.budgets.loads())["club"].per_refresh == pytest.approx(2, abs=0.2)
