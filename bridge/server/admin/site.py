"""The operator's pages, with their routes."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from bridge.server import routes
from bridge.server.admin.entrance import Entrance, Round
from bridge.server.admin.matters import MatterPages
from bridge.server.admin.overview import Overview
from bridge.server.admin.people import PeoplePages
from bridge.server.admin.setup import SetupPage
from bridge.server.admin.sources import SourcePages
from bridge.server.admin.work import Works
from bridge.server.clients import Clients
from bridge.server.operators import Operators
from bridge.server.pages.protection import Guard
from bridge.server.pages.rendering import Renderer
from bridge.server.services import Services

Page = Callable[[Round], Awaitable[web.StreamResponse]]


class AdminPages:
    """The pages for operators."""

    def __init__(
        self, services: Services, operators: Operators, clients: Clients, renderer: Renderer, guard: Guard
    ) -> None:
        self._guard = guard
        self._works = Works(services.clock)
        self._entrance = Entrance(operators, services.sessions, renderer)
        self._setup = SetupPage(services, operators, clients, renderer)
        self._overview = Overview(services, renderer, self._works)
        self._sources = SourcePages(services, renderer, self._works)
        self._people = PeoplePages(services, renderer, self._works)
        self._matters = MatterPages(services, renderer, self._works)

    def add_to(self, app: web.Application) -> None:
        """Add the routes. Long work ends with the application."""
        guard, only, router = self._guard, self._entrance.only, app.router
        sources, people, matters = self._sources, self._people, self._matters
        router.add_get(routes.SETUP, guard(self._setup.get))
        router.add_post(routes.SETUP, guard(self._setup.post))
        router.add_post(routes.ADMIN_SIGN_IN, guard(self._entrance.sign_in))
        for route, show in (
            (routes.ADMIN, self._overview.get),
            (routes.NEW_SOURCE, sources.choose),
            (routes.SOURCE, sources.show),
            (routes.PEOPLE, people.list),
            (routes.USER, people.show),
            (routes.HELD, matters.held),
            (routes.FEEDS, matters.feeds),
            (routes.AUDIT, matters.audit),
            (routes.API_PAGE, matters.api),
            (routes.JOB, matters.work),
        ):
            router.add_get(route, guard(only(show)))
        for route, show, act in (
            (routes.NEW_SOURCE_OF, sources.new, sources.add),
            (routes.EDIT_SOURCE, sources.edit, sources.change),
            (routes.REMOVE_SOURCE, sources.ask_remove, sources.remove),
            (routes.INVITE, people.new, people.add),
            (routes.INVITATION, people.invitation, people.renew),
            (routes.REMOVE_USER, people.ask_remove, people.remove),
            (routes.HELD_OF, matters.held_of, matters.accept),
        ):
            router.add_get(route, guard(only(show)))
            router.add_post(route, guard(only(act)))
        deeds: tuple[tuple[str, Page], ...] = (
            (routes.ADMIN_SIGN_OUT, self._entrance.sign_out),
            (routes.CHECK_SOURCE, sources.check),
            (routes.REFRESH_SOURCE, sources.refresh),
            (routes.SYNC_SOURCE, sources.sync),
            (routes.INVITATIONS, sources.invite),
            (routes.REFRESH_USER, people.refresh),
        )
        for route, do in deeds:
            router.add_post(route, guard(only(do)))
        app.on_cleanup.append(self._stop)

    async def _stop(self, _app: web.Application) -> None:
        await self._works.stop()
