"""Connections to SQLite or PostgreSQL, to read, to write, and to write durably.

Work is a plain function of a connection, which `Database` runs from beginning to end. On SQLite it runs in a thread:
changing threads for each statement costs more than the statements. On PostgreSQL it runs in the event loop.
"""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar
from urllib.parse import quote

import structlog
from sqlalchemy import Connection, Engine, Executable, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError

from bridge.errors import ConfigError, StorageError
from bridge.store.trouble import trouble_of
from bridge.upstream.tasks import begin

_DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}
BUSY_SECONDS = 30
_ATTEMPT_MILLISECONDS = 250
_THREADS = 8
_CONNECTIONS = 10
CONNECT_SECONDS = 5.0
_READ_SECONDS = 10.0
_WRITE_SECONDS = 30.0
POSTGRES_SETTINGS = {
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "idle_in_transaction_session_timeout": "5s",
}
"""The server ends sessions of hosts that are gone after 25 seconds, and those of a host that hangs within a transaction
after 5; what they have locked is free then."""
_TAKE_YOUR_TIME = "SET LOCAL idle_in_transaction_session_timeout = 0"

_PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = NORMAL",
    "foreign_keys = ON",
    "cache_size = -16384",
    "secure_delete = ON",  # what is deleted is overwritten
)
_READING, _WRITING = "reading", "writing"
log = structlog.get_logger()
Run = Callable[..., Awaitable[Any]]
"""Runs a function of a connection, with these further arguments."""
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
        self._troubles: dict[str, str] = {}
        self._wrote = time.monotonic()
        self._connections = _Sqlite(self.url) if self.url.get_backend_name() == "sqlite" else _Postgres(self.url)

    @property
    def file(self) -> Path | None:
        """The SQLite file; `None` for PostgreSQL."""
        return Path(self.url.database or "") if isinstance(self._connections, _Sqlite) else None

    @property
    def place(self) -> str:
        """Where the database is, for people."""
        return str(self.file or self.url.host or "the local socket")

    @property
    def write_age(self) -> float:
        """The seconds since something was written, or since the start."""
        return time.monotonic() - self._wrote

    @property
    def engine(self) -> Engine:
        """The engine of the connections, to listen to its events."""
        return self._connections.engine

    async def read(self, work: Callable[Concatenate[Connection, _P], _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Run `work`, which only reads. Each statement sees a consistent state.

        This, and the methods below, raise StorageError if the storage cannot be used.
        """
        reading = self._connections.read(lambda connection: work(connection, *args, **kwargs))
        return await self._telling(_READING, reading)

    async def write(self, work: Callable[Concatenate[Connection, _P], _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Run `work` as a transaction. If it raises, the transaction is rolled back.

        The transaction survives the end of the process, but on SQLite not a power cut shortly after.
        """
        writing = self._connections.write(lambda connection: work(connection, *args, **kwargs), durably=False)
        return await self._telling(_WRITING, writing)

    async def write_durably(
        self, work: Callable[Concatenate[Connection, _P], _T], *args: _P.args, **kwargs: _P.kwargs
    ) -> _T:
        """Run `work` like `write`. The transaction is on disk when this returns."""
        writing = self._connections.write(lambda connection: work(connection, *args, **kwargs), durably=True)
        return await self._telling(_WRITING, writing)

    async def upgrade(self, work: Callable[[Connection], _T]) -> _T:
        """Run `work` like `write`, for as long as it takes."""
        return await self._telling(_WRITING, self._connections.upgrade(work))

    @asynccontextmanager
    async def conversation(self, *, writes: bool) -> AsyncIterator["Run"]:
        """One transaction for as long as it takes; yields what runs work in it. One that only reads sees one moment."""
        async with self._connections.conversation(writes=writes) as run:

            async def telling(work: Callable[..., Any], *args: Any) -> Any:
                doing = run(lambda connection: work(connection, *args))
                return await self._telling(_WRITING if writes else _READING, doing)

            yield telling

    async def scrub(self) -> None:
        """Remove from disk what was removed from the database: on SQLite, empty the write-ahead log.

        The file itself has nothing of it: what is deleted is overwritten. On PostgreSQL that is the server's.
        """
        await self._telling(_WRITING, self._connections.scrub())

    async def close(self) -> None:
        """Close all connections when the running work has ended."""
        await self._connections.close()

    async def _telling(self, what: str, work: Awaitable[_T]) -> _T:
        """Await `work`. A trouble of the storage is logged when it begins and when it is over."""
        try:
            result = await work
        except self._connections.errors as error:
            trouble = trouble_of(error, self.place)
            if trouble is None:
                raise
            if self._troubles.get(what) != trouble.sentence:
                self._troubles[what] = trouble.sentence
                log.warning("storage.trouble", doing=what, sentence=trouble.sentence, cause=type(error).__name__)
            if trouble is error:
                raise
            raise trouble from error
        if what == _WRITING:
            self._wrote = time.monotonic()
        if self._troubles.pop(what, None) is not None:
            log.info("storage.well", doing=what)
        return result


def execute(connection: Connection, statement: Executable, parameters: Parameters = None) -> int:
    """Execute a statement. Returns the number of changed rows."""
    return connection.execute(statement, parameters).rowcount


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
        return await self._run(partial(self._read, work))

    async def write(self, work: Callable[[Connection], _T], *, durably: bool, enforcing: bool = True) -> _T:
        given_up = time.monotonic() + BUSY_SECONDS
        async with self._writers:
            while True:
                try:
                    return await self._run(partial(self._transaction, work, durably=durably, enforcing=enforcing))
                except _LockedElsewhere as error:  # in short attempts: a thread that waits cannot be cancelled
                    if time.monotonic() > given_up:
                        raise OperationalError(None, None, error) from error

    async def upgrade(self, work: Callable[[Connection], _T]) -> _T:
        """See `Database.upgrade`. Foreign keys are checked at its end: a table that is replaced takes nothing along."""
        return await self.write(work, durably=False, enforcing=False)

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
        self._expect_file()
        with self.engine.connect() as connection:
            return work(connection)

    @asynccontextmanager
    async def conversation(self, *, writes: bool) -> AsyncIterator[Run]:
        """See `Database.conversation`. Of those that write there is one at a time, and other writers wait."""
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
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


class _Postgres:
    """Connections in the event loop."""

    def __init__(self, url: URL) -> None:
        import asyncpg  # noqa: PLC0415 - 2 MB that SQLite is spared
        from sqlalchemy.ext.asyncio import create_async_engine  # noqa: PLC0415 - brings the ORM: 8 MB that SQLite is spared

        self.errors: tuple[type[Exception], ...] = (SQLAlchemyError, OSError, asyncpg.PostgresError)
        from sqlalchemy.util.concurrency import greenlet_spawn  # noqa: PLC0415 - as above

        self._spawn = greenlet_spawn
        self._engine = create_async_engine(
            url,
            pool_pre_ping=True,
            pool_size=_CONNECTIONS,
            pool_timeout=_READ_SECONDS,
            connect_args={"timeout": CONNECT_SECONDS, "server_settings": POSTGRES_SETTINGS},
        )
        self.engine = self._engine.sync_engine

    async def read(self, work: Callable[[Connection], _T]) -> _T:
        async with self._within(_READ_SECONDS), self._engine.connect() as connection:
            return await connection.run_sync(work)

    async def write(self, work: Callable[[Connection], _T], *, durably: bool) -> _T:  # noqa: ARG002 - it always is
        async with self._within(_WRITE_SECONDS), self._engine.begin() as connection:
            return await connection.run_sync(work)

    async def upgrade(self, work: Callable[[Connection], _T]) -> _T:
        """See `Database.upgrade`."""
        async with self._engine.begin() as connection:
            await connection.exec_driver_sql(_TAKE_YOUR_TIME)
            return await connection.run_sync(work)

    @asynccontextmanager
    async def conversation(self, *, writes: bool) -> AsyncIterator[Run]:
        """See `Database.conversation`."""
        async with self._engine.begin() as connection:
            if not writes:
                await connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            await connection.exec_driver_sql(_TAKE_YOUR_TIME)
            yield connection.run_sync

    @asynccontextmanager
    async def _within(self, seconds: float) -> AsyncIterator[None]:
        """Limit the time: a connection can be dead without anybody saying so. Then the others are not used again."""
        pool = self.engine.pool
        try:
            async with asyncio.timeout(seconds):
                yield
        except TimeoutError:
            if pool is self.engine.pool:
                await self._engine.dispose(close=False)
                begin(self._spawn(pool.dispose))
            raise

    async def scrub(self) -> None:
        """Do nothing; see `Database.scrub`."""

    async def close(self) -> None:
        await self._engine.dispose()
