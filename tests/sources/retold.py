"""What an upstream once said to one account, said again without a server: as it was, or spoiled."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple, cast

import aiohttp
from aiohttp import web
from yarl import URL

from bridge.calendar.head import CalendarInfo
from bridge.calendar.options import FeedOptions
from bridge.calendar.render import render
from bridge.errors import SourceError
from bridge.model.clock import Clock
from bridge.model.event import Event, Part
from bridge.model.names import Names
from bridge.model.text import clean_line
from bridge.model.window import Window
from bridge.store.codec import columns_of, decode, encode, when_of
from bridge.store.events import KeptEvents
from bridge.sync.reconcile import reconcile
from bridge.sync.snapshot import Delivered, take_snapshot
from bridge.upstream.configured import ConfiguredSource
from bridge.upstream.contract import Account, Answers, Reading, Source
from bridge.upstream.credential import CredentialSlot
from bridge.upstream.retry import RetryPolicy
from bridge.upstream.session import new_session
from bridge.upstream.standin import Handler, StandIn
from bridge.upstream.surroundings import Surroundings

_NOW = datetime(2026, 11, 22, tzinfo=UTC)
_ALL_YEARS = Window(date(1800, 1, 1), date(2300, 1, 1))


class Request(NamedTuple):
    """What tells requests apart: one answer belongs to each."""

    method: str
    path: str
    range: str
    body: bytes

    @property
    def sort(self) -> str:
        """The call: the path without what differs from week to week or from person to person."""
        return re.sub(r"\d+", "#", self.path.partition("?")[0])


class Said(NamedTuple):
    """An answer."""

    status: int
    body: bytes


Conversation = Mapping[Request, Said]


@dataclass(frozen=True)
class Told:
    """One account, and all that its upstream said when it was asked for the days of `window`."""

    at: ConfiguredSource
    account: Account
    slot: CredentialSlot
    clock: Clock
    window: Window
    said: Conversation
    shown_before: set[tuple[Event, ...]] = field(default_factory=set)

    async def shown(self, said: Conversation) -> Sequence[Event | str]:
        """The events, and names, of what was `said` in the place of this, once they have been kept and shown."""
        snapshot = await take_snapshot(
            _Retold(self._source(_Replay(said)), self.window),
            self.at.settings,
            self.account,
            self.slot,
            _ALL_YEARS,
            {},
        )
        found: list[Event | str] = []
        for outcome in snapshot.values():
            if isinstance(outcome, SourceError):
                continue
            found += outcome.events if outcome.names is None else _called(outcome.names)
            if outcome.events not in self.shown_before:
                self.shown_before.add(outcome.events)
                self._show(outcome)
        return found

    def _source(self, session: object) -> Source:
        surroundings = Surroundings(
            "school", cast("aiohttp.ClientSession", session), self.clock, RetryPolicy(attempts=1)
        )
        return self.at.type.create(self.at.settings, surroundings)

    def _show(self, delivered: Delivered) -> None:
        for event in delivered.events:
            text = encode(event)
            assert text.encode()
            when = when_of(*columns_of(event.when))
            assert decode(text, identity=event.identity, kind=event.kind, when=when) == event
        zone = self.at.settings.zone
        entries = reconcile(KeptEvents(), delivered, source="school", person="", now=_NOW, zone=zone).added
        assert len(entries) == len(delivered.events)
        info = CalendarInfo("School", zone.key, timedelta(minutes=30))
        calendar = render(info, entries, FeedOptions(), now=_NOW).calendar
        assert calendar.count(b"\r\nBEGIN:VEVENT\r\n") <= len(entries)


async def listen(
    at: ConfiguredSource, account: Account, slot: CredentialSlot, clock: Clock, window: Window, stand_in: StandIn
) -> Told:
    """Ask for everything of `window` and remember what the stand-in says."""
    said: dict[Request, Said] = {}
    stand_in.faults["/"] = _remembering(said)
    async with new_session() as session:
        surroundings = Surroundings("school", session, clock, RetryPolicy(attempts=1))
        answers = await at.type.create(at.settings, surroundings).fetch(account, slot, window)
    stand_in.faults.clear()
    assert any(not isinstance(answer, SourceError) for answer in answers.values()) or not answers
    return Told(at, account, slot, clock, window, said)


def _remembering(said: dict[Request, Said]) -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        response = await request.match_info.handler(request)
        assert isinstance(response, web.Response)
        assert isinstance(response.body, bytes)
        asked = Request(request.method, request.path_qs, request.headers.get("Range", ""), await request.read())
        said[asked] = Said(response.status, response.body)
        return response

    return answer


@dataclass(frozen=True)
class _Retold:
    """A source that asks for the days of one window, whatever it is asked for."""

    source: Source
    window: Window

    async def check(self) -> str:
        return await self.source.check()

    async def connect(self, identity: str | None, account: Account, slot: CredentialSlot) -> Account:
        return await self.source.connect(identity, account, slot)

    async def fetch(
        self,
        account: Account,
        slot: CredentialSlot,
        window: Window,  # noqa: ARG002
    ) -> Mapping[Part, Answers]:
        return await self.source.fetch(account, slot, self.window)

    def read(self, part: Part, payload: Any, account: Account) -> Reading:
        return self.source.read(part, payload, account)


class _Replay:
    """An aiohttp session, as far as our client uses it, that has answers instead of a network."""

    def __init__(self, said: Conversation) -> None:
        self._said = said

    @asynccontextmanager
    async def request(
        self, method: str, url: URL, *, data: bytes | None, headers: Mapping[str, str], **_: object
    ) -> AsyncIterator["_Response"]:
        asked = Request(method, url.raw_path_qs, headers.get("Range", ""), data or b"")
        yield _Response(self._said.get(asked, Said(404, b"")))


class _Response:
    """An answer, and its own content."""

    def __init__(self, said: Said) -> None:
        self.status = said.status
        self.headers: Mapping[str, str] = {}
        self.content = self
        self._body = said.body

    async def readany(self) -> bytes:
        return self.read_nowait()

    def read_nowait(self) -> bytes:
        body, self._body = self._body, b""
        return body


def _called(names: Names) -> list[str]:
    """The names, once it is clear that a calendar can carry them."""
    assert all(code == code.casefold() != "" for code in (*names.subjects, *names.locations))
    called = [names.school, *names.subjects.values(), *names.locations.values()]
    assert all(text and clean_line(text) == text and text.encode() for text in called)
    return called
