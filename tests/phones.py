"""What calendar programs do with the answers of a subscribed address, as far as it is known of them."""

import re
from dataclasses import dataclass, field
from http import HTTPStatus

import aiohttp

_EVENT = re.compile(r"^BEGIN:VEVENT\n(.*?)^END:VEVENT$", re.DOTALL | re.MULTILINE)


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
