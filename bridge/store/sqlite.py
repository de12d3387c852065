"""Connections to an SQLite file, each in a thread.

Changing threads for each statement would cost more than the statements, so that work runs in its thread from
beginning to end.
"""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from bridge.errors import StorageError
from bridge.store.connections import Run

BUSY_SECONDS = 30
_ATTEMPT_MILLISECONDS = 250
_WAL_PAUSE_SECONDS = 0.025
_THREADS = 8
_PRAGMAS = (
    "synchronous = NORMAL",
    "foreign_keys = ON",
    "cache_size = -4096",
    "secure_delete = ON",  # what is deleted is overwritten
)
_T = TypeVar("_T")


class SqliteConnections:
    """Threads with a connection each. Writers queue here, so that they do not take threads from readers."""

    errors: tuple[type[Exception], ...] = (SQLAlchemyError, OSError, StorageError)

    def __init__(self, url: URL) -> None:
        self._file = Path(url.database or "")
        self._identity: tuple[int, int] | None = None
        # `_transaction` begins and ends transactions, so that reading needs none.
        self.engine = create_engine(
            url,
            creator=self._connect,
            isolation_level="AUTOCOMMIT",
            skip_autocommit_rollback=True,
            pool_size=_THREADS,
            pool_use_lifo=True,  # fewer connections with a warm cache each
        )
        event.listen(self.engine, "connect", _prepare)
        self._threads = ThreadPoolExecutor(_THREADS, "storage")
        self._writers = asyncio.Lock()

    def _connect(self) -> sqlite3.Connection:
        """Connect to the file; only the first connection may make it."""
        mode = "rwc" if self._identity is None else "rw"
        uri = f"file:{quote(str(self._file))}?mode={mode}"
        connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, check_same_thread=False)
        if self._identity is None:
            self._identity = _identity(self._file)
        return connection

    def _expect_file(self) -> None:
        """Raise StorageError if the file was removed or replaced: what is written to it would be lost."""
        if self._identity is not None and _identity(self._file) != self._identity:
            raise StorageError(f"The storage at {self._file} is gone, or another file is there; start again with it.")

    async def read(self, work: Callable[[Connection], _T]) -> _T:
        """See `Connections.read`."""
        return await self._run(partial(self._read, work))

    async def write(self, work: Callable[[Connection], _T], *, durably: bool, enforcing: bool = True) -> _T:
        """See `Connections.write`. Foreign keys are checked at each statement if it is `enforcing`, else at the end."""
        given_up = time.monotonic() + BUSY_SECONDS
        async with self._writers:
            while True:
                try:
                    return await self._run(partial(self._transaction, work, durably=durably, enforcing=enforcing))
                except _LockedElsewhere as error:  # in short attempts: a thread that waits cannot be cancelled
                    if time.monotonic() > given_up:
                        raise OperationalError(None, None, error) from error

    async def upgrade(self, work: Callable[[Connection], _T]) -> _T:
        """See `Connections.upgrade`. Foreign keys are checked at its end, so a table can be replaced."""
        return await self.write(work, durably=False, enforcing=False)

    async def close(self) -> None:
        """See `Connections.close`."""
        await asyncio.to_thread(self._threads.shutdown)
        self.engine.dispose()

    async def scrub(self) -> None:
        """See `Connections.scrub`. While others read all the time, a part of the log stays until the next one."""
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
        self._expect_file()
        with self.engine.connect() as connection:
            return work(connection)

    @asynccontextmanager
    async def conversation(self, *, writes: bool) -> AsyncIterator[Run]:
        """See `Connections.conversation`. Of those that write there is one at a time, and other writers wait."""
        async with self._writers if writes else nullcontext():
            self._expect_file()
            connection = await self._run(self.engine.connect)
            session: Any = connection.connection.dbapi_connection

            async def run(work: Callable[[Connection], _T]) -> _T:
                return await self._run(partial(work, connection))

            try:
                await self._run(partial(session.execute, "BEGIN IMMEDIATE" if writes else "BEGIN"))
                yield run
                await self._run(partial(session.execute, "COMMIT"))
            finally:
                if session.in_transaction:
                    session.execute("ROLLBACK")
                connection.close()

    def _transaction(self, work: Callable[[Connection], _T], *, durably: bool, enforcing: bool) -> _T:
        """Take the write lock at once: a transaction that reads before it writes can fail half-way."""
        self._expect_file()
        with self.engine.connect() as connection:
            connection.begin()  # for alembic, which commits by itself otherwise; SQLite hears it below, sooner
            session: Any = connection.connection.dbapi_connection
            try:
                if durably:
                    session.execute("PRAGMA synchronous = FULL")
                if not enforcing:
                    session.execute("PRAGMA foreign_keys = OFF")
                _begin(session)
                result = work(connection)
                if not enforcing and session.execute("PRAGMA foreign_key_check").fetchone():
                    raise StorageError("The storage could not be upgraded: rows would have lost what they belong to.")
                session.execute("COMMIT")
            except sqlite3.Error as error:
                raise OperationalError(None, None, error) from error
            finally:
                if session.in_transaction:
                    session.execute("ROLLBACK")
                if durably:
                    session.execute("PRAGMA synchronous = NORMAL")
                if not enforcing:
                    session.execute("PRAGMA foreign_keys = ON")
            return result


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


class _LockedElsewhere(Exception):
    """Another process writes."""

    sqlite_errorcode = sqlite3.SQLITE_BUSY  # as SQLite's own errors have it


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
    _enable_wal(connection)
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _enable_wal(session: sqlite3.Connection) -> None:
    """Enable write-ahead logging. SQLite fails at once, without its usual wait, if another process does the same."""
    given_up = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            session.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > given_up:
                raise
            time.sleep(_WAL_PAUSE_SECONDS)
        else:
            return
