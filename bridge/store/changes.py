"""Notice cheaply that any process has changed what feeds answer."""

import asyncio
import sqlite3
from contextlib import suppress
from typing import Protocol
from urllib.parse import quote

import structlog
from sqlalchemy import Connection, event, text
from sqlalchemy.pool import ConnectionPoolEntry

from bridge.store.database import Database
from bridge.store.marks import stamp
from bridge.store.postgres import CONNECT_SECONDS, POSTGRES_SETTINGS

CHANNEL = "roosterbridge_feeds"
_RECONNECT_SECONDS = 1.0
_ASK_EVERY = 5.0
# A host that stops between preparing a statement and executing it is not idle to the server, which ends idle ones.
_END_HANGING = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = current_user AND state = 'active' AND wait_event = 'ClientRead'
    AND xact_start IS NOT NULL AND state_change < clock_timestamp() - make_interval(secs => $1)
"""
log = structlog.get_logger()


class Changes(Protocol):
    """A stamp that differs after any process may have changed a feed."""

    def stamp(self) -> object:
        """The stamp now, to compare with an earlier one; cheap enough for every request."""

    async def close(self) -> None:
        """Release the connection."""


class SqliteChanges:
    """The mark that each change of a feed leaves, read again when SQLite's `data_version` has changed.

    Both take microseconds and wait for no writer.
    """

    def __init__(self, database: Database) -> None:
        file = quote(str(database.file))
        self._connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True, isolation_level=None)
        self._cursor = self._connection.cursor()
        self._version: object = None
        self._mark: object = None

    def stamp(self) -> object:
        """See `Changes.stamp`. While the file cannot be read, every stamp is a new one."""
        try:
            version = self._cursor.execute("PRAGMA data_version").fetchone()[0]
            if version != self._version:
                self._mark = self._cursor.execute("SELECT value FROM meta WHERE name = ?", (CHANNEL,)).fetchone()
                self._version = version
        except sqlite3.Error:
            self._version = None
            return object()
        return self._mark

    async def close(self) -> None:
        """See `Changes.close`."""
        self._connection.close()


class PostgresChanges:
    """A count of the notifications that each change of a feed sends at its commit.

    Notifications take a moment to arrive, so this process counts its own changes as soon as they are committed.
    While the connection is lost, every stamp is a new one, since changes could be missed. Every now and then it ends
    the sessions of hosts that hang: its connection is the one that never waits for what they have locked.
    """

    def __init__(self, database: Database, *, ask_every: float = _ASK_EVERY) -> None:
        """Listen until `close`. Each `ask_every` seconds, sessions end that have hung for as long."""
        self._ask_every = ask_every
        self._dsn = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._count = 0
        self._connected = False
        self._engine = database.engine
        event.listen(self._engine, "checkin", self._on_checkin)
        self._task = asyncio.get_running_loop().create_task(self._listen())

    def stamp(self) -> object:
        """See `Changes.stamp`."""
        if not self._connected:
            self._count += 1
        return self._count

    async def close(self) -> None:
        """See `Changes.close`."""
        event.remove(self._engine, "checkin", self._on_checkin)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _listen(self) -> None:
        import asyncpg  # noqa: PLC0415 - 2 MB that SQLite is spared

        while True:
            try:
                connection = await asyncpg.connect(
                    self._dsn,
                    timeout=CONNECT_SECONDS,
                    command_timeout=CONNECT_SECONDS,
                    server_settings=POSTGRES_SETTINGS,
                )
            except (OSError, asyncpg.PostgresError):
                await asyncio.sleep(_RECONNECT_SECONDS)
                continue
            lost = asyncio.Event()
            try:
                connection.add_termination_listener(lambda _, lost=lost: lost.set())
                await connection.add_listener(CHANNEL, self._heard)
                self._connected = True
                self._count += 1  # for changes that were missed
                while not lost.is_set():
                    # a connection can die without anybody saying so
                    with suppress(TimeoutError):
                        await asyncio.wait_for(lost.wait(), self._ask_every)
                    await connection.execute(_END_HANGING, self._ask_every)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                log.warning("storage.listener_lost")
            finally:
                self._connected = False
                connection.terminate()

    def _heard(self, *_: object) -> None:
        self._count += 1

    def _on_checkin(self, _connection: object, record: ConnectionPoolEntry) -> None:
        if record.info.pop(CHANNEL, False):
            self._count += 1


def watch_changes(database: Database) -> Changes:
    """The `Changes` of a database. Needs a running event loop."""
    return PostgresChanges(database) if database.file is None else SqliteChanges(database)


def announce(connection: Connection) -> None:
    """Within a transaction: notify all servers, at commit, that a feed has changed."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"NOTIFY {CHANNEL}"))
        connection.info[CHANNEL] = True
        return
    stamp(connection, CHANNEL)
