"""The service while it runs: the order in which its parts start, and how it ends."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TextIO

import structlog
from aiohttp import web

from bridge.publishing.rounds import Rounds
from bridge.publishing.worker import PublishingWorker
from bridge.server.connections import Connections, GuardedSite
from bridge.server.feeds import FeedCache
from bridge.settings.schema import SourceSettings
from bridge.store.changes import Changes
from bridge.store.credentials import CredentialStore
from bridge.sync.scheduler import Scheduler
from bridge.sync.watchdog import Watchdog

GRACE = timedelta(seconds=5)
"""How long requests, refreshes and publishing may take to end: a container is killed 10 s after SIGTERM."""
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Service:
    """The parts of the service. `sources` are their settings by name, which may change while it runs.

    `shares_port` is whether other processes of this installation listen on its port too.
    """

    runner: web.AppRunner
    host: str
    port: int
    connections: Connections
    cache: FeedCache
    changes: Changes
    scheduler: Scheduler
    publishing: PublishingWorker
    rounds: Rounds
    watchdog: Watchdog
    credentials: CredentialStore
    sources: Mapping[str, SourceSettings]
    shares_port: bool = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """Serve and refresh; yields the address of the server.

        At the end, requests, refreshes and feeds that are being made have a few seconds to finish. What takes longer
        runs again after the next start.

        Raises:
            ConfigError: the address is not available.
        """
        await self.runner.setup()
        notes = asyncio.create_task(self.cache.note_reads())
        try:
            site = GuardedSite(self.runner, self.host, self.port, self.connections, shared=self.shares_port)
            await site.start()
            await self.scheduler.pull_back()
            self.publishing.start()
            self.scheduler.start()
            self.rounds.start()
            self.watchdog.start()
            host, port = self.runner.addresses[0][:2]
            yield f"http://{host}:{port}"
        finally:
            self._stop_logins()
            self.watchdog.stop()
            self.rounds.stop()
            await asyncio.gather(
                _within_grace(self.scheduler.stop(), "refresh.cut_off"),
                _within_grace(self.publishing.stop(), "publishing.cut_off"),
                self.runner.cleanup(),
                self.credentials.settle(),
            )
            notes.cancel()
            await asyncio.gather(notes, return_exceptions=True)
            await self.cache.flush_reads()
            await self.changes.close()

    def _stop_logins(self) -> None:
        """Send no token any more, and log how long those that are out may take."""
        if out := self.credentials.stop():
            longest = GRACE + max((source.timeout for source in self.sources.values()), default=timedelta())
            log.info("stopping.tokens_are_out", logins=out, at_most_seconds=longest.total_seconds())


def stop_signal(parent: TextIO | None = None) -> asyncio.Event:
    """An event that SIGTERM or SIGINT sets from now on, instead of ending the process; or the end of `parent`."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if parent is not None:

        def end() -> None:
            loop.remove_reader(parent)
            stop.set()

        loop.add_reader(parent, end)
    return stop


async def _within_grace(stopping: Awaitable[None], cut_off: str) -> None:
    """Wait for the end of what is stopping, for a while; then end it, and log that as `cut_off`."""
    try:
        await asyncio.wait_for(stopping, GRACE.total_seconds())
    except TimeoutError:
        log.warning(cut_off)
