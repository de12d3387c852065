"""The source: what is requested for a person."""

from collections.abc import Awaitable, Mapping
from dataclasses import replace
from typing import TypeVar

from bridge.errors import ConfigError, Forbidden, NotOffered, SourceError, UnknownPerson
from bridge.model.event import Part
from bridge.model.window import Window
from bridge.sources.checkin.mapping import Answered, read_check_ins, read_user
from bridge.sources.checkin.writing import WritesCheckIns
from bridge.upstream.capabilities import Granted
from bridge.upstream.contract import Account, Answer, Answers, Reading
from bridge.upstream.credential import CredentialSlot
from bridge.upstream.fingerprint import fingerprint
from bridge.upstream.further import Further
from bridge.upstream.reply import Body

_DAILY, _WEEKLY, _USER = "daily-checkins", "weekly-checkins", "user"
_ANSWER = TypeVar("_ANSWER")
_EXTRAS = ("canDoDaily", "canDoWeekly", "projects", "groups")


class Checkin(WritesCheckIns):
    """A Check-in source; see `bridge.upstream.contract.Source`, `ExchangesSecret` and `Revokes`."""

    async def check(self) -> str:
        """See `Source.check`. The operator has no credentials here."""
        await self._client.reach()
        return "reachable"

    async def exchange(self, identity: str | None, secret: str) -> Granted:
        """See `ExchangesSecret.exchange`. `identity` is an e-mail address."""
        email = (identity or "").strip()
        if not email:
            raise ConfigError(f"An account at {self._client.origin} needs an e-mail address: --identity ADDRESS.")
        return Granted(await self._client.exchange(email, secret))

    async def revoke(self, slot: CredentialSlot) -> None:
        """See `Revokes.revoke`."""
        if slot.secret:
            await self._client.revoke(slot.secret)

    async def connect(self, identity: str | None, account: Account, slot: CredentialSlot) -> Account:
        """See `Source.connect`. `identity` is the e-mail address of the login's person."""
        origin = self._client.origin
        if not slot.secret:
            raise ConfigError(f"An account at {origin} needs a password: --identity ADDRESS --secret-stdin.")
        me = await self._client.me(slot.secret)
        wanted = (identity or "").strip().casefold()
        if wanted and me.email and wanted not in {me.email.casefold(), me.id}:
            raise UnknownPerson(f"This login at {origin} is somebody else's; give the password as well.")
        return replace(account, person=me.id)

    async def fetch(self, account: Account, slot: CredentialSlot, window: Window) -> Mapping[Part, Answers]:
        """See `Source.fetch`. If a list of check-ins fails, the part fails; what is due is a further request."""
        further = Further(account.remembered.get(Part.CHECKINS, {}))
        try:
            return {Part.CHECKINS: await self._ask(account.person, slot.secret or "", window, further)}
        except SourceError as error:
            return {Part.CHECKINS: error}

    async def _ask(self, person: str, token: str, window: Window, further: Further) -> Answers:
        """Request the check-ins and the person. What is forbidden is left out, unless everything is."""
        zone, client = self._settings.zone, self._client
        refused: list[Forbidden] = []

        async def shown(call: Awaitable[_ANSWER]) -> _ANSWER | None:
            try:
                return await call
            except Forbidden as error:
                refused.append(error)
                return None

        async def person_found() -> Body:
            try:
                return await client.user(token, person, _EXTRAS)
            except Forbidden as error:
                raise NotOffered(error.sentence) from error

        def readable(body: Body) -> Body:
            read_user(body, person, client.origin)
            return body

        daily = await shown(client.check_ins(token, person, _DAILY, window, zone))
        weekly = await shown(client.check_ins(token, person, _WEEKLY, window, zone))
        user = await further.ask(_USER, person_found, readable, what="what is due")
        if user is None and daily is None and weekly is None:
            raise refused[0]
        today = self._clock().astimezone(zone).date()
        is_last = _USER not in further.remember
        pages = [user or "", str(is_last), *(daily or ()), "", *(weekly or ())]
        mark = fingerprint(today.isoformat(), *pages)
        answer = Answer(Answered(today, user, daily, weekly, user_is_last=is_last), mark)
        return further.told_with(answer)

    def read(self, part: Part, payload: Answered, account: Account) -> Reading:  # noqa: ARG002 - there is one part
        """See `Source.read`."""
        return read_check_ins(
            payload,
            person=account.person,
            zone=self._settings.zone,
            origin=self._client.origin,
        )
