"""The one place where objects are created and passed to each other.

Objects are created, and their modules imported, when they are first used: most commands need only the storage.
"""

from __future__ import annotations

import asyncio
import errno
import gc
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import structlog

from bridge.errors import ConfigError
from bridge.model.clock import Clock
from bridge.people.configuring import merge_sources
from bridge.people.sources import SourceValue, source_value
from bridge.settings.naming import namers
from bridge.settings.schema import ServerSettings, Settings, SourceSettings
from bridge.store.cipher import Cipher, load_keys
from bridge.store.marker import Marker
from bridge.store.sources import StoredSource
from bridge.store.storage import Store, open_store
from bridge.upstream.discovery import discover

if TYPE_CHECKING:
    from aiohttp import web

    from bridge.publishing.publisher import Publisher
    from bridge.publishing.rounds import Rounds
    from bridge.publishing.worker import PublishingWorker
    from bridge.server.clients import Clients
    from bridge.server.connections import GuardedSite
    from bridge.server.feeds import FeedCache
    from bridge.server.metrics import Metrics
    from bridge.sync.refresher import Refresher
    from bridge.sync.sweeper import Sweeper
    from bridge.upstream.configured import ConfiguredSource, Sources
    from bridge.upstream.http import RetryPolicy

_NOTE_READS_EVERY = 1.0
_GC_THRESHOLD = (5_000, 10, 10)
_LINGER = 2.0  # for the rest of a body that nobody reads
_VALUE = TypeVar("_VALUE")
_GRACE = 5.0  # for requests and for refreshes: a container is killed 10 s after SIGTERM
log = structlog.get_logger()


def now_utc() -> datetime:
    """The real clock."""
    return datetime.now(UTC)


class Bridge:
    """The objects that commands and the service use. All but the storage are created when they are first used."""

    def __init__(
        self, settings: Settings, store: Store, clock: Clock, retry: RetryPolicy | None, closing: AsyncExitStack
    ) -> None:
        """Create a bridge. `retry` replaces the sources' usual retries; `closing` closes what is opened later."""
        self.settings = settings
        self.overruled: Collection[str] = ()
        self.faults: Mapping[str, str] = {}
        self.store = store
        self.clock = clock
        self._retry = retry
        self._closing = closing
        self._types = discover()
        self._of_file = settings.sources
        self._stamp: str | None = None
        self._namers: dict[str, Sequence[str]] = {}
        self._titles: dict[str, str] = {}
        self._zones: dict[str, str] = {}
        self._hosts: set[str] = set()
        self.intervals: dict[str, timedelta] = {}

    @property
    def types(self) -> Mapping[str, type[SourceSettings]]:
        """The class of the settings of each type of source."""
        return {name: found.settings for name, found in self._types.items()}

    async def begin(self) -> None:
        """Have the sources of the settings file and of the storage."""
        self._stamp = await self.store.sources.stamp()
        await self._configure(await self.store.sources.all() if self._stamp else [])

    async def take_up_sources(self) -> None:
        """Take up what was changed of the sources in the storage since the last time, also by other processes."""
        stamp = await self.store.sources.stamp()
        if stamp != self._stamp:
            await self._configure(await self.store.sources.all())
            self._stamp = stamp
            await self.store.feeds.want()

    async def _configure(self, stored: Collection[StoredSource]) -> None:
        """Have the sources of the settings file and these."""
        from bridge.upstream.source_type import interval_of

        merged = merge_sources(self._of_file, stored, self.types)
        self.settings = self.settings.model_copy(update={"sources": merged.sources})
        self.overruled, self.faults = merged.overruled, merged.faults
        _refill(self._namers, namers(merged.sources))
        _refill(self._titles, {name: one.title for name, one in merged.sources.items()})
        _refill(self._zones, {name: one.timezone for name, one in merged.sources.items()})
        intervals = {
            name: interval_of(one, self._types[one.type], self.settings.refresh) for name, one in merged.sources.items()
        }
        _refill(self.intervals, intervals)
        for name, chosen in merged.sources.items():
            if not self._types[chosen.type].accounts:
                await self.store.accounts.ensure_shared(name, self.clock())
        await self.store.accounts.keep_types({name: chosen.type for name, chosen in merged.sources.items()})
        if "sources" in self.__dict__:
            self._learn_hosts()
            self.sources.configure(merged.sources)

    def _learn_hosts(self) -> None:
        """Let requests go to the hosts that stand in the settings."""
        from bridge.upstream.addresses import Addresses

        self._hosts |= {host for one in self.settings.sources.values() for host in Addresses.of(one).hosts}

    def source_value(self, name: str) -> SourceValue:
        """A source as an object."""
        return source_value(name, self.settings.sources[name], stored=name not in self._of_file)

    @cached_property
    def sources(self) -> Sources:
        """The sources of the settings by name, with one HTTP session for all of them."""
        from bridge.upstream.configured import ConfiguredSource, Sources
        from bridge.upstream.http import RetryPolicy, new_session
        from bridge.upstream.source_type import interval_of
        from bridge.upstream.surroundings import Surroundings

        self._learn_hosts()
        session = new_session(self._hosts)
        self._closing.push_async_callback(session.close)

        def create(name: str, chosen: SourceSettings) -> ConfiguredSource:
            kind = self._types[chosen.type]
            interval = interval_of(chosen, kind, self.settings.refresh)
            callback = f"{self.settings.server.public_url}/connect/callback"
            surroundings = Surroundings(name, session, self.clock, self._retry or RetryPolicy(), interval, callback)
            return ConfiguredSource(name, kind, chosen, kind.create(chosen, surroundings))

        sources = Sources(create)
        sources.configure(self.settings.sources)
        return sources

    @cached_property
    def metrics(self) -> Metrics:
        """The metrics of this process."""
        from bridge.server.metrics import Metrics

        return Metrics()

    @cached_property
    def publisher(self) -> Publisher:
        """The publisher of feeds."""
        from bridge.publishing.publisher import Publisher

        return Publisher(
            self.store,
            self.clock,
            interval=self.settings.refresh.interval,
            namers=self._namers,
            titles=self._titles,
            zones=self._zones,
            failed=self.metrics.unrendered.inc,
            refused=self.metrics.refused.set,
        )

    @cached_property
    def worker(self) -> PublishingWorker:
        """The task that publishes while the service runs."""
        from bridge.publishing.worker import PublishingWorker

        return PublishingWorker(self.publisher)

    @cached_property
    def rounds(self) -> Rounds:
        """The daily inspection of all calendars while the service runs."""
        from bridge.publishing.inspector import Inspector
        from bridge.publishing.rounds import Rounds

        return Rounds(Inspector(self.store.renderings, self.clock, faulty=self.metrics.faulty.set))

    @cached_property
    def refresher(self) -> Refresher:
        """The refresher of accounts."""
        from bridge.sync.refresher import Refresher

        return Refresher(
            self.store,
            self.sources,
            self.settings.refresh,
            self.clock,
            saved=self.worker.wake,
            watch=self.metrics.refreshed,
        )

    @cached_property
    def sweeper(self) -> Sweeper:
        """The sweeper of expired events."""
        from bridge.sync.sweeper import Sweeper

        return Sweeper(self.store, self.clock, audit_for=self.settings.retention.audit)

    def recorded(
        self, action: str, *, user: str | None = None, thing: str | None = None
    ) -> AbstractAsyncContextManager[None]:
        """Record that a command does this to a user, a source or a feed; see `bridge.people.audit.recorded`."""
        from bridge.people.audit import recorded
        from bridge.store.audit import Via

        return recorded(self.store, self.clock, Via.COMMAND, action, user=user, thing=thing)

    def feed_address(self, token: str) -> str:
        """The address of the feed with this token."""
        return f"{self.settings.server.public_url}/f/{token}.ics"

    def page_address(self, token: str) -> str:
        """The address of the page with this token."""
        return f"{self.settings.server.public_url}/m/{token}"


