"""The source that reads the club."""

# ruff: noqa: ARG002 - a source is given more than this one needs

import os
from collections.abc import Awaitable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from pydantic import AwareDatetime, BaseModel, Field
from yarl import URL

from bridge.errors import AuthFailed, BadResponse, ChoiceNeeded, ConfigError, SourceError, UnknownPerson
from bridge.model.event import AllDay, Event, Kind, Part, Status, Timed
from bridge.model.window import Window
from bridge.settings.schema import SourceSettings
from bridge.settings.values import HttpAddress
from bridge.upstream.browser_login import App, CodeLogin
from bridge.upstream.capabilities import Granted, LoginAttempt
from bridge.upstream.contract import Account, Answer, Reading, Source, Unread, read_items
from bridge.upstream.credential import AccessToken, CredentialSlot
from bridge.upstream.fingerprint import fingerprint
from bridge.upstream.further import Further
from bridge.upstream.oauth import RefreshTokenGrant
from bridge.upstream.reply import Body, Reply, parse_json
from bridge.upstream.source_type import SourceType
from bridge.upstream.surroundings import Surroundings
from tests.club.server import APP, PASSWORD, TOKEN, new_club

INSTALLED = Path(__file__).parent / "installed"
"""Once this folder is on the path, the club is an installed source."""
ENVIRONMENT = {"PYTHONPATH": f"{INSTALLED}{os.pathsep}{Path(__file__).parents[2]}"}
"""Variables of a process in which it is installed."""
ZONE = "Europe/Amsterdam"
_LISTS = {Part.SCHEDULE: "lessons", Part.HOLIDAYS: "closed"}


class ClubSettings(SourceSettings):
    api_url: HttpAddress = Field(description="where the club is")
    passwords: bool = Field(default=False, description="whether members have a password instead of a refresh token")


class _Lesson(BaseModel):
    id: str = Field(min_length=1)
    title: str
    start: AwareDatetime
    end: AwareDatetime
    room: str
    match: bool
    cancelled: bool


class _Closed(BaseModel):
    why: str = Field(min_length=1)
    first: date
    last: date


