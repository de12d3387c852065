"""Choosing one's groups, on a person's page."""

from aiohttp import web

from bridge.errors import BridgeError, SourceError
from bridge.server.pages.languages import language_of, message
from bridge.server.pages.outcomes import Outcome, outcome
from bridge.server.pages.rendering import Renderer
from bridge.server.pages.visits import Visit, asker_of
from bridge.server.services import Services
from bridge.store.outbox import Outgoing
from bridge.sync.desk import Asker
from bridge.sync.timetables import (
    add_timetable,
    choose_options,
    list_timetables,
    remove_timetable,
    search_timetables,
)
from bridge.upstream.writing import ChoosesTimetables, ChosenTimetable, FoundTimetable

_NOT_READ = message("The school cannot be reached just now. Try again in a while.")


class ChoicePages:
    """The page on which a person chooses which timetables make up their own."""

    def __init__(self, services: Services, renderer: Renderer) -> None:
        self._services = services
        self._renderer = renderer

    async def show(self, visit: Visit) -> web.Response:
        """What the person follows, and what a word finds."""
        return await self._page(visit, await self._asker(visit), None)

    async def act(self, visit: Visit) -> web.Response:
        """Follow, leave, or choose groups of a timetable."""
        given = await visit.posted_lists()
        asker = await self._asker(visit)
        deed, key = given.get("do", [""])[-1], given.get("key", [""])[-1]
        try:
            sent = await self._change(visit, deed, key, given.get("option", []))
        except BridgeError:
            return await self._page(visit, asker, None, error=_NOT_READ)
        return await self._page(visit, asker, outcome(asker.at, sent, language_of(visit.request)))

    async def _change(self, visit: Visit, deed: str, key: str, options: list[str]) -> Outgoing:
        desk, user, account = self._services.desk, visit.user.name, visit.account
        if deed == "choose":
            async with self._services.recorded(visit.user, "timetable choose", account):
                return await choose_options(desk, user, account, key, options)
        if deed == "remove":
            async with self._services.recorded(visit.user, "timetable remove", account):
                return await remove_timetable(desk, user, account, key)
        async with self._services.recorded(visit.user, "timetable add", account):
            return await add_timetable(desk, user, account, key)

    async def _asker(self, visit: Visit) -> Asker:
        asker = await asker_of(self._services.desk, visit)
        if not isinstance(asker.at.source, ChoosesTimetables):
            raise web.HTTPNotFound
        return asker

    async def _page(self, visit: Visit, asker: Asker, sent: Outcome | None, error: str = "") -> web.Response:
        desk, user, account = self._services.desk, visit.user.name, visit.account
        word = visit.request.query.get("word", "").strip()
        followed: list[ChosenTimetable] = []
        found: list[FoundTimetable] = []
        try:
            followed = list(await list_timetables(desk, user, account))
            found = list(await search_timetables(desk, user, account, word)) if word else []
        except SourceError:
            error = _NOT_READ
        keys = {one.key for one in followed if one.enabled}
        return self._renderer.page(
            visit.request,
            "groups.html",
            visit=visit,
            at=asker.at,
            person=asker.person,
            followed=followed,
            found=[one for one in found if one.key not in keys],
            word=word,
            sent=sent,
            error=error,
        )
