"""The operator's pages of single matters: held answers, troubled calendars, what was done, and the API."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from aiohttp import web

from bridge.model.event import AllDay, Kind
from bridge.people.audit import deed_value
from bridge.server.admin.entrance import Round, whole_number
from bridge.server.admin.reference import operations_of
from bridge.server.admin.work import Work, Works
from bridge.server.api.document import make_document
from bridge.server.api.endpoints import ENDPOINTS, VERSION
from bridge.server.pages.languages import message
from bridge.server.pages.rendering import Renderer
from bridge.server.pages.standing import PART_NAMES
from bridge.server.routes import API
from bridge.server.services import Services
from bridge.store.surveys import HeldPart
from bridge.sync.on_demand import refresh_now
from bridge.sync.outcome import Row

_DEEDS = 100
_FEEDS = 100
_EVENTS = 200
REASONS = (message("no school address"),)
"""Why `sync_people` leaves people out, for the translations."""
_PRIVATE = {Kind.ABSENCE, Kind.INTERRUPTION, Kind.CHECKIN}


@dataclass(frozen=True, slots=True)
class Leaving:
    """An event that would go: its kind, when it begins, and its title unless that may say why somebody is absent."""

    kind: Kind
    title: str
    begins: datetime
    whole_days: bool


class MatterPages:
    """The pages of what an operator has to look at, and of what was done."""

    def __init__(self, services: Services, renderer: Renderer, works: Works) -> None:
        self._services = services
        self._renderer = renderer
        self._works = works

    async def held(self, round_: Round) -> web.Response:
        """What is held back."""
        found = await self._services.store.surveys.held()
        return self._renderer.page(
            round_.request, "admin/held.html", round=round_, held=found, parts_names=PART_NAMES, title_of=self._title
        )

    async def held_of(self, round_: Round) -> web.Response:
        """What would go if the answers of an account were accepted."""
        held = await self._held(round_)
        leaving = [(one, await self._leaving(one)) for one in held]
        return self._renderer.page(
            round_.request,
            "admin/held_account.html",
            round=round_,
            held=leaving,
            parts_names=PART_NAMES,
            source=self._title(held[0].source),
        )

    async def accept(self, round_: Round) -> web.Response:
        """Begin a refresh of an account that accepts what was held back."""
        await round_.posted()
        held, services = (await self._held(round_))[0], self._services

        async def do(work: Work) -> Sequence[Row]:
            account = await services.store.accounts.get(held.account_id)
            accounts = [] if account is None else [account]
            work.watch(0, len(accounts))
            async with services.recorded_for(round_.operator, "refresh", user=held.user, thing=held.source):
                return await refresh_now(
                    services.refresher, services.sweeper, accounts, accept=True, ended=work.advance
                )

        raise round_.to("jobs", self._works.begin("accept", held.source, held.user or "", do).id)

    async def feeds(self, round_: Round) -> web.Response:
        """The calendars that are too large for some programs, or are not published."""
        surveys = self._services.store.surveys
        return self._renderer.page(
            round_.request,
            "admin/feeds.html",
            round=round_,
            large=await surveys.large(_FEEDS),
            refused=await surveys.feeds(self._services.publisher.refused),
        )

    async def audit(self, round_: Round) -> web.Response:
        """Who did what to whom, the latest first."""
        latest = whole_number(round_.request.query.get("before", ""))
        found = await self._services.store.audit.latest(before=latest, limit=_DEEDS + 1)
        return self._renderer.page(
            round_.request,
            "admin/audit.html",
            round=round_,
            deeds=[(deed, deed_value(deed)) for deed in found[:_DEEDS]],
            further=found[_DEEDS - 1].id if len(found) > _DEEDS else None,
        )

    async def api(self, round_: Round) -> web.Response:
        """The API, from its own document."""
        document = make_document(ENDPOINTS, API + VERSION)
        return self._renderer.page(
            round_.request, "admin/api.html", round=round_, document=document, operations=operations_of(document)
        )

    async def work(self, round_: Round) -> web.Response:
        """How far long work is, and what came of it."""
        work = self._works.find(round_.named("job"))
        return self._renderer.page(
            round_.request,
            "admin/work.html",
            status=404 if work is None else 200,
            round=round_,
            work=work,
            parts_names=PART_NAMES,
            title_of=self._title,
        )

    async def _held(self, round_: Round) -> list[HeldPart]:
        """The held answers of the account of the address. Raises HTTPNotFound."""
        number = whole_number(round_.named("account"))
        held = [] if number is None else await self._services.store.surveys.held(account_id=number)
        if not held:
            raise web.HTTPNotFound
        return held

    async def _leaving(self, held: HeldPart) -> list[Leaving]:
        """The events that an answer lacks, the next first."""
        entries = await self._services.store.events.of_part(held.account_id, held.part)
        found = []
        for entry in entries:
            if entry.uid in held.missing:
                when = entry.event.when
                kind, title = entry.event.kind, entry.event.title
                if isinstance(when, AllDay):
                    begins = datetime.combine(when.start, time(), UTC)
                else:
                    begins = when.start.astimezone(ZoneInfo(when.zone))
                found.append(Leaving(kind, "" if kind in _PRIVATE else title, begins, isinstance(when, AllDay)))
        return sorted(found, key=lambda one: one.begins)[:_EVENTS]

    def _title(self, source: str) -> str:
        return self._services.title_of(source)
