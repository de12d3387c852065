"""A database, SQLite or PostgreSQL, to read, to write, and to write durably.

Work is a plain function of a connection, which `Database` runs from beginning to end.
"""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import structlog
from sqlalchemy import Connection, Engine, Executable, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from bridge.errors import ConfigError
from bridge.store.connections import Connections, Run
from bridge.store.postgres import PostgresConnections
from bridge.store.sqlite import SqliteConnections
from bridge.store.trouble import trouble_of

_DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}

_READING, _WRITING = "reading", "writing"
log = structlog.get_logger()
Parameters = Mapping[str, object] | Sequence[Mapping[str, object]] | None
_P = ParamSpec("_P")
_T = TypeVar("_T")


class Database:
    """A database and its connections, which are opened at the first use."""

    def __init__(self, url: str, *, seconds: Callable[[], float] = time.monotonic) -> None:
        """Create a database for `url`. `seconds` is a monotonic clock.

        Raises:
            ConfigError: `url` is not a sqlite: or postgresql: address.
        """
        self.url = _parse(url)
        self._troubles: dict[str, str] = {}
        self._seconds = seconds
        self._wrote = seconds()
        self._is_file = self.url.get_backend_name() == "sqlite"
        self._connections: Connections = (SqliteConnections if self._is_file else PostgresConnections)(self.url)

    @property
    def file(self) -> Path | None:
        """The SQLite file; `None` for PostgreSQL."""
        return Path(self.url.database or "") if self._is_file else None

    @property
    def place(self) -> str:
        """Where the database is, for people."""
        return str(self.file or self.url.host or "the local socket")

    @property
    def write_age(self) -> float:
        """The seconds since something was written, or since the start."""
        return self._seconds() - self._wrote

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
    async def conversation(self, *, writes: bool) -> AsyncIterator[Run]:
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
            self._wrote = self._seconds()
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
