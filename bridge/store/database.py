"""The connection to SQLite or PostgreSQL: one way to read, one to write, one to write durably."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bridge.errors import ConfigError

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
}
_BUSY_SECONDS = 30


class Database:
    """A storage address and its connections; nothing is opened before the first use."""

    def __init__(self, url: str) -> None:
        """Prepare the connections.

        Raises:
            ConfigError: `url` is no sqlite: or postgresql: address.
        """
        self.url = _parse(url)
        self.engine = _engine(self.url)

    @property
    def file(self) -> Path | None:
        """The SQLite file; none on PostgreSQL."""
        return Path(self.url.database or "") if self.url.get_backend_name() == "sqlite" else None

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection whose statements see one state of the data."""
        async with self.engine.connect() as connection:
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction, committed at the end; survives the death of the process, not a power cut right after."""
        async with self.engine.connect() as connection:
            writing = await connection.execution_options(writes=True)
            async with writing.begin():
                yield writing

    @asynccontextmanager
    async def write_durably(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that is on disk when this ends."""
        if self.file is None:
            async with self.write() as connection:
                yield connection
            return
        async with self.engine.connect() as connection:
            await _synchronous(connection, "FULL")
            try:
                writing = await connection.execution_options(writes=True)
                async with writing.begin():
                    yield writing
            finally:
                await _synchronous(connection, "NORMAL")

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()


def unreachable(error: DBAPIError | OSError) -> bool:
    """Whether `error` says that the storage is not there, rather than that a statement is wrong."""
    return isinstance(error, OSError | OperationalError | InterfaceError)


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ConfigError("The setting storage.url is not an address such as sqlite:///data/bridge.db.") from None
    if parsed.drivername not in _DRIVERS:
        raise ConfigError("The setting storage.url begins with sqlite:/// or postgresql://.")
    if parsed.drivername == "sqlite" and not parsed.database:
        raise ConfigError("The setting storage.url names no file.")
    return parsed.set(drivername=_DRIVERS[parsed.drivername])


def _engine(url: URL) -> AsyncEngine:
    if url.get_backend_name() != "sqlite":
        return create_async_engine(url, pool_pre_ping=True, pool_size=10)
    engine = create_async_engine(url, connect_args={"timeout": _BUSY_SECONDS}, pool_size=8)
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun by `_begin_sqlite`, not by the driver's guess
    cursor = connection.cursor()
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON", "cache_size = -16384"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes its place in the queue at once: one that reads first and writes later can be refused half-way.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


async def _synchronous(connection: AsyncConnection, level: str) -> None:
    def change(sync: Connection) -> None:
        cursor = sync.connection.cursor()  # below SQLAlchemy, which would begin a transaction first
        cursor.execute(f"PRAGMA synchronous = {level}")
        cursor.close()

    await connection.run_sync(change)
