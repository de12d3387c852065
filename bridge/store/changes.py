"""Noticing, without asking the database, that another process has changed what feeds answer."""

import asyncio
import sqlite3
from typing import Protocol

import asyncpg
import structlog

from bridge.store.database import Database
from bridge.store.feeds import CHANNEL

_RECONNECT_SECONDS = 1.0
log = structlog.get_logger()


class Changes(Protocol):
    """A number that is another one after feeds may have changed, by whichever process."""

    def stamp(self) -> int:
        """The number now; cheap enough for every request."""

    async def close(self) -> None:
        """Stop looking."""


class SqliteChanges:
    """Looks at the data version in SQLite's shared memory, some microseconds away, without blocking on a writer."""

    def __init__(self, database: Database) -> None:
        self._connection = sqlite3.connect(f"file:{database.file}?mode=ro", uri=True, isolation_level=None)
        self._cursor = self._connection.cursor()

    def stamp(self) -> int:
        """See `Changes.stamp`."""
        version: int = self._cursor.execute("PRAGMA data_version").fetchone()[0]
        return version

    async def close(self) -> None:
        """See `Changes.close`."""
        self._connection.close()


class PostgresChanges:
    """Listens for the notice that each change of a feed sends at its commit.

    While the connection is lost, nothing can be told to be unchanged: every look gives another number.
    """

    def __init__(self, database: Database) -> None:
        self._dsn = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._count = 0
        self._connected = False
        self._task = asyncio.get_running_loop().create_task(self._listen())

    def stamp(self) -> int:
        """See `Changes.stamp`."""
        if not self._connected:
            self._count += 1
        return self._count

    async def close(self) -> None:
        """See `Changes.close`."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _listen(self) -> None:
        while True:
            try:
                connection = await asyncpg.connect(self._dsn)
            except (OSError, asyncpg.PostgresError):
                await asyncio.sleep(_RECONNECT_SECONDS)
                continue
            lost = asyncio.Event()
            try:
                connection.add_termination_listener(lambda _, lost=lost: lost.set())
                await connection.add_listener(CHANNEL, self._heard)
                self._connected = True
                self._count += 1  # whatever happened while nobody listened
                await lost.wait()
                log.warning("storage.listener_lost")
            finally:
                self._connected = False
                await connection.close(timeout=_RECONNECT_SECONDS)

    def _heard(self, *_: object) -> None:
        self._count += 1


def watch_changes(database: Database) -> Changes:
    """The way of noticing that fits the storage; needs a running event loop."""
    return PostgresChanges(database) if database.file is None else SqliteChanges(database)
