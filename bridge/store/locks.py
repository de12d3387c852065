"""Locks between processes and hosts: leases in the storage, which end by themselves.

A lease has an owner, an epoch and an end, by the storage's clock. Whoever holds a lock renews its lease; a process that
hangs or dies does not, and another one takes over. What is written under a lock is fenced: it names owner and epoch,
and is not written when another holds the lease meanwhile.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import TypeVar
from weakref import WeakValueDictionary

import structlog
from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    Double,
    Insert,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from bridge.errors import BridgeError, StorageError
from bridge.model.clock import boot_seconds
from bridge.store.database import Database
from bridge.store.insertion import insert_new
from bridge.store.lock import Lock, Locked
from bridge.store.presence import FilePresence, Presence
from bridge.store.schema import leases
from bridge.store.trouble import trouble_of

LEASE = timedelta(seconds=10)
EXCHANGE_LEASE = timedelta(minutes=2)
_PATIENCE = 150.0  # longer than any lease
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 0.5
_RENEWALS = 3  # so often while a lease lasts
_TURNS = 0x0B21D70  # an advisory lock of PostgreSQL
_SANE = 20  # a lease that ends later than so many times its length is from before the clock was set back
_T = TypeVar("_T")
log = structlog.get_logger()


class LockBusy(BridgeError):
    """Another process has held the lock for too long."""


@dataclass(slots=True, eq=False)
class Lease:
    """A lock that is held. `given` is whether it was given back already, in the transaction of what it was for.

    `taken` is when it was about to be taken, by the clock of `Locks`.
    """

    lock: Lock
    owner: str = field(repr=False)
    epoch: int
    taken: float
    given: bool = False

    def give(self, connection: Connection) -> bool:
        """Within a transaction: give it back. False if it is not held any more.

        The caller sets `given` when the transaction has ended well.
        """
        return connection.execute(_GIVE, self.mine).rowcount == 1

    def held(self, connection: Connection) -> bool:
        """Within a transaction: whether it is still held. Until the end of the transaction it stays so."""
        return connection.scalar(_HELD, self.mine) is not None

    @property
    def mine(self) -> dict[str, object]:
        """The lock, the owner and the epoch, as parameters of a statement."""
        return {"of_kind": int(self.lock.of), "of_id": self.lock.id, "held_by": self.owner, "since": self.epoch}


# Made once, as `_free` and `_taken` are: that takes SQLAlchemy longer than the rest.
_THIS = (leases.c.of == bindparam("of_kind")) & (leases.c.id == bindparam("of_id"))
_MINE = and_(_THIS, leases.c.owner == bindparam("held_by"), leases.c.epoch == bindparam("since"))
_HOLDER = select(leases.c.owner).where(_THIS)
_GIVE = delete(leases).where(_MINE)
_HELD = select(leases.c.epoch).where(_MINE).with_for_update()


class Locks:
    """The locks. Within the process, holders queue; a lock of another process is tried again until it is free."""

    def __init__(
        self, database: Database, *, length: timedelta = LEASE, seconds: Callable[[], float] = boot_seconds
    ) -> None:
        """Create the locks in `database`. `length` is how long the lease of a process lasts that does not renew it.

        `seconds` is a monotonic clock that goes on while the process or the machine stands still.
        """
        self._database = database
        self.seconds = seconds
        self._length = length
        self._own: WeakValueDictionary[Lock, asyncio.Lock] = WeakValueDictionary()  # of those that somebody wants
        self._presence = Presence() if database.file is None else FilePresence(database.file)
        self._epochs = itertools.count(1)
        self._kept: set[int] = set()
        self._renewing: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def hold(self, lock: Lock, *, patience: float = _PATIENCE) -> AsyncIterator[Lease]:
        """Hold `lock`, and renew its lease meanwhile. Wait at most `patience` seconds for another process.

        Raises:
            LockBusy: the lock was not free in time.
        """
        async with self.hold_and_read(lock, lambda _: None, patience=patience) as (lease, _):
            yield lease

    @asynccontextmanager
    async def hold_and_read(
        self, lock: Lock, read: Callable[[Connection], _T], *, patience: float = _PATIENCE
    ) -> AsyncIterator[tuple[Lease, _T]]:
        """Like `hold`; also yields what `read` returns within the transaction that takes the lock.

        To read it after that takes another change of threads, which costs more than the statements.
        """
        own = self._own.setdefault(lock, asyncio.Lock())
        async with own:
            lease, found = await self._wait_for(lock, read, patience)
            async with self.keep(lease):
                yield lease, found

    @asynccontextmanager
    async def keep(self, lease: Lease) -> AsyncIterator[Lease]:
        """Renew a lease that was taken, and give it back at the end."""
        async with self.keep_some([lease]):
            yield lease

    @asynccontextmanager
    async def keep_some(self, taken: Sequence[Lease]) -> AsyncIterator[None]:
        """Renew leases that were taken, and give them back at the end."""
        epochs = {lease.epoch for lease in taken}
        self._kept |= epochs
        if self._renewing is None:
            self._renewing = asyncio.create_task(self._renew())
        try:
            yield
        finally:
            self._kept -= epochs
            if not self._kept and self._renewing is not None:
                self._renewing.cancel()
                self._renewing = None
            await self.give(*taken)

    async def take(self, lock: Lock, *, length: timedelta | None = None) -> Lease | None:
        """Take `lock` if it is free, for `length`; `None` if another holds it. That of an exchange is on disk then."""
        taken = await self._take(lock, lambda _: None, length or self._length)
        return None if taken is None else taken[0]

    async def _take(self, lock: Lock, read: Callable[[Connection], _T], length: timedelta) -> tuple[Lease, _T] | None:
        try:
            self._presence.announce()
        except OSError as error:
            raise trouble_of(error, self._database.place) or error from error
        lease = self._new(lock)
        write = self._database.write_durably if lock.of is Locked.EXCHANGE else self._database.write
        while True:
            try:
                found = await write(_take, lease, length, read)
            except IntegrityError:  # another process was first
                return None
            if not isinstance(found, _Holder):
                return lease, found
            if not self._presence.has_ended(found.owner):
                return None
            await self._database.write(_take_away, found.owner)

    async def take_some(
        self, find: Callable[[Connection], Iterable[_T]], lock_of: Callable[[_T], Lock]
    ) -> list[tuple[_T, Lease]]:
        """Take the locks of what `find` finds, in its order, but those that another holds.

        `find` runs in the transaction in which they are taken, and no other process takes some meanwhile.
        """
        self._presence.announce()
        return await self._database.write(self._take_some, find, lock_of)

    def _take_some(
        self, connection: Connection, find: Callable[[Connection], Iterable[_T]], lock_of: Callable[[_T], Lock]
    ) -> list[tuple[_T, Lease]]:
        wait_for_turn(connection)
        for owner in connection.scalars(select(leases.c.owner).distinct()).all():
            if self._presence.has_ended(owner):
                _take_away(connection, owner)
        wanted: dict[Lock, _T] = {}
        for found in find(connection):
            wanted.setdefault(lock_of(found), found)
        given = [self._new(lock) for lock in wanted]
        taken = _insert(connection, given, self._length)
        return [(wanted[lease.lock], lease) for lease in given if lease.epoch in taken]

    def age(self, lease: Lease) -> float:
        """The seconds since a lease was about to be taken."""
        return self.seconds() - lease.taken

    async def give(self, *taken: Lease) -> None:
        """Give leases back; what cannot be given back now ends by itself."""
        left = [lease for lease in taken if not lease.given]
        if not left:
            return
        for lease in left:
            lease.given = True
        try:
            await self._database.write(lambda connection: [lease.give(connection) for lease in left])
        except StorageError:
            log.warning("lease.not_given_back")

    def close(self) -> None:
        """Let other processes know that this one holds nothing any more."""
        self._presence.close()

    async def _wait_for(self, lock: Lock, read: Callable[[Connection], _T], patience: float) -> tuple[Lease, _T]:
        pause = _FIRST_PAUSE
        try:
            async with asyncio.timeout(patience):
                while (taken := await self._take(lock, read, self._length)) is None:
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, _LONGEST_PAUSE)
        except TimeoutError:
            raise LockBusy("Another process is busy with this account.") from None
        return taken

    def _new(self, lock: Lock) -> Lease:
        return Lease(lock, self._presence.owner, next(self._epochs), self.seconds())

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(self._length.total_seconds() / _RENEWALS)
            with suppress(StorageError):  # tried again; what is written is fenced
                await self._database.write(_renew, self._presence.owner, list(self._kept), self._length)


def now_of(connection: Connection) -> ColumnElement[float]:
    """The storage's own clock, in seconds since 1970: the clocks of hosts may differ."""
    return now_by(connection.dialect.name)


