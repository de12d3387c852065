"""Locks between processes, which are released when the process ends, however it ends."""

import asyncio
import fcntl
import os
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from sqlalchemy import NullPool, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from bridge.errors import BridgeError
from bridge.store.database import Database

_PAUSE = 0.05
_PATIENCE = 120.0
_NAMESPACE = 0x0B21D6E


class Locked(IntEnum):
    """The kinds of things that can be locked."""

    LOGIN = 1
    ACCOUNT = 2


@dataclass(frozen=True, slots=True)
class Lock:
    """The lock of a login or account, by its id in the storage."""

    of: Locked
    id: int


def for_login(credential_id: int) -> Lock:
    """The lock of a login. A refresh of any account with that login holds it."""
    return Lock(Locked.LOGIN, credential_id)


def for_account(account_id: int) -> Lock:
    """The lock of an account without a login."""
    return Lock(Locked.ACCOUNT, account_id)


class LockBusy(BridgeError):
    """Another process has held the lock for too long."""


class Locks:
    """The locks. Within the process, holders queue; a lock of another process is tried again until it is free."""

    def __init__(self, database: Database) -> None:
        self._own: defaultdict[Lock, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._shared: _FileLocks | _PostgresLocks = (
            _PostgresLocks(database.url) if database.file is None else _FileLocks(database.file)
        )

    @asynccontextmanager
    async def hold(self, lock: Lock, *, patience: float = _PATIENCE) -> AsyncIterator[None]:
        """Hold `lock`. Wait at most `patience` seconds for another process.

        Raises:
            LockBusy: the lock was not free in time.
        """
        async with self._own[lock]:
            try:
                async with asyncio.timeout(patience):
                    while not await self._shared.take(lock):  # noqa: ASYNC110 - the holder is another process
                        await asyncio.sleep(_PAUSE)
            except TimeoutError:
                raise LockBusy("Another process is busy with this account.") from None
            try:
                yield
            finally:
                await self._shared.give(lock)

    async def close(self) -> None:
        """Release all locks."""
        await self._shared.close()


class _FileLocks:
    """A byte of a file beside the database for each lock. The system releases it when the process ends."""

    def __init__(self, database_file: Path) -> None:
        self._path = database_file.with_name(database_file.name + ".locks")
        self._file: int | None = None

    async def take(self, lock: Lock) -> bool:
        if self._file is None:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _byte_of(lock))
        except OSError:
            return False
        return True

    async def give(self, lock: Lock) -> None:
        if self._file is not None:
            fcntl.lockf(self._file, fcntl.LOCK_UN, 1, _byte_of(lock))

    async def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _byte_of(lock: Lock) -> int:
    """The byte of a lock, far beyond the end of the file, where nothing is ever written."""
    return (lock.of << 60) + lock.id


class _PostgresLocks:
    """Advisory locks of one session. The server releases them when the connection ends."""

    def __init__(self, url: URL) -> None:
        from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine  # noqa: PLC0415 - as in database.py

        self._engine = create_async_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        self._session: AsyncConnection | None = None
        self._turn = asyncio.Lock()

    async def take(self, lock: Lock) -> bool:
        statement = "SELECT pg_try_advisory_lock(:space, :number)"
        try:
            return bool(await self._ask(statement, lock))
        except SQLAlchemyError:  # the session has ended; try another one
            return bool(await self._ask(statement, lock))

    async def give(self, lock: Lock) -> None:
        with suppress(SQLAlchemyError):  # the locks have ended with the session
            await self._ask("SELECT pg_advisory_unlock(:space, :number)", lock)

    async def _ask(self, statement: str, lock: Lock) -> object:
        async with self._turn:
            if self._session is None:
                self._session = await self._engine.connect()
            try:
                return await self._session.scalar(text(statement), {"space": _NAMESPACE + lock.of, "number": lock.id})
            except SQLAlchemyError:
                await self._session.invalidate()
                await self.close()
                raise

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None