def _refill(known: dict[str, _VALUE], found: Mapping[str, _VALUE]) -> None:
    """Have in a dictionary, which others use, what is in another."""
    known.clear()
    known.update(found)


@asynccontextmanager
async def open_bridge(
    settings: Settings, *, clock: Clock = now_utc, retry: RetryPolicy | None = None
) -> AsyncIterator[Bridge]:
    """Open the storage, and close everything at the end.

    Raises:
        ConfigError: the key does not fit, or the storage cannot be opened.
    """
    cipher = Cipher(load_keys(settings.security), lambda: load_keys(settings.security))
    key = settings.security.secret_key_file
    marker = None if settings.security.secret_key else Marker(key.with_name(f"{key.name}.storages"))
    async with open_store(settings.storage.url, cipher, clock, marker) as store, AsyncExitStack() as closing:
        bridge = Bridge(settings, store, clock, retry, closing)
        await bridge.begin()
        yield bridge


def spare_imports(bridge: Bridge) -> None:
    """Exempt the modules that refreshes use from garbage collection, and collect less often.

    A refresh makes many values at once and no circles of them. With Python's own threshold of 700, collecting takes a
    third of a first import, and half of a refresh in which a lesson has changed.
    """
    _ = bridge.refresher  # imports them
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLD)


