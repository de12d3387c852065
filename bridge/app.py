"""The one place where objects are wired together."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from aiohttp import web

from bridge.errors import ConfigError
from bridge.memory import keep_freed_memory
from bridge.model.clock import Clock
from bridge.publishing.publisher import Publisher
from bridge.server.access import access_logger
from bridge.server.application import build_app
from bridge.server.feeds import FeedCache
from bridge.server.metrics import Metrics
from bridge.settings.naming import namers
from bridge.settings.schema import Settings
from bridge.store.changes import watch_changes
from bridge.store.cipher import Cipher, load_keys
from bridge.store.storage import Store, open_store
from bridge.sync.refresher import Refresher, interval_of
from bridge.sync.scheduler import Scheduler
from bridge.sync.sweeper import Sweeper
from bridge.upstream.configured import ConfiguredSource
from bridge.upstream.contract import Surroundings
from bridge.upstream.discovery import discover
from bridge.upstream.http import RetryPolicy, new_session

_USUAL_ZONE = "Europe/Amsterdam"
_NOTE_READS_EVERY = 1.0
_GRACE = 5.0  # for requests and refreshes alike: whoever stops us may wait no longer than 10 s
log = structlog.get_logger()


def now_utc() -> datetime:
    """The clock of the world."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Bridge:
    """Everything that a command or the service works with."""

    settings: Settings
    clock: Clock
    store: Store
    sources: Mapping[str, ConfiguredSource]
    publisher: Publisher
    refresher: Refresher
    sweeper: Sweeper
    metrics: Metrics

    def feed_address(self, token: str) -> str:
        """The address that a token opens."""
        return f"{self.settings.server.public_url}/f/{token}.ics"


@asynccontextmanager
async def open_bridge(
    settings: Settings, *, clock: Clock = now_utc, retry: RetryPolicy | None = None
) -> AsyncIterator[Bridge]:
    """Open the storage and make the sources; everything is closed at the end.

    Raises:
        ConfigError: the key or the storage is not as it should be.
    """
    keep_freed_memory()
    cipher = Cipher(load_keys(settings.security))
    metrics = Metrics()
    async with open_store(settings.storage.url, cipher, clock) as store, new_session() as session:
        types = discover()
        sources = {
            name: ConfiguredSource(
                name,
                types[chosen.type],
                chosen,
                types[chosen.type].create(
                    chosen,
                    Surroundings(
                        name,
                        session,
                        clock,
                        retry or RetryPolicy(),
                        interval_of(chosen, types[chosen.type], settings.refresh),
                    ),
                ),
            )
            for name, chosen in settings.sources.items()
        }
        for name, source in sources.items():
            if not source.type.accounts:
                await store.accounts.ensure_shared(name, clock())
        publisher = Publisher(
            store,
            clock,
            zone=next((source.settings.timezone for source in sources.values()), _USUAL_ZONE),
            interval=settings.refresh.interval,
            namers=namers(settings.sources),
            failed=metrics.unrendered.inc,
            refused=metrics.refused.set,
        )
        refresher = Refresher(store, sources, publisher, settings.refresh, clock, watch=metrics.refreshed)
        yield Bridge(settings, clock, store, sources, publisher, refresher, Sweeper(store, clock), metrics)


@asynccontextmanager
async def serve_bridge(bridge: Bridge) -> AsyncIterator[str]:
    """Listen and refresh; gives the address that is listened on.

    At the end, what is under way gets some seconds to end; a refresh that takes longer is left for the next start.

    Raises:
        ConfigError: the address cannot be listened on.
    """
    settings = bridge.settings
    changes = watch_changes(bridge.store.database)
    cache = FeedCache(bridge.store.feeds, changes, bridge.clock, capacity=settings.server.cache_mib * 1024**2)
    scheduler = Scheduler(
        bridge.store,
        bridge.refresher,
        bridge.publisher,
        bridge.sweeper,
        sources=list(bridge.sources),
        concurrency=settings.refresh.concurrency,
        clock=bridge.clock,
    )
    runner = web.AppRunner(
        build_app(bridge.store, bridge.metrics, cache),
        access_log_class=access_logger(settings.server.trusted_proxies),
        shutdown_timeout=_GRACE,
    )
    await runner.setup()
    notes = asyncio.create_task(_note_reads(cache))
    try:
        site = web.TCPSite(runner, settings.server.host, settings.server.port, reuse_address=True)
        try:
            await site.start()
        except OSError as error:
            place = f"{settings.server.host}:{settings.server.port}"
            raise ConfigError(f"{place} cannot be listened on; see server.host and server.port.") from error
        await scheduler.start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await asyncio.gather(_stop_refreshing(scheduler), runner.cleanup())
        notes.cancel()
        await asyncio.gather(notes, return_exceptions=True)
        await cache.flush_reads()
        await changes.close()


async def serve_until_stopped(bridge: Bridge, listening: Callable[[str], None] = lambda _: None) -> None:
    """Run the service until SIGTERM or SIGINT; `listening` is told the address as soon as it answers."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with serve_bridge(bridge) as address:
        log.info("serving", address=address, sources=len(bridge.sources))
        listening(address)
        await stop.wait()
        log.info("stopping")


async def _stop_refreshing(scheduler: Scheduler) -> None:
    try:
        await asyncio.wait_for(scheduler.stop(), _GRACE)
    except TimeoutError:
        log.warning("refresh.cut_off")


async def _note_reads(cache: FeedCache) -> None:
    while True:
        await asyncio.sleep(_NOTE_READS_EVERY)
        try:
            await cache.flush_reads()
        except Exception:  # who has read may be lost; the service must not be
            log.exception("reads.not_noted")
