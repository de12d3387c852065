"""However many hosts ask, a source gets no more requests than its budget, and silence where it asks for that."""

import asyncio
import time
from datetime import timedelta

import pytest

from bridge.errors import RateLimited
from bridge.store.budgets import SharedBudget
from bridge.store.storage import Store
from tests.store.conftest import OpenStorage

RATE = 20.0
SOURCE = "Fortes"


def budget(store: Store, rate: float = RATE) -> SharedBudget:
    return SharedBudget(store.database, "fortes", rate)


async def test_hosts_together_keep_to_the_budget(open_storage: OpenStorage) -> None:
    moments: list[float] = []

    async def ask(mine: SharedBudget) -> None:
        await mine.take(SOURCE)
        moments.append(time.monotonic())

    async with open_storage() as one, open_storage() as other, open_storage() as third:
        mine = [budget(store) for store in (one, other, third)]
        await asyncio.gather(*(ask(each) for each in mine for _ in range(20)))
    moments.sort()
    for first, moment in enumerate(moments):
        within = [at for at in moments[first:] if at < moment + 1]
        assert len(within) <= RATE * 2 + 1, "three that do not share would ask three times as often"
    assert moments[-1] - moments[0] >= (60 - 1) / RATE - 0.3
    assert sum(each.taken for each in mine) == 60


async def test_slots_that_nobody_uses_are_not_saved_up(store: Store) -> None:
    now = 0.0
    mine = SharedBudget(store.database, "fortes", 2.0, seconds=lambda: now)
    asked = [asyncio.create_task(mine.take(SOURCE)) for _ in range(2)]
    await asyncio.wait(asked, timeout=0.2)
    for task in asked:
        task.cancel()
    now = 3600.0
    began = time.monotonic()
    await mine.take(SOURCE)
    await budget(store, 2.0).take(SOURCE)
    assert time.monotonic() - began < 30


async def test_a_silence_is_heard_by_all_hosts(open_storage: OpenStorage) -> None:
    async with open_storage() as one, open_storage() as other:
        mine, theirs = budget(one), budget(other)
        await theirs.take(SOURCE)
        before = theirs.quiet
        await mine.hear(timedelta(minutes=2))
        with pytest.raises(RateLimited, match="Fortes asks for fewer requests") as raised:
            await theirs.take(SOURCE)
        assert (before, mine.quiet, theirs.quiet) == (False, True, True)
        assert raised.value.retry_after is not None
        assert timedelta(seconds=110) <= raised.value.retry_after <= timedelta(minutes=2)


async def test_a_short_silence_is_waited_for(open_storage: OpenStorage) -> None:
    async with open_storage() as one, open_storage() as other:
        await budget(one).hear(None)
        began = time.monotonic()
        await budget(other).take(SOURCE)
        assert 0.8 <= time.monotonic() - began < 30


async def test_no_source_silences_everybody_for_days(store: Store) -> None:
    mine = budget(store)
    await mine.hear(timedelta(days=7))
    with pytest.raises(RateLimited) as raised:
        await mine.take(SOURCE)
    assert raised.value.retry_after is not None
    assert raised.value.retry_after <= timedelta(minutes=15)
