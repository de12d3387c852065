"""Start refreshes when they are due: a tick a second asks the store for due accounts.

Ticks follow a monotonic clock, in a loop of their own: APScheduler computes the next run from the wall clock, so that
a clock which goes an hour ahead and back stops it for that hour.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial

import structlog

from bridge.errors import StorageError
from bridge.model.clock import Clock
from bridge.publishing.worker import PublishingWorker
from bridge.store.account import StoredAccount
from bridge.store.claims import Claim
from bridge.store.locks import LockBusy
from bridge.store.storage import Store
from bridge.sync.refresher import Refresher
from bridge.sync.sender import Sender
from bridge.sync.sweeper import Sweeper

_TICK_SECONDS = 1.0
_QUEUE = 2
_SWEEP_SECONDS = 60.0
_SET_BACK = timedelta(seconds=5)
log = structlog.get_logger()


class Scheduler:
    """Starts due refreshes. It knows only which of them are running; everything else is in the store."""

    def __init__(
        self,
        store: Store,
        refresher: Refresher,
        publishing: PublishingWorker,
        sweeper: Sweeper,
        *,
        sender: Sender,
        intervals: Mapping[str, timedelta],
        concurrency: int,
        clock: Clock,
        configure: Callable[[], Awaitable[None]] | None = None,
        note: Callable[[], Awaitable[None]] | None = None,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """Create a scheduler for the sources in `intervals`, which may change. `seconds` is a monotonic clock.

        `configure` is awaited in each tick before the sources are asked, `note` once a minute.
        """
        self._store = store
        self._configure = configure
        self._note = note
        self._sender = sender
        self._sending: dict[int, asyncio.Task[None]] = {}
        self._refresher = refresher
        self._publishing = publishing
        self._intervals = intervals
        self._seconds = seconds
        self._most = concurrency * _QUEUE
        self._clock = clock
        self._running: set[asyncio.Task[None]] = set()
        self._claiming = asyncio.Lock()
        self._more_are_due = asyncio.Event()
        self._full = False
        self._sweeper = sweeper
        self._swept: float | None = None
        self._sweeping: asyncio.Task[None] | None = None
        self._offset: timedelta | None = None
        self._ticked = seconds()
        self._loops: list[asyncio.Task[None]] = []
        self.ticks = 0

    @property
    def tick_age(self) -> float:
        """The seconds since the last tick ended."""
        return self._seconds() - self._ticked

    async def pull_back(self) -> None:
        """Let nobody wait longer because an interval was longer before the start, or the clock ahead."""
        now = self._clock()
        for source, interval in self._intervals.items():
            await self._store.claims.pull_back(source, interval)
            await self._store.jobs.bring_forward(source, now + interval, refreshed_after=now)

    def start(self) -> None:
        """Sweep now, and tick until `stop`."""
        self._begin_sweep()
        self._loops = [asyncio.create_task(self._tick_on()), asyncio.create_task(self._refill_on())]

    async def stop(self) -> None:
        """Start nothing more, and wait until running refreshes and the sweep have ended."""
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        sweeping = [self._sweeping] if self._sweeping else []
        await asyncio.gather(*self._running, *self._sending.values(), *sweeping, return_exceptions=True)

    async def _tick_on(self) -> None:
        """Begin a tick each second, unless the last one still waits for the storage. `ticks` counts both."""
        ticking: asyncio.Task[None] | None = None
        try:
            while True:
                self.ticks += 1
                if ticking is None or ticking.done():
                    ticking = asyncio.create_task(self._tick_safely())
                await asyncio.sleep(_TICK_SECONDS)
        finally:
            if ticking is not None:
                ticking.cancel()

    async def _refill_on(self) -> None:
        """Start more refreshes before the next tick, when half of the places are free and more accounts are due."""
        while True:
            await self._more_are_due.wait()
            self._more_are_due.clear()
            await self._safely(self._start_due())

    async def _tick_safely(self) -> None:
        if await self._safely(self.tick()):
            self._ticked = self._seconds()

    async def _safely(self, step: Awaitable[None]) -> bool:
        """Await a step; false if it has failed."""
        try:
            await step
        except StorageError:  # it has logged that, and may be back at the next tick
            return False
        except Exception:  # a bug in one tick must not stop the next
            log.exception("tick.failed")
            return False
        return True

    async def tick(self) -> None:
        """Start due refreshes, up to the limit, and once a minute a sweep. Publish what other processes have saved.

        What people want to have written is sent beside that, whatever the number of refreshes.
        """
        self._publishing.wake()
        self._begin_sweep()
        await self._follow_clock()
        await self._begin_sending()
        if self._configure is not None:
            await self._configure()
        await self._start_due()

    async def _begin_sending(self) -> None:
        for account in await self._sender.due(but=list(self._sending)):
            sending = asyncio.create_task(self._send(account))
            self._sending[account.id] = sending
            sending.add_done_callback(partial(self._sent, account.id))

    async def _start_due(self) -> None:
        """Claim as many due accounts as there is room for, and start their refreshes."""
        async with self._claiming:
            room = self._most - len(self._running)
            if room <= 0:
                return
            claims = await self._store.claims.claim(self._clock(), list(self._intervals), limit=room)
            self._full = len(claims) == room
            for claim in claims:
                task = asyncio.create_task(self._refresh(claim))
                self._running.add(task)
                task.add_done_callback(self._done)

    async def _follow_clock(self) -> None:
        """Let nobody wait longer than an interval because the clock was set back."""
        now = self._clock()
        offset = now - datetime.fromtimestamp(self._seconds(), now.tzinfo)
        if self._offset is not None and offset < self._offset - _SET_BACK:
            log.warning("clock.set_back", seconds=round((self._offset - offset).total_seconds()))
            for source, interval in self._intervals.items():
                await self._store.jobs.bring_forward(source, now + interval)
        self._offset = offset

    def _begin_sweep(self) -> None:
        now = self._seconds()
        fresh = self._swept is not None and now - self._swept < _SWEEP_SECONDS
        if fresh or (self._sweeping and not self._sweeping.done()):
            return
        self._swept = now
        self._sweeping = asyncio.create_task(self._sweep())

    async def _sweep(self) -> None:
        """Sweep, and wait until feeds show it. A mark is written each time, so that storages that refuse it show."""
        try:
            await self._store.beat(self._clock())
            if self._note is not None:
                await self._note()
            await self._sweeper.sweep()
            await self._publishing.finish()
        except StorageError:
            return
        except Exception:  # as for a refresh
            log.exception("sweep.not_finished")

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if self._full and len(self._running) * _QUEUE <= self._most:
            self._more_are_due.set()

    def _sent(self, account_id: int, _task: asyncio.Task[None]) -> None:
        self._sending.pop(account_id, None)

    async def _send(self, account: StoredAccount) -> None:
        try:
            await self._sender.send(account)
        except (StorageError, LockBusy):  # tried again at the next tick
            return
        except Exception:  # as for a refresh
            log.exception("write.not_finished", account=account.id)

    async def _refresh(self, claim: Claim) -> None:
        try:
            await self._refresher.refresh_claimed(claim)
        except StorageError:
            return
        except Exception:  # a bug must not affect the others
            log.exception("refresh.not_finished", account=claim.account.id)
