"""Connections to SQLite or PostgreSQL, to read, to write, and to write durably.

Work is a plain function of a connection, which `Database` runs from beginning to end. On SQLite it runs in a thread:
changing threads for each statement costs more than the statements. On PostgreSQL it runs in the event loop.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, Executable, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, InterfaceError, OperationalError

from bridge.errors import ConfigError

_DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}
BUSY_SECONDS = 30
_ATTEMPT_MILLISECONDS = 250
_THREADS = 8
_CONNECTIONS = 10
_PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = NORMAL",
    "foreign_keys = ON",
    "cache_size = -16384",
    "secure_delete = ON",  # what is deleted is overwritten
)
Parameters = Mapping[str, object] | Sequence[Mapping[str, object]] | None
_P = ParamSpec("_P")
_T = TypeVar("_T")


class Database:
    """A database and its connections, which are opened at the first use."""

    def __init__(self, url: str) -> None:
        """Create a database for `url`.

        Raises:
            ConfigError: `url` is not a sqlite: or postgresql: address.
        """
        self.url = _parse(url)
        self._connections = _Sqlite(self.url) if self.url.get_backend_name() == "sqlite" else _Postgres(self.url)

    @property
    def file(self) -> Path | None:
        """The SQLite file; `None` for PostgreSQL."""
        return Path(self.url.database or "") if isinstance(self._connections, _Sqlite) else None

    @property
    def engine(self) -> Engine:
        """The engine of the connections, to listen to its events."""
        return self._connections.engine

    async def read(self, work: Callable[Concatenate[Connection, _P], _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Run `work`, which only reads. Each statement sees a consistent state."""
        return await self._connections.read(lambda connection: work(connection, *args, **kwargs))

    async def write(self, work: Callable[Concatenate[Connection, _P], _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Run `work` as a transaction. If it raises, the transaction is rolled back.

        The transaction survives the end of the process, but on SQLite not a power cut shortly after.
        """
        return await self._connections.write(lambda connection: work(connection, *args, **kwargs), durably=False)

    async def write_durably(
        self, work: Callable[Concatenate[Connection, _P], _T], *args: _P.args, **kwargs: _P.kwargs
    ) -> _T:
        """Run `work` like `write`. The transaction is on disk when this returns."""
        return await self._connections.write(lambda connection: work(connection, *args, **kwargs), durably=True)

    async def scrub(self) -> None:
        """Remove from disk what was removed from the database: on SQLite, empty the write-ahead log.

        The file itself has nothing of it: what is deleted is overwritten. On PostgreSQL that is the server's.
        """
        await self._connections.scrub()

    async def close(self) -> None:
        """Close all connections when the running work has ended."""
        await self._connections.close()


def execute(connection: Connection, statement: Executable, parameters: Parameters = None) -> int:
    """Execute a statement. Returns the number of changed rows."""
    return connection.execute(statement, parameters).rowcount


def unreachable(error: DBAPIError | OSError) -> bool:
    """Whether `error` means that the storage cannot be opened, rather than that a statement is wrong."""
    return isinstance(error, OSError | OperationalError | InterfaceError) or type(error) in {DatabaseError, DBAPIError}


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ConfigError("The setting storage.url is not an address such as sqlite:///data/bridge.db.") from None
    if parsed.drivername not in _DRIVERS:
        raise ConfigError("The setting storage.url begins with sqlite:/// or postgresql://.")
    if parsed.drivername == "sqlite" and not parsed.database:
        raise ConfigError("The setting storage.url has no file name.")
    return parsed.set(drivername=_DRIVERS[parsed.drivername])


class _Sqlite:
    """Threads with a connection each. Writers queue here, so that they do not take threads from readers."""

    def __init__(self, url: URL) -> None:
        # `_transaction` begins and ends transactions, so that reading needs none.
        self.engine = create_engine(
            url,
            connect_args={"timeout": BUSY_SECONDS},
            isolation_level="AUTOCOMMIT",
            skip_autocommit_rollback=True,
            pool_size=_THREADS,
        )
        event.listen(self.engine, "connect", _prepare)
        self._threads = ThreadPoolExecutor(_THREADS, "storage")
        self._writers = asyncio.Lock()

    async def read(self, work: Callable[[Connection], _T]) -> _T:
        return await self._run(partial(self._read, work))

    async def write(self, work: Callable[[Connection], _T], *, durably: bool) -> _T:
        given_up = time.monotonic() + BUSY_SECONDS
        async with self._writers:
            while True:
                try:
                    return await self._run(partial(self._transaction, work, durably=durably))
                except _LockedElsewhere as error:  # in short attempts: a thread that waits cannot be cancelled
                    if time.monotonic() > given_up:
                        raise OperationalError(None, None, error) from error

    async def close(self) -> None:
        await asyncio.to_thread(self._threads.shutdown)
        self.engine.dispose()

    async def scrub(self) -> None:
        """See `Database.scrub`. While others read all the time, a part of the log stays until the next one."""
        await self._run(self._empty_log)

    def _empty_log(self) -> None:
        with self.engine.connect() as connection:
            session: Any = connection.connection.dbapi_connection
            session.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    async def _run(self, work: Callable[[], _T]) -> _T:
        """Run `work` in a thread. A cancelled caller still waits for its end, so that nothing is written later."""
        running = asyncio.get_running_loop().run_in_executor(self._threads, work)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            await asyncio.wait({running})
            running.exception()  # nobody awaits it
            raise

    def _read(self, work: Callable[[Connection], _T]) -> _T:
        with self.engine.connect() as connection:
            return work(connection)

    def _transaction(self, work: Callable[[Connection], _T], *, durably: bool) -> _T:
        """Take the write lock at once: a transaction that reads before it writes can fail half-way."""
        with self.engine.connect() as connection:
            connection.begin()  # for alembic, which commits by itself otherwise; SQLite hears it below, sooner
            session: Any = connection.connection.dbapi_connection
            try:
                if durably:
                    session.execute("PRAGMA synchronous = FULL")
                _begin(session)
                result = work(connection)
                session.execute("COMMIT")
            except sqlite3.Error as error:
                raise OperationalError(None, None, error) from error
            finally:
                if session.in_transaction:
                    session.execute("ROLLBACK")
                if durably:
                    session.execute("PRAGMA synchronous = NORMAL")
            return result


class _LockedElsewhere(Exception):
    """Another process writes."""


def _begin(session: sqlite3.Connection) -> None:
    session.execute(f"PRAGMA busy_timeout = {_ATTEMPT_MILLISECONDS}")
    try:
        session.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise
        raise _LockedElsewhere("database is locked") from error
    finally:
        session.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")


def _prepare(connection: Any, _record: object) -> None:
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


class _Postgres:
    """Connections in the event loop."""

    def __init__(self, url: URL) -> None:
        from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415 - brings the ORM: 8 MB that SQLite is spared

        self._engine = create_async_engine(url, pool_pre_ping=True, pool_size=_CONNECTIONS)
        self.engine = self._engine.sync_engine

    async def read(self, work: Callable[[Connection], _T]) -> _T:
        async with self._engine.connect() as connection:
            return await connection.run_sync(work)

    async def write(self, work: Callable[[Connection], _T], *, durably: bool) -> _T:  # noqa: ARG002 - it always is
        async with self._engine.begin() as connection:
            return await connection.run_sync(work)

    async def scrub(self) -> None:
        """Do nothing; see `Database.scrub`."""

    async def close(self) -> None:
        await self._engine.dispose()
