"""Locks between processes that end with the process that holds them, however it ends."""

import asyncio
import fcntl
import os
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.errors import BridgeError
from bridge.store.database import Database

_PAUSE = 0.05
_PATIENCE = 120.0
_NAMESPACE = 0x0B21D6E


class LockBusy(BridgeError):
    """Another process holds the lock for longer than we wait."""


class Locks:
    """One lock a number. Within the process it queues; between processes it asks again until it is free."""

    def __init__(self, database: Database) -> None:
        self._own: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._shared: _FileLocks | _PostgresLocks = (
            _PostgresLocks(database) if database.file is None else _FileLocks(database.file)
        )

    @asynccontextmanager
    async def hold(self, number: int, *, patience: float = _PATIENCE) -> AsyncIterator[None]:
        """Hold lock `number` (1 or more); waits `patience` seconds at most for another process.

        Raises:
            LockBusy: it was not free in time.
        """
        async with self._own[number]:
            try:
                async with asyncio.timeout(patience):
                    while not await self._shared.take(number):  # noqa: ASYNC110 - the holder is another process
                        await asyncio.sleep(_PAUSE)
            except TimeoutError:
                raise LockBusy("Another process is busy with this account.") from None
            try:
                yield
            finally:
                await self._shared.give(number)

    async def close(self) -> None:
        """Let go of everything."""
        await self._shared.close()


class _FileLocks:
    """A byte of a file beside the database for each number; the system frees it when the process ends."""

    def __init__(self, database_file: Path) -> None:
        self._path = database_file.with_name(database_file.name + ".locks")
        self._file: int | None = None

    async def take(self, number: int) -> bool:
        if self._file is None:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)
        except OSError:
            return False
        return True

    async def give(self, number: int) -> None:
        if self._file is not None:
            fcntl.lockf(self._file, fcntl.LOCK_UN, 1, number)

    async def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


class _PostgresLocks:
    """Advisory locks of one session; the server frees them when its connection ends."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._session: AsyncConnection | None = None
        self._turn = asyncio.Lock()

    async def take(self, number: int) -> bool:
        statement = "SELECT pg_try_advisory_lock(:space, :number)"
        try:
            return bool(await self._ask(statement, number))
        except SQLAlchemyError:  # the session has ended; another one may be had
            return bool(await self._ask(statement, number))

    async def give(self, number: int) -> None:
        with suppress(SQLAlchemyError):  # what a session held has ended with it
            await self._ask("SELECT pg_advisory_unlock(:space, :number)", number)

    async def _ask(self, statement: str, number: int) -> object:
        async with self._turn:
            if self._session is None:
                connection = await self._database.engine.connect()
                self._session = await connection.execution_options(isolation_level="AUTOCOMMIT")
            try:
                return await self._session.scalar(text(statement), {"space": _NAMESPACE, "number": number})
            except SQLAlchemyError:
                await self._session.invalidate()
                await self.close()
                raise

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None