def now_by(dialect: str) -> ColumnElement[float]:
    """See `now_of`; `dialect` is SQLAlchemy's name of the sort of storage."""
    if dialect == "postgresql":
        return literal_column("CAST(extract(epoch FROM clock_timestamp()) AS double precision)", Double)
    return literal_column("((julianday('now') - 2440587.5) * 86400.0)", Double)


def is_free(connection: Connection, of: ColumnElement[int], number: ColumnElement[int]) -> ColumnElement[bool]:
    """The condition that nobody holds the lock of this kind and id."""
    held = (leases.c.of == of) & (leases.c.id == number) & ~_is_over(connection.dialect.name)
    return ~exists().where(held)


@dataclass(frozen=True, slots=True)
class _Holder:
    """Who holds a lock."""

    owner: str


def _take(connection: Connection, lease: Lease, length: timedelta, read: Callable[[Connection], _T]) -> _T | _Holder:
    """Take a lock that is free or whose lease has ended, and read; else who holds it."""
    dialect, mine = connection.dialect.name, lease.mine
    connection.execute(_free(dialect), mine)
    holder = connection.scalar(_HOLDER, mine)
    if holder is not None:
        return _Holder(str(holder))
    connection.execute(_taken(dialect), mine | {"length": length.total_seconds()})
    return read(connection)


