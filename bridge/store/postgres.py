"""Connections to PostgreSQL, in the event loop."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from bridge.store.connections import Run
from bridge.upstream.tasks import begin

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
_T = TypeVar("_T")


class PostgresConnections:
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
        """See `Connections.read`."""
        async with self._within(_READ_SECONDS), self._engine.connect() as connection:
            return await connection.run_sync(work)

    async def write(self, work: Callable[[Connection], _T], *, durably: bool) -> _T:  # noqa: ARG002 - it always is
        """See `Connections.write`."""
        async with self._within(_WRITE_SECONDS), self._engine.begin() as connection:
            return await connection.run_sync(work)

    async def upgrade(self, work: Callable[[Connection], _T]) -> _T:
        """See `Connections.upgrade`."""
        async with self._engine.begin() as connection:
            await connection.exec_driver_sql(_TAKE_YOUR_TIME)
            return await connection.run_sync(work)

    @asynccontextmanager
    async def conversation(self, *, writes: bool) -> AsyncIterator[Run]:
        """See `Connections.conversation`."""
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
        """Do nothing; see `Connections.scrub`."""

    async def close(self) -> None:
        """See `Connections.close`."""
        await self._engine.dispose()
