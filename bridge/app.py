"""The one place where objects are created and passed to each other.

Objects are created, and their modules imported, when they are first used: most commands need only the storage.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING

from bridge.model.clock import Clock, boot_seconds, now_utc
from bridge.people.known_sources import KnownSources
from bridge.settings.schema import Settings, SourceSettings
from bridge.store.cipher import Cipher, load_keys
from bridge.store.marker import Marker
from bridge.store.storage import Store, open_store
from bridge.upstream.discovery import discover
from bridge.upstream.memory import Room

if TYPE_CHECKING:
    from aiohttp import web

    from bridge.publishing.publisher import Publisher
    from bridge.publishing.rounds import Rounds
    from bridge.publishing.worker import PublishingWorker
    from bridge.server.clients import Clients
    from bridge.server.feeds import FeedCache
    from bridge.server.metrics import Metrics
    from bridge.server.services import SignInServices
    from bridge.service import Service
    from bridge.sync.companions import Companions
    from bridge.sync.desk import Desk
    from bridge.sync.load import Load, LoadNotes
    from bridge.sync.outcome import Row
    from bridge.sync.refresher import Refresher
    from bridge.sync.scheduler import Scheduler
    from bridge.sync.sender import Sender
    from bridge.sync.sweeper import Sweeper
    from bridge.sync.tally import Tally
    from bridge.upstream.configured import ConfiguredSource, Sources
    from bridge.upstream.retry import RetryPolicy

_LINGER = 2.0  # for the rest of a body that nobody reads
_PATIENCE = timedelta(seconds=10)  # with the sign-in provider, while a person waits


class Bridge:
    """The objects that commands and the service use. All but the storage are created when they are first used.

    `refreshes` is whether its scheduler takes accounts that are due.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        clock: Clock,
        seconds: Callable[[], float],
        retry: RetryPolicy | None,
        closing: AsyncExitStack,
    ) -> None:
        """Create a bridge. `retry` replaces the sources' usual retries; `closing` closes what is opened later."""
        self.settings = settings
        self.store = store
        self.clock = clock
        self.seconds = seconds
        self.known = KnownSources(
            store, settings.sources, discover(), settings.refresh, clock, changed=self._follow_sources
        )
        self.retry = retry
        self.closing = closing
        self.refreshes = True
        self._own_settings = settings
        self._hosts: set[str] = set()
        self._room = Room()

    def _follow_sources(self) -> None:
        self.settings = self.settings.model_copy(update={"sources": dict(self.known.settings)})
        if "sources" in self.__dict__:
            self._allow_hosts()
            self.sources.configure(self.known.settings)

    def _allow_hosts(self) -> None:
        """Let requests go to the hosts that stand in the settings."""
        from bridge.upstream.addresses import Addresses

        self._hosts |= {host for chosen in self.known.settings.values() for host in Addresses.of(chosen).hosts}

    @cached_property
    def sources(self) -> Sources:
        """The sources of the settings by name, with one HTTP session for all of them."""
        from bridge.store.answers import answers_of
        from bridge.store.budgets import budget_of
        from bridge.upstream.configured import ConfiguredSource, Sources
        from bridge.upstream.retry import RetryPolicy
        from bridge.upstream.session import new_session
        from bridge.upstream.surroundings import Surroundings

        self._allow_hosts()
        session = new_session(self._hosts)
        self.closing.push_async_callback(session.close)

        def create(name: str, chosen: SourceSettings) -> ConfiguredSource:
            kind = self.known.source_types[chosen.type]
            callback = f"{self.settings.server.public_url}/connect/callback"
            store, origin = self.store, chosen.title or name
            budget = budget_of(store.database, name, chosen.requests_per_second)
            answers = answers_of(store.database, store.cipher, store.locks, name, origin, self.clock)
            interval, retry, sent = (
                self.known.intervals[name],
                self.retry or RetryPolicy(),
                partial(self.tally.sent, name),
            )
            surroundings = Surroundings(name, session, self.clock, retry, interval, callback, budget, sent, answers)
            return ConfiguredSource(name, kind, chosen, kind.create(chosen, surroundings), budget)

        sources = Sources(create)
        sources.configure(self.known.settings)
        return sources

    @cached_property
    def load_notes(self) -> LoadNotes:
        """The counts of requests and refreshes of this process."""
        from bridge.sync.load import LoadNotes

        return LoadNotes(self.store, self.sources)

    @cached_property
    def companions(self) -> Companions:
        """The other hosts on the storage."""
        from bridge.sync.companions import Companions

        return Companions(self.store.hosts, self._own_settings)

    async def _note(self) -> None:
        """What the scheduler does once a minute. On SQLite there is one host."""
        await self.load_notes.note()
        if self.store.database.file is None:
            await self.companions.compare()

    async def loads(self) -> list[Load]:
        """The load of each source that has accounts."""
        from bridge.sync.load import loads

        return await loads(self.store, self.sources, self.known.intervals, self.clock())

    @cached_property
    def metrics(self) -> Metrics:
        """The metrics of this process."""
        from bridge.server.metrics import Metrics

        return Metrics()

    @cached_property
    def publisher(self) -> Publisher:
        """The publisher of feeds."""
        from bridge.publishing.drafts import Drafts
        from bridge.publishing.publisher import Publisher

        drafts = Drafts(
            self.store,
            interval=self.settings.refresh.interval,
            namers=self.known.namers,
            titles=self.known.titles,
            zones=self.known.zones,
        )
        failed, refused = self.metrics.unrendered.inc, self.metrics.refused.set
        return Publisher(self.store, self.clock, drafts, failed=failed, refused=refused, room=self._room)

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

        settings, saved = self.settings.refresh, self.worker.wake
        return Refresher(
            self.store, self.sources, settings, self.clock, saved=saved, watch=self._watch, room=self._room
        )

    @cached_property
    def scheduler(self) -> Scheduler:
        """What starts refreshes when they are due, while the service runs; none unless this process `refreshes`."""
        from bridge.sync.scheduler import Scheduler

        return Scheduler(
            self.store,
            self.refresher,
            self.worker,
            self.sweeper,
            sender=self.sender,
            intervals=self.known.intervals,
            configure=self.known.load_changes,
            note=self._note,
            concurrency=self.settings.refresh.concurrency if self.refreshes else 0,
            clock=self.clock,
            seconds=self.seconds,
        )

    @cached_property
    def sender(self) -> Sender:
        """The sender of what people want to have written back."""
        from bridge.sync.sender import Sender

        return Sender(self.store, self.sources, self.clock, saved=self.worker.wake)

    @cached_property
    def desk(self) -> Desk:
        """Where people ask to have something written back."""
        from bridge.sync.desk import Desk

        return Desk(self.store, self.sources, self.sender, self.clock, self.worker.wake)

    @cached_property
    def tally(self) -> Tally:
        """What became of refreshes, for the operator's pages."""
        from bridge.sync.tally import Tally

        return Tally(self.store.activity, self.clock)

    def _watch(self, source: str, rows: Sequence[Row], seconds: float) -> None:
        self.metrics.refreshed(source, rows, seconds)
        self.tally.refreshed(source, rows)
        self.load_notes.refreshed(source)

    @cached_property
    def sweeper(self) -> Sweeper:
        """The sweeper of expired events."""
        from bridge.sync.sweeper import Sweeper

        return Sweeper(self.store, self.clock, self.settings.retention, self.tally)


