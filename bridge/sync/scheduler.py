"""Start refreshes when they are due: a tick a second asks the store for due accounts."""

import asyncio
from datetime import datetime, timedelta
from functools import partial

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bridge.errors import StorageError
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
    """Starts due refreshes. It knows only which of them are running; everything else is in the store."""

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
        """Sweep now, and tick until `stop`."""
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
        """Start nothing more, and wait until running refreshes and the sweep have ended."""
        if self._ticks.running:
            self._ticks.shutdown(wait=False)
        sweeping = [self._sweeping] if self._sweeping else []
        await asyncio.gather(*self._running.values(), *sweeping, return_exceptions=True)

    async def tick(self) -> None:
        """Start due refreshes, up to the limit, and once a minute a sweep. Publish what other processes have saved."""
        self._publishing.wake()
        self._begin_sweep()
        room = self._most - len(self._running)
        if room <= 0:
            return
        now, running = self._clock(), list(self._running)
        try:
            due = await self._store.accounts.due(now, self._sources, limit=room, but=running)
        except StorageError:  # the storage has logged it, and may be back at the next tick
            return
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
        """Sweep, and wait until feeds show it."""
        try:
            await self._sweeper.sweep()
            await self._publishing.finish()
        except StorageError:
            return
        except Exception:  # as for a refresh
            log.exception("sweep.not_finished")

    def _done(self, account_id: int, _task: asyncio.Task[None]) -> None:
        self._running.pop(account_id, None)

    async def _refresh(self, account: StoredAccount) -> None:
        try:
            await self._refresher.refresh(account, due=True)
        except StorageError:
            return
        except Exception:  # a bug must not affect the others
            log.exception("refresh.not_finished", account=account.id)
