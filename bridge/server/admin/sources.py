"""The operator's pages of sources: adding, changing and removing them, and refreshing and syncing what they have."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from bridge.errors import BridgeError, ConfigError, SourceError
from bridge.people.invitations import GOOD_FOR, invite, sheet_of
from bridge.people.known_sources import add_checked_source
from bridge.people.leavers import remove_leavers
from bridge.people.rosters import Synced, sync_people
from bridge.people.sources import check_source
from bridge.people.standings import source_standings
from bridge.server.admin.drawing import draw_day
from bridge.server.admin.entrance import Round
from bridge.server.admin.source_form import SourceForm, as_typed, faults_of, fields_of, free_name, typed
from bridge.server.admin.work import Work, Works
from bridge.server.pages.languages import language_of, message
from bridge.server.pages.rendering import HEADERS, Renderer, worded
from bridge.server.pages.subscribing import Subscription
from bridge.server.services import Services
from bridge.sync.on_demand import accounts_to_refresh, refresh_now
from bridge.sync.outcome import Row
from bridge.upstream.capabilities import ListsPeople
from bridge.upstream.source_type import SourceType

_PRINTED = 300
LEFT = {f"{days}d": timedelta(days=days) for days in (30, 90, 365)}
"""For how long somebody may have to be gone to be removed."""
_AWAY = message("It does not answer like this, or refuses. Check the address and what the supplier gave you.")


class SourcePages:
    """The pages of sources."""

    def __init__(self, services: Services, renderer: Renderer, works: Works) -> None:
        self._services = services
        self._renderer = renderer
        self._works = works

    async def choose(self, round_: Round) -> web.Response:
        """The types of sources."""
        kinds = sorted(self._services.known.source_types.values(), key=lambda kind: (not kind.accounts, kind.title))
        return self._renderer.page(round_.request, "admin/source_types.html", round=round_, kinds=kinds)

    async def new(self, round_: Round) -> web.Response:
        """The form of a new source."""
        kind = self._kind(round_)
        return self._form(round_, kind, SourceForm(free_name(kind.name, self._services.known.settings)), new=True)

    async def add(self, round_: Round) -> web.Response:
        """Add a source if it answers; else show the form again, with a button to add it all the same."""
        kind, sent, known = self._kind(round_), await round_.posted(), self._services.known
        name, values = sent.get("name", "").strip(), typed(kind.settings, sent)
        given = {**self._unsealed(sent.get("kept", "")), **values}
        form = self._sent(kind, name, given)
        if faults := self._faults(round_, kind, name, given, set(known.settings)):
            return self._form(round_, kind, form.wrong(faults), new=True)
        services, anyway = self._services, sent.get("do") == "anyway"
        try:
            async with services.recorded_for(round_.operator, "source add", thing=name):
                if anyway:
                    await known.add(name, kind.name, given)
                else:
                    await add_checked_source(known, services.sources, name, kind.name, given)
        except SourceError as error:
            sentence = worded(round_.request, error.sentence, _AWAY)
            return self._form(round_, kind, form.wrong({"": sentence}), new=True, unreachable=True)
        except BridgeError as error:
            return self._form(round_, kind, form.wrong({"": error.sentence}), new=True)
        raise round_.to("sources", name, done="added")

    async def show(self, round_: Round) -> web.Response:
        """A source and how it stands."""
        return await self._show(round_)

    async def check(self, round_: Round) -> web.Response:
        """Ask a source whether it answers and accepts its credentials."""
        await round_.posted()
        name = self._name(round_)
        finding = await check_source(self._services.store, self._services.sources[name])
        return await self._show(round_, checked=finding.ok, message_=finding.message)

    async def edit(self, round_: Round) -> web.Response:
        """The form of a source of the storage."""
        name, kind = self._stored(round_)
        value = self._services.known.value(name)
        values = as_typed({**value.settings, "title": self._services.known.settings[name].title})
        return self._form(round_, kind, SourceForm(name, values), new=False)

    async def change(self, round_: Round) -> web.Response:
        """Change a source of the storage. Secrets that are left empty stay; other fields take their default."""
        (name, kind), sent, known = self._stored(round_), await round_.posted(), self._services.known
        given: dict[str, object] = dict(typed(kind.settings, sent))
        secrets = {one.name for one in fields_of(kind.settings) if one.sort == "secret"}
        stays = {**known.settings[name].model_dump(exclude_unset=True, include=secrets), **given}
        form = self._sent(kind, name, given)
        if faults := self._faults(round_, kind, name, stays, ()):
            return self._form(round_, kind, form.wrong(faults), new=False)
        emptied = {one.name: None for one in fields_of(kind.settings)} | dict.fromkeys(given)
        changes = {key: given.get(key) for key in emptied if key in given or key not in secrets}
        services = self._services
        try:
            async with services.recorded_for(round_.operator, "source add", thing=name):
                await known.change(name, changes)
        except BridgeError as error:
            return self._form(round_, kind, form.wrong({"": error.sentence}), new=False)
        raise round_.to("sources", name, done="changed")

    async def ask_remove(self, round_: Round) -> web.Response:
        """Ask whether a source shall go, and say what goes with it."""
        name, _ = self._stored(round_)
        accounts = [one for one in await self._services.store.accounts.all(source=name) if one.user is not None]
        title = self._services.title_of(name)
        return self._renderer.page(
            round_.request, "admin/source_remove.html", round=round_, name=name, title=title, accounts=len(accounts)
        )

    async def remove(self, round_: Round) -> web.Response:
        """Remove a source from the storage."""
        await round_.posted()
        (name, _), services = self._stored(round_), self._services
        async with services.recorded_for(round_.operator, "source remove", thing=name):
            await services.known.remove(name)
        raise round_.to(done="source-removed")

    async def refresh(self, round_: Round) -> web.Response:
        """Begin a refresh of all accounts of a source."""
        await round_.posted()
        name, services = self._name(round_), self._services

        async def do(work: Work) -> Sequence[Row]:
            accounts = await accounts_to_refresh(services.store, services.sources, source=name)
            work.watch(0, len(accounts))
            async with services.recorded_for(round_.operator, "refresh", thing=name):
                return await refresh_now(services.refresher, services.sweeper, accounts, ended=work.advance)

        raise round_.to("jobs", self._works.begin("refresh", name, "", do).id)

    async def sync(self, round_: Round) -> web.Response:
        """Begin to add everybody whom a source lists, and to remove who has left, or to find out who that would be."""
        sent = await round_.posted()
        name, services, dry_run = self._name(round_), self._services, sent.get("do") != "add"
        store, at, gone_for = services.store, services.sources[name], LEFT.get(sent.get("gone", ""))

        async def do(work: Work) -> Synced:
            if dry_run:
                return await sync_people(store, at, services.clock, dry_run=True, gone_for=gone_for)
            async with services.recorded_for(round_.operator, "user sync", thing=name):
                synced = await sync_people(
                    store, at, services.clock, dry_run=False, gone_for=gone_for, watch=work.watch
                )
            await remove_leavers(
                store,
                services.sources,
                at,
                synced.leaving,
                services.clock(),
                lambda action, user: services.recorded_for(round_.operator, action, user=user),
            )
            await services.publisher.publish_wanted()
            if synced.leaving:
                await store.database.scrub()
            return synced

        raise round_.to("jobs", self._works.begin("dry-run" if dry_run else "sync", name, "", do).id)

    async def invite(self, round_: Round) -> web.Response:
        """Invite those of a source who have not opened their page yet: a sheet to print, or a CSV file."""
        sent = await round_.posted()
        name, services = self._name(round_), self._services
        users = [one.user for one in await services.store.accounts.all(source=name) if one.user is not None]
        async with services.recorded_for(round_.operator, "user sync", thing=name):
            invited = await invite(
                services.store, list(dict.fromkeys(users)), services.clock, services.server.page_address
            )
        if sent.get("do") == "csv":
            headers = {
                **HEADERS,
                "Content-Type": "text/csv; charset=utf-8",
                "Content-Disposition": f'attachment; filename="invitations-{name}.csv"',
            }
            return web.Response(body=sheet_of(invited), headers=headers)
        return self._renderer.page(
            round_.request,
            "admin/sheet.html",
            round=round_,
            at=services.sources[name],
            invited=[(one, Subscription(one.url, one.title)) for one in invited[:_PRINTED]],
            further=max(len(invited) - _PRINTED, 0),
            until=services.clock() + GOOD_FOR,
        )

    async def _show(self, round_: Round, *, checked: bool | None = None, message_: str = "") -> web.Response:
        services, name = self._services, self._name(round_)
        now, at = services.clock(), services.sources[name]
        standing = next(
            one for one in await source_standings(services.store, services.known, now) if one.value.name == name
        )
        return self._renderer.page(
            round_.request,
            "admin/source.html",
            round=round_,
            at=at,
            standing=standing,
            drawing=draw_day(standing.day, now, ZoneInfo(at.settings.timezone)),
            lists_people=isinstance(at.source, ListsPeople),
            stored=standing.value.kept == "storage",
            done=round_.request.query.get("done", ""),
            checked=checked,
            message=worded(round_.request, message_, "") if message_ else "",
            works=[one for one in self._works.running if one.source == name],
        )

    def _form(
        self, round_: Round, kind: SourceType[Any], form: SourceForm, *, new: bool, unreachable: bool = False
    ) -> web.Response:
        return self._renderer.page(
            round_.request,
            "admin/source_form.html",
            status=422 if form.errors else 200,
            round=round_,
            kind=kind,
            fields=fields_of(kind.settings),
            form=form,
            new=new,
            unreachable=unreachable,
        )

    def _faults(
        self,
        round_: Round,
        kind: SourceType[Any],
        name: str,
        given: Mapping[str, object],
        taken: Sequence[str] | set[str],
    ) -> dict[str, str]:
        """What is wrong, by field. Details are added where the visitor reads the language that they are in."""
        english = language_of(round_.request) == "en"
        faults = faults_of(kind.settings, kind.name, name, given, taken)
        return {place: _detailed(detail) if english and detail else text for place, (text, detail) in faults.items()}

    def _sent(self, kind: SourceType[Any], name: str, given: Mapping[str, object]) -> SourceForm:
        """The form as it was sent. Secrets are sealed, so that they need not be typed again."""
        hidden = {one.name for one in fields_of(kind.settings) if one.sort == "secret"}
        secrets = {key: value for key, value in given.items() if key in hidden}
        kept = self._services.store.cipher.encrypt(json.dumps(secrets)) if secrets else ""
        return SourceForm(name, {key: str(value) for key, value in given.items() if key not in hidden}, {}, kept)

    def _unsealed(self, kept: str) -> dict[str, str]:
        try:
            found: dict[str, str] = json.loads(self._services.store.cipher.decrypt(kept)) if kept else {}
        except (ConfigError, ValueError):
            return {}
        return found

    def _kind(self, round_: Round) -> SourceType[Any]:
        kind = self._services.known.source_types.get(round_.named("type"))
        if kind is None:
            raise web.HTTPNotFound
        return kind

    def _name(self, round_: Round) -> str:
        """The source of the address. Raises HTTPNotFound."""
        name = round_.named("source")
        if name not in self._services.sources:
            raise web.HTTPNotFound
        return name

    def _stored(self, round_: Round) -> tuple[str, SourceType[Any]]:
        """The source of the address, if it is kept in the storage, and its type. Raises HTTPNotFound."""
        name = self._name(round_)
        if self._services.known.value(name).kept != "storage":
            raise web.HTTPNotFound
        return name, self._services.sources[name].type


def _detailed(detail: str) -> str:
    return f"{detail[:1].upper()}{detail[1:]}."
