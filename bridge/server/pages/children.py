"""Choosing among the people of one login, such as a parent's children."""

from aiohttp import web

from bridge.errors import AuthFailed, BridgeError
from bridge.people.children import Child, add_feed_each, children_of_login, connect_children
from bridge.people.feeds import add_feed
from bridge.people.logins import resume_login
from bridge.server.lookups import FailedLookups
from bridge.server.pages.connections import own_language
from bridge.server.pages.languages import message
from bridge.server.pages.rendering import Renderer, worded
from bridge.server.pages.visits import Visit
from bridge.server.services import Services
from bridge.store.feed import NewFeed
from bridge.upstream.configured import ConfiguredSource

_MOST_REFUSED = 5
_AWAY = message("The school cannot be reached just now. Try again in a while.")
_NOBODY = message("Choose at least one.")


class ChildrenPages:
    """The page on which several people of a login are connected."""

    def __init__(self, services: Services, renderer: Renderer) -> None:
        self._services = services
        self._renderer = renderer
        self._refused = FailedLookups(_MOST_REFUSED)

    async def ask(self, visit: Visit) -> web.Response:
        """Ask who shall be connected."""
        at = self._source(visit)
        try:
            children = await self._children(visit, at)
        except BridgeError as error:
            return self._page(visit, at, (), worded(visit.request, error.sentence, _AWAY))
        return self._page(visit, at, children, "")

    async def connect(self, visit: Visit) -> web.Response:
        """Connect those who were chosen, each in a calendar of their own or all in one."""
        at, given, services = self._source(visit), await visit.posted_lists(), self._services
        try:
            children = await self._children(visit, at)
            chosen = [one for one in children if one.identity in given.get("identity", []) and not one.connected]
            if not chosen:
                return self._page(visit, at, children, _NOBODY)
            await self._connect(visit, at, chosen, each="each" in given.get("calendars", []))
        except BridgeError as error:
            return self._page(visit, at, (), worded(visit.request, error.sentence, _AWAY))
        await services.publisher.publish_for(visit.user.name)
        raise visit.back(done="connected")

    async def _connect(self, visit: Visit, at: ConfiguredSource, chosen: list[Child], *, each: bool) -> None:
        services, user = self._services, visit.user.name
        async with services.recorded(visit.user, "account login", at.name):
            only = chosen[0].identity if len(chosen) == 1 else None
            if only and await resume_login(services.store, at, user, identity=only, clock=services.clock):
                accounts = []
            else:
                accounts = await connect_children(services.store, at, user, chosen, services.clock)
        options = own_language(visit)
        if accounts and each:
            async with services.recorded(visit.user, "feed add", ", ".join(one.name for one in accounts)):
                await add_feed_each(services.store, services.sources, user, accounts, options, services.clock)
        elif not await services.store.feeds.all(user=user):
            new = NewFeed(options=options)
            async with services.recorded(visit.user, "feed add", new.name):
                await add_feed(services.store, services.sources, user, new, services.clock)

    async def _children(self, visit: Visit, at: ConfiguredSource) -> tuple[Child, ...]:
        person = str(visit.user.id)
        if self._refused.wait(person):
            raise web.HTTPTooManyRequests
        try:
            with self._refused.attempt(person):
                return await children_of_login(self._services.store, at, visit.user.name)
        except AuthFailed:
            self._refused.fail(person)
            raise

    def _page(self, visit: Visit, at: ConfiguredSource, children: tuple[Child, ...], error: str) -> web.Response:
        status = 422 if error else 200
        return self._renderer.page(
            visit.request, "connect_person.html", status=status, visit=visit, at=at, children=children, error=error
        )

    def _source(self, visit: Visit) -> ConfiguredSource:
        """The source of the address. Raises HTTPNotFound."""
        at = self._services.sources.get(visit.request.match_info["source"])
        if at is None or not self._services.logs_in(at):
            raise web.HTTPNotFound
        return at
