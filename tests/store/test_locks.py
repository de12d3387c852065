import asyncio

import pytest
from sqlalchemy import text

from bridge.store.database import execute
from bridge.store.locks import LockBusy, for_account, for_login
from bridge.store.storage import Store
from tests.store.conftest import OpenStorage
from tests.store.processes import holding

MOMENT = 0.2
LOGIN = for_login(7)


async def test_what_another_process_holds_is_busy(store: Store, storage_url: str) -> None:
    async with holding(storage_url, LOGIN):
        with pytest.raises(LockBusy, match="Another process"):
            async with store.locks.hold(LOGIN, patience=MOMENT):
                pytest.fail("two processes hold one lock")


async def test_other_locks_are_free_while_one_is_held(store: Store, storage_url: str) -> None:
    async with holding(storage_url, LOGIN):
        for other in (for_login(6), for_login(8), for_account(7)):
            async with store.locks.hold(other, patience=MOMENT):
                pass


async def test_a_killed_process_holds_nothing(store: Store, storage_url: str) -> None:
    async with holding(storage_url, LOGIN) as holder:
        holder.kill()
        await holder.wait()
        async with store.locks.hold(LOGIN, patience=5):
            pass


async def test_a_lock_goes_to_whoever_waits_for_it(store: Store, storage_url: str) -> None:
    async with holding(storage_url, LOGIN) as holder:
        got = asyncio.Event()

        async def wait_for_it() -> None:
            async with store.locks.hold(LOGIN):
                got.set()

        waiting = asyncio.create_task(wait_for_it())
        await asyncio.wait({waiting}, timeout=MOMENT)
        assert not got.is_set()
        holder.kill()
        await asyncio.wait_for(waiting, 5)
    assert got.is_set()


async def test_in_one_process_the_holders_of_a_lock_take_turns(store: Store) -> None:
    inside: list[int] = []

    async def hold() -> None:
        async with store.locks.hold(LOGIN):
            inside.append(1)
            assert sum(inside) == 1
            await asyncio.sleep(0)
            inside.pop()

    await asyncio.gather(*(hold() for _ in range(20)))


async def test_a_lock_is_free_again_after_an_error(store: Store, storage_url: str) -> None:
    with pytest.raises(ZeroDivisionError):
        async with store.locks.hold(LOGIN):
            raise ZeroDivisionError
    async with holding(storage_url, LOGIN):
        pass


async def test_locks_can_be_held_again_after_the_server_has_ended_all_connections(
    open_storage: OpenStorage, storage_url: str
) -> None:
    if storage_url.startswith("sqlite"):
        pytest.skip("SQLite has no connections that could end")
    async with open_storage() as store, open_storage() as other:
        async with store.locks.hold(LOGIN):
            pass
        await other.database.write(
            execute,
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            ),
        )
        async with store.locks.hold(LOGIN), asyncio.timeout(5):
            with pytest.raises(LockBusy):
                async with other.locks.hold(LOGIN, patience=MOMENT):
                    pytest.fail("two sessions hold one lock")