@asynccontextmanager
async def open_bridge(
    settings: Settings,
    *,
    clock: Clock = now_utc,
    seconds: Callable[[], float] = boot_seconds,
    retry: RetryPolicy | None = None,
) -> AsyncIterator[Bridge]:
    """Open the storage, and close everything at the end. `seconds` is a monotonic clock.

    Raises:
        ConfigError: the key does not fit, or the storage cannot be opened.
    """
    cipher = Cipher(load_keys(settings.security), lambda: load_keys(settings.security))
    key = settings.security.secret_key_file
    marker = None if settings.security.secret_key else Marker(key.with_name(f"{key.name}.storages"))
    async with (
        open_store(settings.storage.url, cipher, clock, marker, seconds=seconds) as store,
        AsyncExitStack() as closing,
    ):
        bridge = Bridge(settings, store, clock, seconds, retry, closing)
        await bridge.known.load()
        try:
            yield bridge
        finally:  # before the HTTP sessions close: the answer to a token that is out must not be cut off
            bridge.store.credentials.stop()
            await bridge.store.credentials.settle()


def serve_bridge(bridge: Bridge, *, worker: int | None = None) -> AbstractAsyncContextManager[str]:
    """Serve and refresh; yields the address of the server. See `bridge.service.Service.running`.

    `worker` is the number of this process among those that listen on the same port. On SQLite only the first of them
    refreshes.
    """
    bridge.refreshes = worker in {None, 1} or bridge.store.database.file is None
    return create_service(bridge, shares_port=worker is not None).running()


