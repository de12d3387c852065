"""The web application with all its routes."""

from collections.abc import Callable

from aiohttp import web

from bridge.server.clients import Clients
from bridge.server.feeds import FeedCache, FeedHandler
from bridge.server.health import HealthHandler
from bridge.server.lookups import FailedLookups
from bridge.server.metrics import Metrics
from bridge.server.routes import FEED, HEALTH, METRICS, READY
from bridge.store.storage import Store


def build_app(
    store: Store, metrics: Metrics, cache: FeedCache, clients: Clients, tick_age: Callable[[], float]
) -> web.Application:
    """The application with all its routes. `tick_age` gives the seconds since the last tick."""
    app = web.Application()
    feeds = FeedHandler(cache, metrics, clients, FailedLookups())
    health = HealthHandler(store, metrics, tick_age)
    app.router.add_get(FEED, feeds.get)
    app.router.add_get(HEALTH, health.alive)
    app.router.add_get(READY, health.ready)
    app.router.add_get(METRICS, health.metrics)
    return app
