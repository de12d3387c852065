"""Connections to SQLite or PostgreSQL, to read, to write, and to write durably."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Executable, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bridge.errors import ConfigError

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
}
_BUSY_SECONDS = 30


class Database:
    """A database and its connections, which are opened at the first use."""

    def __init__(self, url: str) -> None:
        """Create a database for `url`.

        Raises:
            ConfigError: `url` is not a sqlite: or postgresql: address.
        """
        self.url = _parse(url)
        self.engine = _engine(self.url)

    @property
    def file(self) -> Path | None:
        """The SQLite file; `None` for PostgreSQL."""
        return Path(self.url.database or "") if self.url.get_backend_name() == "sqlite" else None

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection for reading. Each statement sees a consistent state."""
        async with self.engine.connect() as connection:
            yield connection

    async def apply(self, statement: Executable, parameters: Mapping[str, object]) -> None:
        """Execute one writing statement as a transaction, as durable as `write`."""
        async with self.engine.connect() as connection:
            await connection.execute(statement, parameters)
            if self.file is None:
                await connection.commit()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction. It survives the end of the process, but on SQLite not a power cut shortly after."""
        async with self.engine.connect() as connection:
            if self.file is None:
                async with connection.begin():
                    yield connection
            else:
                async with _transaction(connection):
                    yield connection

    @asynccontextmanager
    async def write_durably(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that is on disk when the block ends."""
        if self.file is None:
            async with self.write() as connection:
                yield connection
            return
        async with self.engine.connect() as connection:
            await connection.exec_driver_sql("PRAGMA synchronous = FULL")
            try:
                async with _transaction(connection):
                    yield connection
            finally:
                await connection.exec_driver_sql("PRAGMA synchronous = NORMAL")

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()


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


def _engine(url: URL) -> AsyncEngine:
    if url.get_backend_name() != "sqlite":
        return create_async_engine(url, pool_pre_ping=True, pool_size=10)
    # `_transaction` begins and ends transactions, so that reading needs none.
    engine = create_async_engine(
        url,
        connect_args={"timeout": _BUSY_SECONDS},
        isolation_level="AUTOCOMMIT",
        skip_autocommit_rollback=True,
        pool_size=8,
    )
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON", "cache_size = -16384"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@asynccontextmanager
async def _transaction(connection: AsyncConnection) -> AsyncIterator[None]:
    """A writing transaction on SQLite.

    It takes the write lock at once: a transaction that reads before it writes can fail half-way.
    """
    await connection.exec_driver_sql("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        await connection.exec_driver_sql("ROLLBACK")
        raise
    await connection.exec_driver_sql("COMMIT")
