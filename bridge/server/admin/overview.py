"""The operator's first page: how sources stand, and what is to be looked at."""

from zoneinfo import ZoneInfo

from aiohttp import web

from bridge.people.standings import source_standings
from bridge.server.admin.drawing import draw_day
from bridge.server.admin.entrance import Round
from bridge.server.admin.work import Works
from bridge.server.pages.rendering import Renderer
from bridge.server.services import Services
from bridge.store.account import State


class Overview:
    """GET of `/admin`."""

    def __init__(self, services: Services, renderer: Renderer, works: Works) -> None:
        self._services = services
        self._renderer = renderer
        self._works = works

    async def get(self, round_: Round) -> web.Response:
        """The page."""
        services, now = self._services, self._services.clock()
        standings = await source_standings(services.store, services.known, now)
        zone = {one.value.name: ZoneInfo(services.known.settings[one.value.name].timezone) for one in standings}
        people = await services.store.surveys.people(offset=0, limit=1)
        return self._renderer.page(
            round_.request,
            "admin/overview.html",
            round=round_,
            kinds=services.known.source_types,
            standings=[(one, draw_day(one.day, now, zone[one.value.name])) for one in standings],
            people=people.total,
            held=sum(one.accounts.get(State.HELD, 0) for one in standings),
            logins=sum(one.accounts.get(State.LOGIN_NEEDED, 0) for one in standings),
            large=await services.store.feeds.count_large(),
            refused=len(services.publisher.refused),
            overruled=services.known.overruled,
            faults=services.known.faults,
            works=self._works.running,
            done=round_.request.query.get("done", ""),
        )
