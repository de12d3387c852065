import asyncio
from datetime import timedelta

from bridge.store.accounts import State
from bridge.store.jobs import Standing
from bridge.store.storage import Store
from tests.conftest import SettableClock
from tests.saving import save_refresh
from tests.store.conftest import OpenStorage, add_account


async def put_off(store: Store, user: str, clock: SettableClock, state: State = State.OK, **later: float) -> None:
    (account,) = await store.accounts.all(user=user)
    due = clock() + timedelta(**later)
    await save_refresh(store, account, [], Standing(state, 0, clock(), None, due))


async def due(store: Store, clock: SettableClock, *, limit: int = 9, but: tuple[int, ...] = ()) -> list[str | None]:
    return [found.user for found in await store.accounts.due(clock(), ["fortes"], limit=limit, but=but)]


async def add_users(store: Store, clock: SettableClock, *users: str) -> list[int]:
    for user in users:
        await store.users.add(user, "", clock())
    return [await add_account(store, user) for user in users]


async def test_the_account_that_is_due_longest_comes_first(store: Store, clock: SettableClock) -> None:
    await add_users(store, clock, "anna", "bram", "cas")
    for user, minutes in {"anna": 20, "bram": 10, "cas": 30}.items():
        await put_off(store, user, clock, minutes=minutes)
    assert await due(store, clock) == []
    clock.forward(minutes=20)
    assert await due(store, clock) == ["bram", "anna"]
    assert await due(store, clock, limit=1) == ["bram"]


async def test_an_account_that_is_under_way_or_needs_a_login_is_not_due(store: Store, clock: SettableClock) -> None:
    numbers = await add_users(store, clock, "anna", "bram", "cas")
    await put_off(store, "bram", clock, State.LOGIN_NEEDED)
    assert await due(store, clock, but=(numbers[0],)) == ["cas"]


async def test_other_sources_accounts_are_not_due(store: Store, clock: SettableClock) -> None:
    await add_users(store, clock, "anna")
    assert await store.accounts.due(clock(), ["uva"], limit=9, but=[]) == []


async def test_an_account_that_is_added_again_is_due_at_once(store: Store, clock: SettableClock) -> None:
    await add_users(store, clock, "anna")
    await put_off(store, "anna", clock, days=7)
    await add_account(store, "anna")
    assert await due(store, clock) == ["anna"]


async def test_the_account_of_nobody_is_made_once_by_however_many(
    open_storage: OpenStorage, clock: SettableClock
) -> None:
    async with open_storage() as one, open_storage() as other:
        await asyncio.gather(*(store.accounts.ensure_shared("holidays", clock()) for store in (one, other) * 3))
        assert [(found.user, found.source, found.state) for found in await one.accounts.all()] == [
            (None, "holidays", State.NEW)
        ]


async def test_accounts_are_counted_by_source_and_state(store: Store, clock: SettableClock) -> None:
    await add_users(store, clock, "anna", "bram", "cas")
    await store.accounts.ensure_shared("holidays", clock())
    await put_off(store, "cas", clock, State.HELD)
    assert await store.accounts.count() == {
        ("fortes", State.NEW): 2,
        ("fortes", State.HELD): 1,
        ("holidays", State.NEW): 1,
    }


async def test_two_processes_may_add_one_account_at_once(open_storage: OpenStorage, clock: SettableClock) -> None:
    async with open_storage() as one, open_storage() as other:
        await one.users.add("anna", "", clock())
        numbers = await asyncio.gather(*(add_account(store) for store in (one, other) * 3))
        assert len(set(numbers)) == 1
