"""When accounts are refreshed: one tick a second asks the store what is due."""

import asyncio
from datetime import datetime, timedelta
from functools import partial

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bridge.model.clock import Clock
from bridge.publishing.worker import PublishingWorker
from bridge.store.accounts import StoredAccount
from bridge.store.storage import Store
from bridge.sync.refresher import Refresher
from bridge.sync.sweeper import Sweeper

_TICK_SECONDS = 1
_QUEUE = 16
_SWEEP_EVERY = timedelta(minutes=1)
log = structlog.get_logger()


class Scheduler:
    """Starts the refreshes that are due and remembers only which are under way; all else stands in the store."""

    def __init__(
        self,
        store: Store,
        refresher: Refresher,
        publishing: PublishingWorker,
        sweeper: Sweeper,
        *,
        sources: list[str],
        concurrency: int,
        clock: Clock,
    ) -> None:
        self._store = store
        self._refresher = refresher
        self._publishing = publishing
        self._sources = sources
        self._most = concurrency * _QUEUE
        self._clock = clock
        self._running: dict[int, asyncio.Task[None]] = {}
        self._sweeper = sweeper
        self._swept: datetime | None = None
        self._sweeping: asyncio.Task[None] | None = None
        self._ticks = AsyncIOScheduler()

    def start(self) -> None:
        """Sweep at once, and tick until `stop`."""
        self._begin_sweep()
        self._ticks.add_job(
            self.tick,
            "interval",
            seconds=_TICK_SECONDS,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )
        self._ticks.start()

    async def stop(self) -> None:
        """Start nothing more; the refreshes and the sweep that are running end first."""
        if self._ticks.running:
            self._ticks.shutdown(wait=False)
        sweeping = [self._sweeping] if self._sweeping else []
        await asyncio.gather(*self._running.values(), *sweeping, return_exceptions=True)

    async def tick(self) -> None:
        """Start what is due, as far as there is room, and once a minute a sweep; publish what another process saved."""
        self._publishing.wake()
        self._begin_sweep()
        room = self._most - len(self._running)
        if room <= 0:
            return
        due = await self._store.accounts.due(self._clock(), self._sources, limit=room, but=list(self._running))
        for account in due:
            task = asyncio.create_task(self._refresh(account))
            self._running[account.id] = task
            task.add_done_callback(partial(self._done, account.id))

    def _begin_sweep(self) -> None:
        now = self._clock()
        fresh = self._swept is not None and timedelta(0) <= now - self._swept < _SWEEP_EVERY
        if fresh or (self._sweeping and not self._sweeping.done()):
            return
        self._swept = now
        self._sweeping = asyncio.create_task(self._sweep())

    async def _sweep(self) -> None:
        """Remove what time alone changes, and wait until feeds show it."""
        try:
            await self._sweeper.sweep()
            await self._publishing.finish()
        except Exception:  # as for a refresh
            log.exception("sweep.not_finished")

    def _done(self, account_id: int, _task: asyncio.Task[None]) -> None:
        self._running.pop(account_id, None)

    async def _refresh(self, account: StoredAccount) -> None:
        try:
            await self._refresher.refresh(account)
        except Exception:  # a storage that is away for a while must not end the schedule
            log.exception("refresh.not_finished", account=account.id)
