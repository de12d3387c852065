"""All pages, with their routes."""

from aiohttp import web

from bridge.model.clock import Clock
from bridge.server.pages.assets import Assets
from bridge.server.pages.landing import LandingHandler
from bridge.server.pages.protection import Guard
from bridge.server.pages.rendering import Renderer
from bridge.server.routes import ANYTHING, LANDING, STATIC


class Pages:
    """The pages for people."""

    def __init__(self, clock: Clock, *, public_url: str) -> None:
        """Create the pages of a service that people reach at `public_url`."""
        self._assets = Assets()
        renderer = Renderer(self._assets, clock)
        self._guard = Guard(renderer, public_url)
        self._landing = LandingHandler(renderer)

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add the routes, after all others: the last one answers every address that no other has."""
        guard = self._guard
        router.add_get(LANDING, guard(self._landing.get))
        router.add_get(STATIC, guard(self._assets.get))
        router.add_get(ANYTHING, guard(self._landing.unknown))
