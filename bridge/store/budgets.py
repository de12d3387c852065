"""The budget of a source, shared by all hosts on a storage.

One row a source has the moment of the next free slot (the generic cell rate algorithm, without bursts), by the
storage's clock. A host reserves the slots of those who wait for one, at most half a second of them. A slot that is not
used in time is lost, so that no host saves some up.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, case, func, select, update

from bridge.errors import RateLimited, StorageError
from bridge.store.account import State
from bridge.store.database import Database
from bridge.store.insertion import insert_new
from bridge.store.locks import now_of
from bridge.store.schema import accounts, budgets
from bridge.upstream.budget import Budget, OwnBudget

_EARLY, _LATE = 0.1, 0.2  # of a slot: in any ten seconds, three tenths of a second of requests more
_AHEAD = 0.5
_REMEMBERED = 5000  # refreshes
_PATIENCE = 5.0  # as long as a request is tried again
_UNSAID = timedelta(seconds=1)
_LONGEST_SILENCE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class _Reserved:
    """The seconds until the first of some slots, or until the end of a silence."""

    delay: float
    silence: bool


class SharedBudget:
    """A `Budget` in the storage."""

    def __init__(
        self,
        database: Database,
        source: str,
        requests_per_second: float,
        *,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """Create the budget of a source. `seconds` is a monotonic clock."""
        self.taken = 0
        self._database = database
        self._source = source
        self._rate = requests_per_second
        self._seconds = seconds
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._slots: deque[float] = deque()
        self._quiet_until = seconds()

    @property
    def quiet(self) -> bool:
        """See `Budget.quiet`."""
        return self._seconds() < self._quiet_until

    async def take(self, origin: str) -> None:
        """See `Budget.take`."""
        self._waiting += 1
        try:
            while True:
                async with self._turn:
                    slot = await self._next(origin)
                await asyncio.sleep(max(0.0, slot - _EARLY - self._seconds()))
                if self._seconds() <= slot + _LATE:
                    break
        finally:
            self._waiting -= 1
        self.taken += 1

    async def hear(self, silence: timedelta | None) -> None:
        """See `Budget.hear`. At most a quarter of an hour; after it, the next request hears it again."""
        seconds = min(silence or _UNSAID, _LONGEST_SILENCE).total_seconds()
        self._quiet_until = max(self._quiet_until, self._seconds() + seconds)
        self._slots.clear()
        with suppress(StorageError):
            await self._database.write(_silence, self._source, seconds)

    async def _next(self, origin: str) -> float:
        """The moment of the next slot, by our own clock."""
        while self._slots and self._slots[0] + _LATE < self._seconds():
            self._slots.popleft()
        while not self._slots:
            count = max(1, min(self._waiting, int(self._rate * _AHEAD)))
            reserved = await self._database.write(_reserve, self._source, count, self._rate)
            first = self._seconds() + reserved.delay
            if not reserved.silence:
                self._slots.extend(first + number / self._rate for number in range(count))
                break
            self._quiet_until = first
            if reserved.delay > _PATIENCE:
                left = timedelta(seconds=round(reserved.delay))
                raise RateLimited(f"{origin} asks for fewer requests.", transient=True, retry_after=left)
            await asyncio.sleep(reserved.delay)
        return self._slots.popleft()


def budget_of(database: Database, source: str, requests_per_second: float) -> Budget:
    """The budget of a source: in the storage where several hosts may share it."""
    if database.file is None:
        return SharedBudget(database, source, requests_per_second)
    return OwnBudget(requests_per_second)


@dataclass(frozen=True, slots=True)
class StoredLoad:
    """How many accounts of a source are read, when the first of them is due, and how many requests a refresh has."""

    accounts: int
    oldest_due: datetime
    per_refresh: float | None


class BudgetStore:
    """What is known of the load of the sources."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, source: str, *, requests: float, refreshes: float) -> None:
        """Add to the requests and refreshes of a source. What was long ago fades."""
        await self._database.write(_note, source, requests, refreshes)

    async def loads(self) -> dict[str, StoredLoad]:
        """The load of each source that has accounts which are read."""
        query = (
            select(
                accounts.c.source,
                func.count(),
                func.min(accounts.c.next_due),
                func.max(budgets.c.requests),
                func.max(budgets.c.refreshes),
            )
            .outerjoin(budgets, budgets.c.source == accounts.c.source)
            .where(accounts.c.state != State.LOGIN_NEEDED)
            .group_by(accounts.c.source)
        )
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return {
            source: StoredLoad(count, oldest, requests / refreshes if refreshes else None)
            for source, count, oldest, requests, refreshes in rows
        }


_MINE = budgets.c.source == bindparam("of")


def _reserve(connection: Connection, source: str, count: int, rate: float) -> _Reserved:
    now = now_of(connection)
    first = case((budgets.c.next > now, budgets.c.next), else_=now)
    taking = (
        update(budgets)
        .where(_MINE, budgets.c.quiet_until <= now)
        .values(next=first + count / rate)
        .returning(budgets.c.next - count / rate - now)
    )
    while True:
        delay = connection.scalar(taking, {"of": source})
        if delay is not None:
            return _Reserved(max(0.0, delay), silence=False)
        left = connection.scalar(select(budgets.c.quiet_until - now).where(_MINE), {"of": source})
        if left is not None:
            return _Reserved(max(0.01, left), silence=True)
        _add(connection, source)


def _silence(connection: Connection, source: str, seconds: float) -> None:
    _add(connection, source)
    until = now_of(connection) + seconds
    later = case((budgets.c.quiet_until > until, budgets.c.quiet_until), else_=until)
    connection.execute(update(budgets).where(_MINE).values(quiet_until=later), {"of": source})


def _note(connection: Connection, source: str, requests: float, refreshes: float) -> None:
    _add(connection, source)
    many = budgets.c.refreshes > _REMEMBERED
    values = {
        "requests": case((many, budgets.c.requests / 2), else_=budgets.c.requests) + requests,
        "refreshes": case((many, budgets.c.refreshes / 2), else_=budgets.c.refreshes) + refreshes,
    }
    connection.execute(update(budgets).where(_MINE).values(values), {"of": source})


def _add(connection: Connection, source: str) -> None:
    row = {"source": source, "next": 0.0, "quiet_until": 0.0, "requests": 0.0, "refreshes": 0.0}
    connection.execute(insert_new(connection.dialect, budgets).values(row))
