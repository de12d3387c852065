"""When accounts are refreshed: one tick a second asks the store what is due."""

import asyncio
from datetime import datetime, timedelta
from functools import partial

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bridge.model.clock import Clock
from bridge.publishing.publisher import Publisher
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
        publisher: Publisher,
        sweeper: Sweeper,
        *,
        sources: list[str],
        concurrency: int,
        clock: Clock,
    ) -> None:
        self._store = store
        self._refresher = refresher
        self._publisher = publisher
        self._sources = sources
        self._most = concurrency * _QUEUE
        self._clock = clock
        self._running: dict[int, asyncio.Task[None]] = {}
        self._sweeper = sweeper
        self._swept: datetime | None = None
        self._ticks = AsyncIOScheduler()

    async def start(self) -> None:
        """Finish what a dead process left undone, then tick until `stop`."""
        await self._sweep()
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
        """Start nothing more; a refresh that is under way ends first."""
        if self._ticks.running:
            self._ticks.shutdown(wait=False)
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def tick(self) -> None:
        """Start what is due, as far as there is room; once a minute, let go what time alone changes."""
        await self._sweep()
        room = self._most - len(self._running)
        if room <= 0:
            return
        due = await self._store.accounts.due(self._clock(), self._sources, limit=room, but=list(self._running))
        for account in due:
            task = asyncio.create_task(self._refresh(account))
            self._running[account.id] = task
            task.add_done_callback(partial(self._done, account.id))

    async def _sweep(self) -> None:
        now = self._clock()
        if self._swept is not None and timedelta(0) <= now - self._swept < _SWEEP_EVERY:
            return
        self._swept = now
        await self._sweeper.sweep()
        await self._publisher.publish_wanted()

    def _done(self, account_id: int, _task: asyncio.Task[None]) -> None:
        self._running.pop(account_id, None)

    async def _refresh(self, account: StoredAccount) -> None:
        try:
            await self._refresher.refresh(account)
        except Exception:  # a storage that is away for a while must not end the schedule
            log.exception("refresh.not_finished", account=account.id)
