"""All pages, with their routes."""

from aiohttp import web

from bridge.server.clients import Clients
from bridge.server.lookups import FailedLookups
from bridge.server.pages.assets import Assets
from bridge.server.pages.feeds import FeedPages
from bridge.server.pages.landing import LandingHandler
from bridge.server.pages.overview import OverviewHandler
from bridge.server.pages.protection import Guard
from bridge.server.pages.rendering import Renderer
from bridge.server.pages.services import Services
from bridge.server.pages.visits import Visitors
from bridge.server.routes import ANYTHING, EDIT_FEED, FEED_ADDRESS, LANDING, NEW_FEED, PERSON, REMOVE_FEED, STATIC


class Pages:
    """The pages for people."""

    def __init__(self, services: Services, clients: Clients) -> None:
        self._assets = Assets()
        renderer = Renderer(self._assets, services.clock)
        self._guard = Guard(renderer, services.public_url)
        self._visitors = Visitors(services.store.links, clients, FailedLookups())
        self._landing = LandingHandler(renderer)
        self._overview = OverviewHandler(services, renderer)
        self._feeds = FeedPages(services, renderer)

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Add the routes, after all others: the last one answers every address that no other has."""
        guard, person = self._guard, self._visitors.only
        router.add_get(LANDING, guard(self._landing.get))
        router.add_get(STATIC, guard(self._assets.get))
        router.add_get(PERSON, guard(person(self._overview.get)))
        feeds = self._feeds
        for route, show, act in (
            (NEW_FEED, feeds.new, feeds.add),
            (EDIT_FEED, feeds.edit, feeds.change),
            (FEED_ADDRESS, feeds.ask_address, feeds.rotate),
            (REMOVE_FEED, feeds.ask_remove, feeds.remove),
        ):
            router.add_get(route, guard(person(show)))
            router.add_post(route, guard(person(act)))
        router.add_get(ANYTHING, guard(self._landing.unknown))
