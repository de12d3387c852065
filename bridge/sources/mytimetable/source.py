"""What Roosterbridge asks of MyTimetable for one account: a personal or single timetables, or both."""

import difflib
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from bridge.errors import ConfigError, SourceError, UnknownPerson
from bridge.http import Body
from bridge.model import Part, Window
from bridge.oauth import Clock, CredentialSlot
from bridge.source import Account, Answer, Reading, unknown_options
from bridge.sources.mytimetable.client import MyTimetableClient, NoTimetable
from bridge.sources.mytimetable.mapping import items_of, read_timetables
from bridge.sources.mytimetable.settings import MyTimetableSettings

OPTIONS = {"timetables": "keys of single timetables, comma-separated; they need no person"}
_DOCUMENT = "timetable"


class MyTimetable:
    """A university's MyTimetable; see `bridge.source.Source`."""

    def __init__(self, settings: MyTimetableSettings, client: MyTimetableClient, clock: Clock) -> None:
        self._settings = settings
        self._client = client
        self._clock = clock

    async def check(self) -> str:
        """See `Source.check`; without an `api_token` only accounts with a token of their own can be read."""
        await self._client.reach()
        if self._settings.api_token:
            return "reachable, API token accepted"
        return "reachable; without an api_token each account needs an access token of its own"

    async def connect(self, identity: str | None, account: Account, slot: CredentialSlot) -> Account:
        """See `Source.connect`; `identity` is a user name. One event of today is asked for, as a trial.

        An access token of the account's own stands for its person; `identity` may be left out beside it.

        Raises:
            UnknownPerson: also where the `api_token` may not act for persons, which answers alike.
        """
        connected = replace(account, person=(identity or "").strip())
        self._require_complete(connected, slot)
        today = self._clock().astimezone(self._settings.zone).date()
        window = Window(today, today + timedelta(days=1))
        try:
            for body in await self._ask(connected, slot, window, limit=1):
                items_of(body, self._client.origin)
        except NoTimetable as error:
            raise UnknownPerson(error.sentence) from error
        return connected

    async def fetch(
        self, account: Account, slot: CredentialSlot, window: Window
    ) -> Mapping[Part, Answer | SourceError]:
        """See `Source.fetch`; one timetable that does not come fails them all."""
        try:
            bodies = await self._ask(account, slot, window)
        except SourceError as error:
            return {Part.SCHEDULE: error}
        return {Part.SCHEDULE: Answer(tuple((_DOCUMENT, body) for body in bodies))}

    def read(self, part: Part, answer: Answer, account: Account) -> Reading:  # noqa: ARG002 - there is one part
        """See `Source.read`."""
        return read_timetables(answer.of(_DOCUMENT), zone=self._settings.zone, origin=self._client.origin)

    async def _ask(self, account: Account, slot: CredentialSlot, window: Window, limit: int = 0) -> list[Body]:
        """Every timetable of the account, one request after the other, up to the first that fails."""
        secret, keys = slot.secret, _keys(account)
        bodies = []
        if account.person or not keys:
            bodies.append(await self._client.personal(account.person, secret, window, limit=limit))
        bodies += [await self._client.single(key, secret, window, limit=limit) for key in keys]
        return bodies

    def _require_complete(self, account: Account, slot: CredentialSlot) -> None:
        origin = self._client.origin
        if unknown := unknown_options(account.options, OPTIONS):
            nearest = difflib.get_close_matches(unknown[0], OPTIONS, n=1, cutoff=0)[0]
            raise ConfigError(f"An account at {origin} has no option {unknown[0]}; the nearest known one is {nearest}.")
        if not slot.secret and not self._settings.api_token:
            raise ConfigError(
                f"{origin} has no api_token in the settings; an account there needs an access token "
                "of its own: --secret-stdin."
            )
        if not (account.person or _keys(account) or slot.secret):
            raise ConfigError(
                f"An account at {origin} needs a person or timetables: give --identity USERNAME or "
                "--option timetables=KEY."
            )
        if not (account.person + (slot.secret or "").strip()).isprintable():
            raise ConfigError(f"The user name or access token for {origin} is not one line of text.")


def _keys(account: Account) -> tuple[str, ...]:
    """The keys of the account's single timetables, each once, in order."""
    listed = (key.strip() for key in account.options.get("timetables", "").split(","))
    return tuple(dict.fromkeys(filter(None, listed)))
