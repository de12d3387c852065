"""What a `Database` needs from SQLite and from PostgreSQL."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Engine

_T = TypeVar("_T")
Run = Callable[..., Awaitable[Any]]
"""Runs a function of a connection, with these further arguments."""


class Connections(Protocol):
    """Connections to one database, which run plain functions of a connection."""

    @property
    def engine(self) -> Engine:
        """The engine of the connections, to listen to its events."""

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """The errors that may mean that the storage cannot be used."""

    async def read(self, work: Callable[[Connection], _T]) -> _T:
        """Run `work`, which only reads."""

    async def write(self, work: Callable[[Connection], _T], *, durably: bool) -> _T:
        """Run `work` as a transaction; it is on disk afterwards if `durably`."""

    async def upgrade(self, work: Callable[[Connection], _T]) -> _T:
        """Run `work` as a transaction, for as long as it takes."""

    def conversation(self, *, writes: bool) -> AbstractAsyncContextManager[Run]:
        """One transaction for as long as it takes; see `Database.conversation`."""

    async def scrub(self) -> None:
        """Remove from disk what was removed from the database."""

    async def close(self) -> None:
        """Close all connections when the running work has ended."""
