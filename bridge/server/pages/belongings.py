"""What a person can do with everything that is theirs: take it along, lock others out, and leave."""

import orjson
from aiohttp import web

from bridge.people.accounts import remove_user
from bridge.people.exports import everything_about
from bridge.server.pages.rendering import HEADERS, Renderer
from bridge.server.pages.visits import ME, Visit
from bridge.server.services import Services
from bridge.server.sessions import COOKIE


class BelongingPages:
    """The pages about all of a person's belongings."""

    def __init__(self, services: Services, renderer: Renderer) -> None:
        self._services = services
        self._renderer = renderer

    async def take(self, visit: Visit) -> web.Response:
        """Everything that is kept about the person, as a file."""
        about = await everything_about(self._services.store, visit.user.name)
        headers = {
            **HEADERS,
            "Content-Type": "application/json",
            "Content-Disposition": 'attachment; filename="roosterbridge.json"',
        }
        return web.Response(body=orjson.dumps(about, option=orjson.OPT_INDENT_2), headers=headers)

    async def ask_end(self, visit: Visit) -> web.Response:
        """Ask whether everybody else's access shall end."""
        return self._renderer.page(visit.request, "end_access.html", visit=visit)

    async def end(self, visit: Visit) -> web.Response:
        """Give the page and all calendars new addresses, end other sessions, and lead to the new page."""
        await visit.posted()
        store, now = self._services.store, self._services.clock()
        for feed in await store.feeds.all(user=visit.user.name):
            async with self._services.recorded(visit.user, "feed rotate", feed.name):
                await store.feeds.rotate(feed.user, feed.name, now)
        async with self._services.recorded(visit.user, "user link"):
            token = await store.links.renew(visit.user.name, now)
        await store.sessions.end_all_of(visit.user, but=visit.request.cookies.get(COOKIE, ""))
        raise web.HTTPSeeOther(f"/m/{ME if visit.signed_in else token}?done=ended")

    async def ask_remove(self, visit: Visit) -> web.Response:
        """Ask whether the person shall be removed."""
        return self._renderer.page(visit.request, "remove_me.html", visit=visit)

    async def remove(self, visit: Visit) -> web.Response:
        """Remove the person, as `user remove` does."""
        await visit.posted()
        services = self._services
        async with services.recorded(visit.user, "user remove"):
            warnings = await remove_user(services.store, services.sources, visit.user.name, services.clock())
        await services.publisher.publish_for(visit.user.name)
        await services.store.database.scrub()
        return self._renderer.page(visit.request, "removed.html", warnings=warnings)
