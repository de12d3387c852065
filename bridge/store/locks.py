"""Locks between processes and hosts: leases in the storage, which end by themselves.

A lease has an owner, an epoch and an end, by the storage's clock. Whoever holds a lock renews its lease; a process that
hangs or dies does not, and another one takes over. What is written under a lock is fenced: it names owner and epoch,
and is not written when another holds the lease by then.
"""

import asyncio
import itertools
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from enum import IntEnum

import structlog
from sqlalchemy import ColumnElement, Connection, Double, delete, insert, literal_column, select, update
from sqlalchemy.exc import IntegrityError

from bridge.errors import BridgeError, StorageError
from bridge.store.database import Database
from bridge.store.presence import FilePresence, Presence
from bridge.store.schema import leases

LEASE = timedelta(seconds=10)
EXCHANGE_LEASE = timedelta(minutes=2)
_PATIENCE = 150.0  # longer than any lease
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 0.5
_RENEWALS = 3  # so often while a lease lasts
_SANE = 20  # a lease that ends later than so many times its length is from before the clock was set back
log = structlog.get_logger()


class Locked(IntEnum):
    """The kinds of things that can be locked."""

    LOGIN = 1
    ACCOUNT = 2
    EXCHANGE = 3


@dataclass(frozen=True, slots=True)
class Lock:
    """The lock of a login, an account or an exchange, by the id of login or account in the storage."""

    of: Locked
    id: int


def for_login(credential_id: int) -> Lock:
    """The lock of a login. A refresh of any account with that login holds it."""
    return Lock(Locked.LOGIN, credential_id)


def for_account(account_id: int) -> Lock:
    """The lock of an account without a login."""
    return Lock(Locked.ACCOUNT, account_id)


def for_exchange(credential_id: int) -> Lock:
    """The lock of a login's secret while it is sent and its answer is not kept yet."""
    return Lock(Locked.EXCHANGE, credential_id)


class LockBusy(BridgeError):
    """Another process has held the lock for too long."""


@dataclass(slots=True, eq=False)
class Lease:
    """A lock that is held. `given` is whether it was given back already, in the transaction of what it was for."""

    lock: Lock
    owner: str = field(repr=False)
    epoch: int
    given: bool = False

    def give(self, connection: Connection) -> bool:
        """Within a transaction: give it back. False if it is not held any more.

        The caller sets `given` when the transaction has ended well.
        """
        return connection.execute(delete(leases).where(self._mine)).rowcount == 1

    def held(self, connection: Connection) -> bool:
        """Within a transaction: whether it is still held. Until the end of the transaction it stays so."""
        return connection.scalar(select(leases.c.epoch).where(self._mine).with_for_update()) is not None

    def renew(self, connection: Connection, length: timedelta) -> bool:
        """Within a transaction: have it last for `length` from now. False if it is not held any more."""
        until = now_of(connection) + length.total_seconds()
        return connection.execute(update(leases).where(self._mine).values(until=until)).rowcount == 1

    @property
    def _mine(self) -> ColumnElement[bool]:
        return _of(self.lock) & (leases.c.owner == self.owner) & (leases.c.epoch == self.epoch)


class Locks:
    """The locks. Within the process, holders queue; a lock of another process is tried again until it is free."""

    def __init__(self, database: Database, *, length: timedelta = LEASE) -> None:
        """Create the locks in `database`. `length` is how long the lease of a process lasts that does not renew it."""
        self._database = database
        self._length = length
        self._own: defaultdict[Lock, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._presence = Presence() if database.file is None else FilePresence(database.file)
        self._epochs = itertools.count(1)

    @asynccontextmanager
    async def hold(self, lock: Lock, *, patience: float = _PATIENCE) -> AsyncIterator[Lease]:
        """Hold `lock`, and renew its lease meanwhile. Wait at most `patience` seconds for another process.

        Raises:
            LockBusy: the lock was not free in time.
        """
        async with self._own[lock]:
            lease = await self._wait_for(lock, patience)
            renewing = asyncio.create_task(self._renew(lease))
            try:
                yield lease
            finally:
                renewing.cancel()
                await self.give(lease)

    async def take(self, lock: Lock, *, length: timedelta | None = None) -> Lease | None:
        """Take `lock` if it is free, for `length`; `None` if another holds it. That of an exchange is on disk then."""
        self._presence.announce()
        lease = Lease(lock, self._presence.owner, next(self._epochs))
        write = self._database.write_durably if lock.of is Locked.EXCHANGE else self._database.write
        while True:
            try:
                holder = await write(_take, lease, length or self._length)
            except IntegrityError:  # another process was first
                return None
            if holder is None:
                return lease
            if not self._presence.has_ended(holder):
                return None
            await self._database.write(_take_away, holder)

    async def give(self, lease: Lease) -> None:
        """Give a lease back; one that cannot be given back now ends by itself."""
        if lease.given:
            return
        lease.given = True
        try:
            await self._database.write(lease.give)
        except StorageError:
            log.warning("lease.not_given_back")

    def close(self) -> None:
        """Let other processes know that this one holds nothing any more."""
        self._presence.close()

    async def _wait_for(self, lock: Lock, patience: float) -> Lease:
        pause = _FIRST_PAUSE
        try:
            async with asyncio.timeout(patience):
                while (lease := await self.take(lock)) is None:
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, _LONGEST_PAUSE)
        except TimeoutError:
            raise LockBusy("Another process is busy with this account.") from None
        return lease

    async def _renew(self, lease: Lease) -> None:
        while True:
            await asyncio.sleep(self._length.total_seconds() / _RENEWALS)
            with suppress(StorageError):  # tried again; what is written is fenced
                await self._database.write(lease.renew, self._length)


def now_of(connection: Connection) -> ColumnElement[float]:
    """The storage's own clock, in seconds since 1970: the clocks of hosts may differ."""
    if connection.dialect.name == "postgresql":
        return literal_column("CAST(extract(epoch FROM clock_timestamp()) AS double precision)", Double)
    return literal_column("((julianday('now') - 2440587.5) * 86400.0)", Double)


def _of(lock: Lock) -> ColumnElement[bool]:
    return (leases.c.of == int(lock.of)) & (leases.c.id == lock.id)


def _take(connection: Connection, lease: Lease, length: timedelta) -> str | None:
    """Take a lock that is free or whose lease has ended; else the owner who holds it."""
    now, seconds = now_of(connection), length.total_seconds()
    over = (leases.c.until < now) | (leases.c.until > now + _SANE * EXCHANGE_LEASE.total_seconds())
    connection.execute(delete(leases).where(_of(lease.lock), over))
    holder = connection.scalar(select(leases.c.owner).where(_of(lease.lock)))
    if holder is not None:
        return str(holder)
    values = {"of": int(lease.lock.of), "id": lease.lock.id, "owner": lease.owner, "epoch": lease.epoch}
    connection.execute(insert(leases).values(**values, until=now + seconds))
    return None


def _take_away(connection: Connection, owner: str) -> None:
    """Give back all that a process held that has ended."""
    connection.execute(delete(leases).where(leases.c.owner == owner))