@cache
def _free(dialect: str) -> Delete:
    return delete(leases).where(_THIS, _is_over(dialect))


@cache
def _taken(dialect: str) -> Insert:
    named = {"of": "of_kind", "id": "of_id", "owner": "held_by", "epoch": "since"}
    until = now_by(dialect) + bindparam("length", type_=Double)
    return insert(leases).values({column: bindparam(name) for column, name in named.items()} | {"until": until})


def _insert(connection: Connection, given: Sequence[Lease], length: timedelta) -> set[int]:
    """Take locks that are free or whose leases have ended. Returns the epochs of those that were."""
    if not given:
        return set()
    connection.execute(delete(leases).where(_is_over(connection.dialect.name)))
    until = connection.scalar(select(now_of(connection) + length.total_seconds()))
    statement = insert_new(connection.dialect, leases).returning(leases.c.epoch)
    return set(connection.scalars(statement, [{**_row(lease), "until": until} for lease in given]))


def _row(lease: Lease) -> dict[str, object]:
    return {"of": int(lease.lock.of), "id": lease.lock.id, "owner": lease.owner, "epoch": lease.epoch}


def _is_over(dialect: str) -> ColumnElement[bool]:
    now = now_by(dialect)
    return (leases.c.until < now) | (leases.c.until > now + _SANE * EXCHANGE_LEASE.total_seconds())


def _renew(connection: Connection, owner: str, epochs: Collection[int], length: timedelta) -> None:
    """Have leases last for `length` from now; those that are not held any more stay lost."""
    wait_for_turn(connection)
    theirs = (leases.c.owner == owner) & leases.c.epoch.in_(epochs)
    connection.execute(update(leases).where(theirs).values(until=now_of(connection) + length.total_seconds()))


def wait_for_turn(connection: Connection) -> None:
    """Let one process at a time change several leases, until the transaction ends. On SQLite all writers take turns."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_TURNS)))


def _take_away(connection: Connection, owner: str) -> None:
    """Give back all that a process held that has ended."""
    connection.execute(delete(leases).where(leases.c.owner == owner))
