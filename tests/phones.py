"""What calendar programs do with the answers of a subscribed address, as far as it is known of them.

They follow the feed of a bridge that is served to them, or just receive one calendar after the other.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

import aiohttp
from aiohttp.test_utils import TestServer

from bridge.server.application import build_app
from bridge.server.clients import Clients
from bridge.server.feeds import FeedCache
from bridge.store.changes import watch_changes
from tests.conftest import School

_EVENT = re.compile(r"^BEGIN:VEVENT\n(.*?)^END:VEVENT$", re.DOTALL | re.MULTILINE)
_HISTORY = re.compile(r"^(?:DTSTAMP|CREATED|LAST-MODIFIED|SEQUENCE):.*\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One event on a phone: all that it says, and what tells newer from older."""

    uid: str
    sequence: int
    modified: str
    text: str

    def value(self, name: str) -> str:
        """The value of a property, without its parameters; empty where there is none."""
        found = re.search(rf"^{name}(?:;[^:\n]*)?:(.*)$", self.text, re.MULTILINE)
        return found[1] if found else ""


def shown(entries: dict[str, Entry]) -> dict[str, str]:
    """What a person sees of these events: all but their history, by UID."""
    return {uid: _HISTORY.sub("", entry.text) for uid, entry in entries.items()}


def entries_in(calendar: bytes) -> dict[str, Entry]:
    """The events of a calendar by UID."""
    lines = calendar.decode().replace("\r\n ", "").replace("\r\n", "\n")
    found = [Entry("", 0, "", text) for text in _EVENT.findall(lines)]
    read = [Entry(one.value("UID"), int(one.value("SEQUENCE")), one.value("LAST-MODIFIED"), one.text) for one in found]
    return {entry.uid: entry for entry in read}


@dataclass
class Phone:
    """A program that follows an address: it has what the last answers left it with.

    `off` is why it has stopped asking.
    """

    address: str
    entries: dict[str, Entry] = field(default_factory=dict)
    off: str = ""
    _etag: str | None = None

    async def poll(self, client: aiohttp.ClientSession) -> None:
        """Ask once, as this program does."""
        if self.off:
            return
        headers = {"If-None-Match": self._etag} if self._etag else {}
        async with client.get(self.address, headers=headers) as response:
            body = await response.read()
        self.receive(response.status, body)
        if response.status == HTTPStatus.OK:
            self._etag = response.headers.get("ETag")

    def receive(self, status: int, body: bytes) -> None:
        """Do with an answer what this program does with it."""
        if status == HTTPStatus.OK:
            told = entries_in(body)
            self.entries = {uid: self._newest(self.entries.get(uid), entry) for uid, entry in told.items()}

    def _newest(self, held: Entry | None, told: Entry) -> Entry:
        """What it shows from now on where it holds one and is told another."""
        raise NotImplementedError


class Icsx5(Phone):
    """ICSx5 (Android): deletes every UID that is missing; skips an event whose LAST-MODIFIED did not advance."""

    def _newest(self, held: Entry | None, told: Entry) -> Entry:
        return held if held and told.modified <= held.modified else told


class Thunderbird(Phone):
    """Thunderbird: takes what it is told as it is, an empty answer too; 410 disables, most other errors pause it."""

    def receive(self, status: int, body: bytes) -> None:
        if status == HTTPStatus.GONE:
            self.off = "disabled"
        elif status >= HTTPStatus.BAD_REQUEST and status != HTTPStatus.NOT_FOUND:
            self.off = "paused"
        super().receive(status, body)

    def _newest(self, held: Entry | None, told: Entry) -> Entry:  # noqa: ARG002 - it does not compare
        return told


class Google(Phone):
    """Google Calendar: takes a change only where both SEQUENCE and LAST-MODIFIED have risen."""

    def _newest(self, held: Entry | None, told: Entry) -> Entry:
        if held and not (told.sequence > held.sequence and told.modified > held.modified):
            return held
        return told


class Followed:
    """A user's feed at its address, and what its last refresh made of it."""

    def __init__(self, school: School, user: str, address: str, client: aiohttp.ClientSession) -> None:
        self._school = school
        self._user = user
        self._client = client
        self.address = address
        self.calendar = b""

    async def refresh(self) -> bool:
        """Whether the answers of the school were believed; if not, the feed is to the byte what it was."""
        before = self.calendar
        rows = await self._school.refresh()
        self.calendar = await self._school.bridge.store.renderings.calendar(self._user, "default")
        believed = all(row.ok for row in rows)
        assert believed or self.calendar == before
        return believed

    async def poll(self, phone: Phone) -> None:
        await phone.poll(self._client)

    async def show(self, *phones: Phone) -> None:
        """Each phone asks, and has exactly what is in the feed."""
        for phone in phones:
            await self.poll(phone)
            assert (phone.off, phone.entries) == ("", entries_in(self.calendar)), type(phone).__name__


@asynccontextmanager
async def followed(school: School, user: str, *, cancelled: str = "mark") -> AsyncIterator[Followed]:
    """The feed of a user, without alerts, served by a bridge that refreshes only when it is told to."""
    store = school.bridge.store
    token = await school.feed(user, cancelled=cancelled, alerts="off")
    changes = watch_changes(store.database)
    cache = FeedCache(store.renderings, changes, school.clock, capacity=2**20)
    async with (
        TestServer(build_app(store, school.bridge.metrics, cache, Clients([]), lambda: 0.0)) as server,
        aiohttp.ClientSession() as client,
    ):
        feed = Followed(school, user, str(server.make_url(f"/f/{token}.ics")), client)
        await feed.refresh()
        yield feed
    await changes.close()
