import asyncio

from bridge.store.account import State
from bridge.store.storage import Store
from tests.conftest import SettableClock
from tests.store.conftest import OpenStorage, add_account, add_users, put_off


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
