import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from bridge.store.database import Database, execute
from bridge.store.schema import meta
from bridge.store.storage import Store

NAMES = select(meta.c.name).where(meta.c.value == "test").order_by(meta.c.name)
PATIENCE = 10


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database(f"sqlite:///{tmp_path / 'bridge.db'}")
    await opened.write(meta.create)
    yield opened
    await opened.close()


async def names(database: Database) -> list[str]:
    return list(await database.read(lambda connection: connection.scalars(NAMES).all()))


def put(connection: Connection, *added: str) -> None:
    for name in added:
        execute(connection, insert(meta).values(name=name, value="test"))


@pytest.mark.parametrize("durably", [False, True])
async def test_work_that_fails_leaves_nothing(store: Store, durably: bool) -> None:
    write = store.database.write_durably if durably else store.database.write
    await write(put, "a")
    with pytest.raises(IntegrityError):
        await write(put, "b", "a")
    await write(put, "c")
    assert await names(store.database) == ["a", "c"]


async def test_who_is_cancelled_waits_for_what_is_being_written(database: Database) -> None:
    loop, writing, go_on = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    def write(connection: Connection) -> None:
        put(connection, "a")
        loop.call_soon_threadsafe(writing.set)
        assert go_on.wait(PATIENCE)

    task = asyncio.create_task(database.write(write))
    await writing.wait()
    task.cancel()
    await asyncio.wait({task}, timeout=0.1)
    assert not task.done()
    go_on.set()
    await asyncio.wait({task}, timeout=PATIENCE)
    assert task.cancelled()
    assert await names(database) == ["a"]


async def test_those_who_read_do_not_wait_for_those_who_write(database: Database) -> None:
    go_on = threading.Event()

    def write_slowly(connection: Connection, name: str) -> None:
        assert go_on.wait(PATIENCE)
        put(connection, name)

    writing = [asyncio.create_task(database.write(write_slowly, str(number))) for number in range(20)]
    async with asyncio.timeout(PATIENCE / 2):
        assert await names(database) == []
    go_on.set()
    await asyncio.gather(*writing)
    assert len(await names(database)) == 20


async def test_who_waits_for_another_process_can_be_cancelled(database: Database) -> None:
    with closing(sqlite3.connect(str(database.file), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        task = asyncio.create_task(database.write(put, "a"))
        await asyncio.wait({task}, timeout=0.1)
        task.cancel()
        await asyncio.wait({task}, timeout=2)
        assert task.cancelled()
        waiting = asyncio.create_task(database.write(put, "b"))
        await asyncio.wait({waiting}, timeout=0.5)
        assert not waiting.done()
        other.execute("COMMIT")
        await asyncio.wait_for(waiting, PATIENCE)
    assert await names(database) == ["b"]
