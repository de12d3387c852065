import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url, update

from bridge.store.database import execute
from bridge.store.lock import for_account, for_login
from bridge.store.locks import LockBusy, Locks
from bridge.store.schema import leases
from bridge.store.storage import Store
from tests.program import PATIENCE
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
        await wait_out_a_lease(store)
        async with store.locks.hold(LOGIN, patience=5):
            pass


async def wait_out_a_lease(store: Store) -> None:
    """Let leases end where a process that has ended cannot be told from one that hangs."""
    if store.database.file is None:
        await store.database.write(execute, update(leases).values(until=1.0))


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
        await holder.wait()
        await wait_out_a_lease(store)
        await asyncio.wait_for(waiting, PATIENCE)
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


async def test_a_lock_of_a_process_that_hangs_goes_to_another_which_alone_can_write_then(
    open_storage: OpenStorage, storage_url: str
) -> None:
    short = timedelta(seconds=0.5)
    async with open_storage() as store, open_storage() as other:
        hanging, awake = Locks(store.database, length=short), Locks(other.database, length=short)
        stopped = await hanging.take(LOGIN)
        assert stopped is not None
        async with awake.hold(LOGIN) as lease:
            assert not await store.database.read(stopped.held)
            await hanging.give(stopped)  # which is not its own any more
            assert await other.database.read(lease.held)
        for locks in (hanging, awake):
            locks.close()


async def test_a_lock_is_held_for_longer_than_its_lease_while_its_process_works(
    open_storage: OpenStorage, storage_url: str
) -> None:
    short = timedelta(seconds=1)
    async with open_storage() as store, open_storage() as other:
        mine, theirs = Locks(store.database, length=short), Locks(other.database, length=short)
        async with mine.hold(LOGIN) as lease:
            with pytest.raises(LockBusy):
                async with theirs.hold(LOGIN, patience=2.5):
                    pytest.fail("two hold one lock")
            assert await store.database.read(lease.held)
        for locks in (mine, theirs):
            locks.close()


async def test_a_lease_from_before_the_clock_was_set_back_holds_nobody_up(store: Store) -> None:
    assert await store.locks.take(LOGIN) is not None
    await store.database.write(execute, update(leases).values(until=leases.c.until + 3600, owner="0" * 16))
    async with store.locks.hold(LOGIN, patience=5):
        pass


async def test_what_a_process_leaves_beside_the_storage_goes_with_the_next_one(
    open_storage: OpenStorage, storage_url: str
) -> None:
    if not storage_url.startswith("sqlite"):
        pytest.skip("only SQLite has files")
    folder = Path(make_url(storage_url).database or "").parent
    async with open_storage() as store:
        async with holding(storage_url, LOGIN) as holder:
            holder.kill()
            await holder.wait()
            assert len(list(folder.glob("*.alive"))) == 1
        async with store.locks.hold(LOGIN):
            assert len(list(folder.glob("*.alive"))) == 1
    assert not list(folder.glob("*.alive"))
