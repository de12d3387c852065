"""The web application with all its routes."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from bridge.server.clients import Clients
from bridge.server.feeds import SAFE, FeedCache, FeedHandler
from bridge.server.health import HealthHandler
from bridge.server.lookups import FailedLookups
from bridge.server.metrics import Metrics
from bridge.server.routes import FEED, HEALTH, METRICS, READY
from bridge.store.storage import Store
from bridge.sync.load import Load

_PROTECTION = {**SAFE, "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"}


async def _no_loads() -> list[Load]:
    return []


def build_app(
    store: Store,
    metrics: Metrics,
    cache: FeedCache,
    clients: Clients,
    tick_age: Callable[[], float],
    loads: Callable[[], Awaitable[list[Load]]] = _no_loads,
) -> web.Application:
    """The application with all its routes.

    `tick_age` gives the seconds since the last tick, `loads` the load of each source.
    """
    app = web.Application()
    app.on_response_prepare.append(_protect)
    feeds = FeedHandler(cache, metrics, clients, FailedLookups())
    health = HealthHandler(store, metrics, tick_age, loads)
    app.router.add_get(FEED, feeds.get)
    app.router.add_get(HEALTH, health.alive)
    app.router.add_get(READY, health.ready)
    app.router.add_get(METRICS, health.metrics)
    return app


async def _protect(_request: web.Request, response: web.StreamResponse) -> None:
    """Give each answer, errors too, the headers that browsers look for; a page has a policy of its own."""
    for name, value in _PROTECTION.items():
        response.headers.setdefault(name, value)