@asynccontextmanager
async def serve_bridge(bridge: Bridge) -> AsyncIterator[str]:
    """Serve and refresh; yields the address of the server.

    At the end, requests, refreshes and feeds that are being made have a few seconds to finish. What takes longer runs
    again after the next start.

    Raises:
        ConfigError: the address is not available.
    """
    from aiohttp import web

    from bridge.server.access import access_logger
    from bridge.server.clients import Clients
    from bridge.server.connections import ConnectionLimits, Connections, GuardedSite, most_connections
    from bridge.server.feeds import FeedCache
    from bridge.server.malformed import RequestLog
    from bridge.store.changes import watch_changes
    from bridge.sync.scheduler import Scheduler
    from bridge.sync.watchdog import Watchdog

    settings = bridge.settings
    changes = watch_changes(bridge.store.database)
    cache = FeedCache(bridge.store.renderings, changes, bridge.clock, capacity=settings.server.cache_mib * 1024**2)
    scheduler = Scheduler(
        bridge.store,
        bridge.refresher,
        bridge.worker,
        bridge.sweeper,
        intervals=bridge.intervals,
        configure=bridge.take_up_sources,
        concurrency=settings.refresh.concurrency,
        clock=bridge.clock,
    )
    watchdog = Watchdog(lambda: scheduler.ticks)
    clients = Clients(settings.server.trusted_proxies)
    connections = Connections(ConnectionLimits(most_connections()), clients)
    runner = web.AppRunner(
        _application(bridge, cache, clients, lambda: scheduler.tick_age),
        access_log_class=access_logger(clients),
        logger=RequestLog(),
        lingering_time=_LINGER,
        shutdown_timeout=_GRACE,
    )
    await runner.setup()
    notes = asyncio.create_task(_note_reads(cache))
    try:
        site = GuardedSite(runner, settings.server.host, settings.server.port, connections)
        await _listen(site, settings.server)
        await _pull_back(bridge, bridge.intervals)
        bridge.worker.start()
        scheduler.start()
        bridge.rounds.start()
        watchdog.start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        _stop_logins(bridge)
        watchdog.stop()
        bridge.rounds.stop()
        await asyncio.gather(
            _within_grace(scheduler.stop(), "refresh.cut_off"),
            _within_grace(bridge.worker.stop(), "publishing.cut_off"),
            runner.cleanup(),
            bridge.store.credentials.settle(),
        )
        notes.cancel()
        await asyncio.gather(notes, return_exceptions=True)
        await cache.flush_reads()
        await changes.close()


def _application(bridge: Bridge, cache: FeedCache, clients: Clients, tick_age: Callable[[], float]) -> web.Application:
    """The web application: feeds, API and pages."""
    from bridge.server.api.application import build_api
    from bridge.server.api.service import Service
    from bridge.server.application import build_app
    from bridge.server.operators import Operators
    from bridge.server.pages.services import Services
    from bridge.server.pages.site import Pages
    from bridge.server.routes import API

    served = build_app(bridge.store, bridge.metrics, cache, clients, tick_age)
    service = Service(
        store=bridge.store,
        sources=bridge.sources,
        publisher=bridge.publisher,
        refresher=bridge.refresher,
        sweeper=bridge.sweeper,
        clock=bridge.clock,
        public_url=bridge.settings.server.public_url,
        office=bridge,
    )
    served.add_subapp(API, build_api(service, Operators(bridge.settings.security.admin_token, clients)))
    services = Services(bridge.store, bridge.sources, bridge.publisher, bridge.clock, service.public_url)
    Pages(services, clients).add_to(served.router)
    return served


async def serve_until_stopped(bridge: Bridge, listening: Callable[[str], None] = lambda _: None) -> None:
    """Run the service until SIGTERM or SIGINT. `listening` is called with its address as soon as it answers."""
    from bridge.people.orphans import orphans

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with serve_bridge(bridge) as address:
        spare_imports(bridge)
        for warning in await orphans(bridge.store, bridge.settings.sources):
            log.warning(warning)
        log.info("serving", address=address, sources=len(bridge.sources))
        listening(address)
        await stop.wait()
        log.info("stopping")


def _stop_logins(bridge: Bridge) -> None:
    """Send no token any more, and log how long those that are out may take."""
    if out := bridge.store.credentials.stop():
        longest = max(source.timeout for source in bridge.settings.sources.values())
        log.info("stopping.tokens_are_out", logins=out, at_most_seconds=_GRACE + longest.total_seconds())


async def _listen(site: GuardedSite, settings: ServerSettings) -> None:
    try:
        await site.start()
    except OSError as error:
        place = f"{settings.host}:{settings.port}"
        if error.errno == errno.EADDRINUSE:
            sentence = f"{place}: a program already listens there; is another Roosterbridge running? See server.port."
        else:
            sentence = f"{place} cannot be listened on; see server.host and server.port."
        raise ConfigError(sentence) from error


async def _pull_back(bridge: Bridge, intervals: Mapping[str, timedelta]) -> None:
    """Let nobody wait longer because an interval was longer before, or the clock ahead."""
    now = bridge.clock()
    for name, interval in intervals.items():
        await bridge.store.accounts.pull_back(name, interval)
        await bridge.store.jobs.bring_forward(name, now + interval, refreshed_after=now)


async def _within_grace(stopping: Awaitable[None], cut_off: str) -> None:
    """Wait for the end of what is stopping, for a while; then end it, and log that as `cut_off`."""
    try:
        await asyncio.wait_for(stopping, _GRACE)
    except TimeoutError:
        log.warning(cut_off)


async def _note_reads(cache: FeedCache) -> None:
    while True:
        await asyncio.sleep(_NOTE_READS_EVERY)
        try:
            await cache.flush_reads()
        except Exception:  # reads may be lost; the service must go on
            log.exception("reads.not_noted")