class _ClubSource:
    def __init__(self, settings: ClubSettings, surroundings: Surroundings) -> None:
        self._url = URL(settings.api_url)
        self._http = surroundings.http(settings)
        token_url = self._url.with_path(TOKEN)
        self._grant = RefreshTokenGrant(self._http, token_url, APP.client_id, surroundings.clock)
        app = App(
            client_id=APP.client_id,
            redirect_uri=APP.redirect_uri,
            scope=APP.words["scope"],
            authorize_url=str(self._url / "oauth2/authorize"),
            token_url=str(token_url),
            revoke_url=str(self._url / "oauth2/revoke"),
        )
        self._login = CodeLogin(self._http, app, surroundings.clock, steps=("Log in.", "Paste."))

    async def check(self) -> str:
        await self._http.get(self._url / "api/members", accept=(200, 401))
        return "reachable"

    async def connect(self, identity: str | None, account: Account, slot: CredentialSlot) -> Account:
        origin = self._http.origin
        if slot.secret is None:
            raise ConfigError(f"An account at {origin} needs a login: --secret-stdin.")
        members = self._items(await self._ask("members", slot), "members")
        found = [member["id"] for member in members if identity in {None, member["id"]}]
        if not found:
            raise UnknownPerson(f"This login at {origin} has no such member.")
        if len(found) > 1:
            choices = tuple((member["id"], member["name"]) for member in members)
            raise ChoiceNeeded(f"This login at {origin} has several members; choose one with --identity.", choices)
        first_name = next(member["name"] for member in members if member["id"] == found[0])
        return replace(account, person=found[0], first_name=first_name, several=len(members) > 1)

    def begin_login(self) -> LoginAttempt:
        return self._login.begin()

    async def finish_login(self, attempt: LoginAttempt, pasted: str) -> Granted:
        return await self._login.finish(attempt, pasted)

    async def revoke(self, slot: CredentialSlot) -> None:
        await self._login.revoke(slot)

    async def fetch(
        self, account: Account, slot: CredentialSlot, window: Window
    ) -> Mapping[Part, Answer | SourceError]:
        answers: dict[Part, Answer | SourceError] = {}
        for part, name in _LISTS.items():
            try:
                body = await self._ask(name, slot, member=account.person)
                answers[part] = Answer(body, fingerprint(body))
                if part is Part.SCHEDULE:
                    answers[part] = await self._without_hidden(body, account, slot)
            except AuthFailed as error:
                return dict.fromkeys(_LISTS, error)
            except SourceError as error:
                answers[part] = error
        return answers

    async def _without_hidden(self, lessons: Body, account: Account, slot: CredentialSlot) -> Answer:
        """The lessons but those that the member does not want to see, which is nice to know."""
        further = Further(account.remembered.get(Part.SCHEDULE, {}))

        def ask() -> Awaitable[Body]:
            return self._ask("hidden", slot, member=account.person)

        hidden = await further.ask("hidden", ask, self._hidden) or frozenset()
        choice = fingerprint(*sorted(hidden))
        told = fingerprint(lessons, choice)
        return Answer((lessons, hidden), told, choice=choice, notes=further.notes, remember=further.remember)

    def read(self, part: Part, payload: Any, account: Account) -> Reading:
        origin = self._http.origin
        if part is Part.HOLIDAYS:
            return read_items(self._items(payload, "closed"), _Closed, _holiday, origin=origin)
        lessons, hidden = payload
        shown = (
            item
            for item in self._items(lessons, "lessons")
            if not (isinstance(item, dict) and isinstance(item.get("id"), str) and item["id"] in hidden)
        )
        return read_items(shown, _Lesson, _lesson, origin=origin, identify=_identify)

    async def _ask(self, name: str, slot: CredentialSlot, **query: str) -> Body:
        async def ask(access: AccessToken) -> Reply:
            headers = {"Authorization": f"Bearer {access.token}"}
            return await self._http.get(self._url / "api" / name, headers=headers, query=list(query.items()))

        return (await self._grant.reply(slot, ask)).body

    def _hidden(self, document: Body) -> frozenset[str]:
        hidden = self._items(document, "hidden")
        if not all(isinstance(identity, str) for identity in hidden):
            raise BadResponse(f"{self._http.origin} sent hidden lessons of an unknown form.")
        return frozenset(hidden)

    def _items(self, document: Body, name: str) -> list[Any]:
        told = parse_json(document, self._http.origin)
        if not isinstance(told, dict) or not isinstance(told.get(name), list):
            raise BadResponse(f"{self._http.origin} sent no {name}.")
        items: list[Any] = told[name]
        return items


class _ClubOfPasswords(_ClubSource):
    async def exchange(self, identity: str | None, secret: str) -> Granted:
        origin = self._http.origin
        if not identity:
            raise ConfigError(f"An account at {origin} needs a member: --identity MEMBER.")
        form = urlencode({"member": identity, "password": secret})
        try:
            told = (await self._http.post_form(self._url.with_path(PASSWORD), form)).json()
        except AuthFailed as error:
            raise AuthFailed(f"{origin} does not know this member with this password.") from error
        if not isinstance(told, dict) or not told.get("refresh_token"):
            raise BadResponse(f"{origin} sent no login.")
        return Granted(told["refresh_token"])


def _create(settings: ClubSettings, surroundings: Surroundings) -> Source:
    return (_ClubOfPasswords if settings.passwords else _ClubSource)(settings, surroundings)


def _identify(item: Any) -> Unread:
    start = item.get("start")
    return Unread(item.get("id") or "", datetime.fromisoformat(start) if isinstance(start, str) else None)


def _lesson(item: _Lesson) -> Iterator[Event]:
    yield Event(
        item.id,
        Kind.EXAM if item.match else Kind.LESSON,
        Timed(item.start, item.end, ZONE),
        item.title,
        subject=item.title,
        locations=(item.room,),
        status=Status.CANCELLED if item.cancelled else Status.CONFIRMED,
    )


def _holiday(item: _Closed) -> Iterator[Event]:
    yield Event(item.why, Kind.HOLIDAY, AllDay(item.first, item.last + timedelta(days=1)), item.why)


SOURCE = SourceType(
    name="club",
    title="Chess club",
    summary="a chess club that was made up",
    settings=ClubSettings,
    create=_create,
    parts=tuple(_LISTS),
    further={Part.SCHEDULE: ("GET /api/hidden",)},
    stand_in=lambda clock: new_club(clock).stand_in,
    identity_help="first name",
    secret_help="refresh token",
    login_steps=("Log in.", "Paste."),
)
