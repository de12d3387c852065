"""Due accounts go to one process each, whoever claims them."""

import asyncio
from datetime import timedelta

from sqlalchemy import update

from bridge.store.account import State
from bridge.store.budgets import SharedBudget
from bridge.store.database import execute
from bridge.store.jobs import Standing
from bridge.store.lock import for_account
from bridge.store.schema import leases
from bridge.store.storage import Store
from tests.conftest import SettableClock
from tests.store.conftest import OpenStorage, add_account, add_users, put_off

ACCOUNTS = 40


async def due(store: Store, clock: SettableClock, *, limit: int = 9) -> list[str | None]:
    """The users whose accounts are claimed, which are free again after it."""
    claims = await store.claims.claim(clock(), ["fortes"], limit=limit)
    for claim in claims:
        await store.locks.give(claim.lease)
    return [claim.account.user for claim in claims]


async def test_the_account_that_is_due_longest_comes_first(store: Store, clock: SettableClock) -> None:
    await add_users(store, clock, "anna", "bram", "cas")
    for user, minutes in {"anna": 20, "bram": 10, "cas": 30}.items():
        await put_off(store, user, clock, minutes=minutes)
    assert await due(store, clock) == []
    clock.forward(minutes=20)
    assert await due(store, clock) == ["bram", "anna"]
    assert await due(store, clock, limit=1) == ["bram"]


async def test_first_imports_come_before_routine(store: Store, clock: SettableClock) -> None:
    await add_users(store, clock, "anna", "bram")
    for user in ("anna", "bram"):
        await put_off(store, user, clock, minutes=-30)
    await add_users(store, clock, "cas")
    assert await due(store, clock) == ["cas", "anna", "bram"]
    assert await due(store, clock, limit=1) == ["cas"]


async def test_an_account_that_is_under_way_or_needs_a_login_is_not_due(store: Store, clock: SettableClock) -> None:
    numbers = await add_users(store, clock, "anna", "bram", "cas")
    await put_off(store, "bram", clock, State.LOGIN_NEEDED)
    async with store.locks.hold(for_account(numbers[0])):
        assert await due(store, clock) == ["cas"]


async def test_other_sources_accounts_are_not_due(store: Store, clock: SettableClock) -> None:
    await add_users(store, clock, "anna")
    assert await store.claims.claim(clock(), ["uva"], limit=9) == []


async def test_an_account_that_is_added_again_is_due_at_once(store: Store, clock: SettableClock) -> None:
    await add_users(store, clock, "anna")
    await put_off(store, "anna", clock, days=7)
    await add_account(store, "anna")
    assert await due(store, clock) == ["anna"]


async def test_processes_that_claim_at_once_get_each_account_once(
    open_storage: OpenStorage, clock: SettableClock
) -> None:
    async with open_storage() as one, open_storage() as other, open_storage() as third:
        await add_users(one, clock, *(f"user{number}" for number in range(ACCOUNTS)))
        claimed = await asyncio.gather(
            *(store.claims.claim(clock(), ["fortes"], limit=7) for store in (one, other, third) * 4)
        )
        users = [claim.account.user for claims in claimed for claim in claims]
        assert len(users) == len(set(users)) == ACCOUNTS
        assert await one.claims.claim(clock(), ["fortes"], limit=7) == []


async def test_of_accounts_that_share_a_login_one_is_claimed(store: Store, clock: SettableClock) -> None:
    login = await store.credentials.add("fortes", "secret")
    for user in ("anna", "bram"):
        await store.users.add(user, "", clock())
        await add_account(store, user, login.id)
    (claim,) = await store.claims.claim(clock(), ["fortes"], limit=9)
    assert await store.claims.claim(clock(), ["fortes"], limit=9) == []
    await store.locks.give(claim.lease)
    assert len(await store.claims.claim(clock(), ["fortes"], limit=9)) == 1


async def test_what_a_process_that_hangs_has_claimed_goes_to_another(
    open_storage: OpenStorage, clock: SettableClock
) -> None:
    async with open_storage() as hanging, open_storage() as other:
        await add_users(hanging, clock, "anna")
        (lost,) = await hanging.claims.claim(clock(), ["fortes"], limit=9)
        assert await other.claims.claim(clock(), ["fortes"], limit=9) == []
        await other.database.write(execute, update(leases).values(until=1.0))
        (claim,) = await other.claims.claim(clock(), ["fortes"], limit=9)
        assert claim.account == lost.account
        after = Standing(State.OK, 0, clock(), None, clock() + timedelta(minutes=30))
        assert await hanging.jobs.save(lost.account, [], after, lost.lease) is None
        assert await other.jobs.save(claim.account, [], after, claim.lease) is not None


async def test_claims_last_for_as_long_as_they_are_kept(store: Store, clock: SettableClock) -> None:
    await add_users(store, clock, "anna", "bram")
    one, two = await store.claims.claim(clock(), ["fortes"], limit=9)
    async with store.locks.keep(one.lease):
        async with store.locks.keep(two.lease):
            pass
        assert await due(store, clock) == ["bram"]
    assert await due(store, clock) == ["anna", "bram"]


async def test_accounts_at_a_source_that_asked_for_silence_wait(store: Store, clock: SettableClock) -> None:
    await add_users(store, clock, "anna")
    await SharedBudget(store.database, "fortes", 10).hear(timedelta(seconds=60))
    assert await due(store, clock) == []


async def test_who_was_never_read_comes_before_who_has_a_calendar(store: Store, clock: SettableClock) -> None:
    await add_users(store, clock, "anna", "bram")
    await put_off(store, "anna", clock, minutes=30)
    clock.forward(hours=1)
    await add_users(store, clock, "cas")
    assert await due(store, clock) == ["bram", "cas", "anna"]
    assert await due(store, clock, limit=1) == ["bram"]


async def test_a_lower_interval_leaves_alone_who_is_worked_on(store: Store, clock: SettableClock) -> None:
    await add_users(store, clock, "anna", "bram")
    for user in ("anna", "bram"):
        await put_off(store, user, clock, minutes=10)
    clock.forward(minutes=10)
    (claim,) = await store.claims.claim(clock(), ["fortes"], limit=1)
    await store.claims.pull_back("fortes", timedelta(minutes=5))
    anna, bram = await store.accounts.all()
    assert anna.next_due == claim.account.next_due, "else what comes for it would be thrown away"
    assert bram.next_due == clock() - timedelta(minutes=5)
