"""What Roosterbridge asks of SOMtoday for one pupil, part by part."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from bridge.errors import AuthFailed, BadResponse, ChoiceNeeded, ConfigError, Forbidden, SourceError, UnknownPerson
from bridge.http import Body
from bridge.model import Part, Window
from bridge.oauth import CredentialSlot
from bridge.settings import SourceSettings
from bridge.source import Account, Answer, Reading, unknown_options
from bridge.sources.somtoday.client import SomtodayClient, items_of
from bridge.sources.somtoday.mapping import read_absences, read_schedule, read_vacations
from bridge.sources.somtoday.models import Pupil, Restrictions

_REPORTS, _OBSERVATIONS, _PAGES = "absentiemeldingen", "waarnemingen", "items"


class Somtoday:
    """A school's SOMtoday; see `bridge.source.Source`."""

    def __init__(self, settings: SourceSettings, client: SomtodayClient) -> None:
        self._settings = settings
        self._client = client

    async def check(self) -> str:
        """See `Source.check`; there are no credentials but the accounts' own."""
        await self._client.reach()
        return "reachable"

    async def connect(self, identity: str | None, account: Account, slot: CredentialSlot) -> Account:
        """See `Source.connect`; `identity` is a pupil's number, id, or first name where that is unique."""
        if unknown := unknown_options(account.options, ()):
            raise ConfigError(f"An account at {self._client.origin} has no option {unknown[0]}.")
        if slot.secret is None:
            raise ConfigError(f"An account at {self._client.origin} needs a refresh token: --secret-stdin.")
        pupils = _pupils(await self._client.pupils(slot), self._client.origin)
        return replace(account, person=_choose(pupils, identity, self._client.origin).key)

    async def fetch(
        self, account: Account, slot: CredentialSlot, window: Window
    ) -> Mapping[Part, Answer | SourceError]:
        """See `Source.fetch`; a part that the school hides is not asked for."""
        try:
            await self._client.sign_in(slot)
            shown = await self._restrictions(account, slot)
        except SourceError as error:
            return dict.fromkeys(_PARTS, error)
        calls: dict[Part, tuple[bool, Callable[[], Awaitable[Answer]]]] = {
            Part.SCHEDULE: (
                shown.roosterBekijkenAan,
                lambda: _one(_PAGES, self._client.appointments(slot, window)),
            ),
            Part.ABSENCES: (
                shown.absentiesBekijkenAan,
                lambda: self._absences(slot, window, shown),
            ),
            Part.HOLIDAYS: (True, lambda: _one(_PAGES, self._client.vacations(slot, account.person))),
        }
        answers: dict[Part, Answer | SourceError] = {}
        for part, (allowed, call) in calls.items():
            try:
                answers[part] = await call() if allowed else self._hidden(part)
            except Forbidden:
                answers[part] = self._hidden(part)
            except AuthFailed as error:
                return dict.fromkeys(_PARTS, error)
            except SourceError as error:
                answers[part] = error
        return answers

    def read(self, part: Part, answer: Answer, account: Account) -> Reading:
        """See `Source.read`."""
        zone, origin = self._settings.zone, self._client.origin
        if part is Part.SCHEDULE:
            return read_schedule(answer.of(_PAGES), pupil=account.person, zone=zone, origin=origin)
        if part is Part.ABSENCES:
            return read_absences(
                answer.of(_REPORTS), answer.of(_OBSERVATIONS), pupil=account.person, zone=zone, origin=origin
            )
        return read_vacations(answer.of(_PAGES), origin=origin)

    async def _restrictions(self, account: Account, slot: CredentialSlot) -> Restrictions:
        """What the school shows of this pupil; everything, where it does not say."""
        try:
            return _restrictions(await self._client.account(slot), account.person)
        except AuthFailed:
            raise
        except (SourceError, ValidationError, AttributeError, TypeError, LookupError):
            return Restrictions()

    async def _absences(self, slot: CredentialSlot, window: Window, shown: Restrictions) -> Answer:
        """Both lists; one that the school hides or forbids is left out, unless that is both."""
        calls = {
            _REPORTS: (shown.absentieMeldingBekijkenAan, self._client.absence_reports),
            _OBSERVATIONS: (shown.absentieConstateringBekijkenAan, self._client.observations),
        }
        documents: list[tuple[str, Body]] = []
        offered = 0
        for name, (allowed, call) in calls.items():
            if not allowed:
                continue
            try:
                documents += [(name, page) for page in await call(slot, window)]
                offered += 1
            except Forbidden:
                continue
        if not offered:
            raise self._hidden(Part.ABSENCES)
        return Answer(tuple(documents))

    def _hidden(self, part: Part) -> Forbidden:
        return Forbidden(f"{self._client.origin} does not show the {part} of this pupil.")


_PARTS = (Part.SCHEDULE, Part.ABSENCES, Part.HOLIDAYS)


async def _one(name: str, pages: Awaitable[list[Body]]) -> Answer:
    return Answer(tuple((name, page) for page in await pages))


def _pupils(pages: list[Body], origin: str) -> list[Pupil]:
    try:
        return [Pupil.model_validate(item) for page in pages for item in items_of(page, origin)]
    except ValidationError as error:
        raise BadResponse(f"{origin} sent pupils that cannot be read.") from error


def _choose(pupils: list[Pupil], identity: str | None, origin: str) -> Pupil:
    choices = tuple((pupil.leerlingnummer or pupil.key, pupil.roepnaam or "") for pupil in pupils)
    if identity is None:
        if len(pupils) > 1:
            raise ChoiceNeeded(f"This login at {origin} has several pupils; choose one with --identity.", choices)
        found = pupils
    else:
        wanted = identity.strip()
        number = str(int(wanted)) if wanted.isdecimal() else wanted
        found = [p for p in pupils if number in {p.key, p.leerlingnummer} or wanted == p.leerlingnummer] or [
            p for p in pupils if (p.roepnaam or "").casefold() == wanted.casefold()
        ]
    if len(found) != 1 or not found[0].key:
        raise UnknownPerson(f"This login at {origin} has no such pupil.")
    return found[0]


def _restrictions(answer: Any, pupil: str) -> Restrictions:
    account = answer["items"][0] if answer.get("items") else answer
    items = ((account.get("additionalObjects") or {}).get("restricties") or {}).get("items") or []
    found = [Restrictions.model_validate(item) for item in items]
    own = [item for item in found if item.leerlingId in {"", pupil}]
    return next(iter(own or found), Restrictions())