def create_service(bridge: Bridge, *, shares_port: bool = False) -> Service:
    """The parts of the service."""
    from aiohttp import web

    from bridge.server.access import access_logger
    from bridge.server.clients import Clients
    from bridge.server.connections import ConnectionLimits, Connections, most_connections
    from bridge.server.feeds import FeedCache
    from bridge.server.malformed import RequestLog
    from bridge.service import GRACE, Service
    from bridge.store.changes import watch_changes
    from bridge.sync.watchdog import Watchdog

    server = bridge.settings.server
    changes = watch_changes(bridge.store.database)
    cache = FeedCache(bridge.store.renderings, changes, bridge.clock, capacity=server.cache_mib * 1024**2)
    scheduler = bridge.scheduler
    clients = Clients(server.trusted_proxies)
    return Service(
        runner=web.AppRunner(
            _application(bridge, cache, clients, lambda: scheduler.tick_age),
            access_log_class=access_logger(clients),
            logger=RequestLog(),
            lingering_time=_LINGER,
            shutdown_timeout=GRACE.total_seconds(),
        ),
        host=server.host,
        port=server.port,
        connections=Connections(ConnectionLimits(most_connections()), clients),
        cache=cache,
        changes=changes,
        scheduler=scheduler,
        publishing=bridge.worker,
        rounds=bridge.rounds,
        watchdog=Watchdog(lambda: scheduler.ticks),
        credentials=bridge.store.credentials,
        sources=bridge.known.settings,
        shares_port=shares_port,
    )


def _application(bridge: Bridge, cache: FeedCache, clients: Clients, tick_age: Callable[[], float]) -> web.Application:
    """The web application: feeds, API and pages."""
    from bridge.server.api.application import build_api
    from bridge.server.application import build_app
    from bridge.server.operators import Operators
    from bridge.server.routes import API
    from bridge.server.services import Services
    from bridge.server.sessions import Sessions
    from bridge.server.site import Pages

    served = build_app(bridge.store, bridge.metrics, cache, clients, tick_age, bridge.loads)
    services = Services(
        store=bridge.store,
        sources=bridge.sources,
        known=bridge.known,
        publisher=bridge.publisher,
        refresher=bridge.refresher,
        sweeper=bridge.sweeper,
        clock=bridge.clock,
        server=bridge.settings.server,
        sessions=Sessions(
            bridge.store.sessions,
            bridge.clock,
            bridge.settings.retention.sessions,
            secure=bridge.settings.server.public_url.startswith("https:"),
        ),
        sign_in=_sign_in(bridge),
        desk=bridge.desk,
    )
    operators = Operators(
        bridge.settings.security.admin_token,
        bridge.store.installation,
        clients,
        others=bridge.settings.oidc.admins_hash,
    )
    served.add_subapp(API, build_api(services, operators))
    Pages(services, clients, operators).add_to(served)
    return served


def _sign_in(bridge: Bridge) -> SignInServices | None:
    """What people sign in with; `None` where the settings name no provider."""
    oidc = bridge.settings.oidc
    if oidc.issuer is None:
        return None
    from yarl import URL

    from bridge.people.signin.arrivals import Arrivals, needed_claims
    from bridge.people.signin.provider import Provider
    from bridge.server.routes import SIGNED_IN
    from bridge.server.services import SignInServices
    from bridge.upstream.http import HttpClient
    from bridge.upstream.retry import RetryPolicy
    from bridge.upstream.session import new_session

    host = URL(oidc.issuer).host or ""
    session = new_session({host})
    bridge.closing.push_async_callback(session.close)
    provider = Provider(
        HttpClient(session, origin=host, timeout=_PATIENCE, retry=bridge.retry or RetryPolicy()),
        oidc.issuer,
        oidc.client_id,
        oidc.client_secret.get_secret_value().strip() if oidc.client_secret else "",
        bridge.settings.server.public_url + SIGNED_IN,
        bridge.clock,
    )
    arrivals = Arrivals(bridge.store, bridge.sources, oidc, bridge.clock)
    return SignInServices(provider, arrivals, needed_claims(oidc), oidc.admins_hash)
