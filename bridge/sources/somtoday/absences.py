"""How absences are requested: in one overview, or in two lists; and which of earlier answers they are."""

from collections.abc import Callable, Sequence

from pydantic import AwareDatetime, BaseModel, ValidationError

from bridge.errors import Forbidden
from bridge.model.event import Part, Timed
from bridge.model.window import Window
from bridge.sources.somtoday.client import SomtodayClient
from bridge.sources.somtoday.mapping.absences import (
    Absences,
    Overview,
    read_absences,
    read_registrations,
    same_as_earlier,
    times_of,
)
from bridge.sources.somtoday.models import Restrictions
from bridge.sources.somtoday.settings import SomtodaySettings
from bridge.upstream.contract import Account, Answer, Reading
from bridge.upstream.credential import CredentialSlot
from bridge.upstream.fingerprint import fingerprint
from bridge.upstream.reply import Body

_NAME = "absences"
"""Under which `Earlier` is remembered."""


class Earlier(BaseModel):
    """When the absences of earlier answers are, by identity, and the fingerprint of the last one."""

    answer: str = ""
    times: dict[str, tuple[AwareDatetime, AwareDatetime]] = {}

    def timed(self, zone: str) -> dict[str, Timed]:
        """The times, as people read them in `zone`."""
        return {identity: Timed(start, end, zone) for identity, (start, end) in self.times.items()}


class AbsenceReader:
    """Requests the absences that the school shows, and reads them."""

    def __init__(self, client: SomtodayClient, settings: SomtodaySettings, hidden: Callable[[Part], Forbidden]) -> None:
        self._client = client
        self._settings = settings
        self._hidden = hidden

    async def fetch(self, account: Account, slot: CredentialSlot, window: Window, shown: Restrictions) -> Answer:
        """Request the overview if there is one, else both lists, without what the school hides or forbids.

        Raises:
            Forbidden: the school does not show absences.
            SourceError: a request failed, or its answer cannot be read.
        """
        payload = await self._request(account, slot, window, shown)
        pieces = [payload.body] if isinstance(payload, Overview) else _pieces(payload)
        answer = fingerprint(*pieces)
        earlier = _remembered(account)
        if earlier.answer == answer:
            return Answer(payload, answer)
        zone = self._settings.zone
        times = times_of(self._registered(payload, account), earlier.timed(zone.key), window, zone)
        told = Earlier(answer=answer, times={name: (when.start, when.end) for name, when in times.items()})
        return Answer(payload, answer, remember={_NAME: told.model_dump_json().encode()})

    def read(self, payload: Absences | Overview, account: Account) -> Reading:
        """The absences in the payload of an answer. Raises BadResponse."""
        earlier = _remembered(account).timed(self._settings.zone.key)
        return same_as_earlier(self._registered(payload, account), earlier)

    def _registered(self, payload: Absences | Overview, account: Account) -> Reading:
        zone, origin = self._settings.zone, self._client.origin
        if isinstance(payload, Overview):
            return read_registrations(payload.body, zone=zone, origin=origin)
        return read_absences(payload.reports, payload.observations, pupil=account.person, zone=zone, origin=origin)

    async def _request(
        self, account: Account, slot: CredentialSlot, window: Window, shown: Restrictions
    ) -> Absences | Overview:
        if not shown.absentiesBekijkenAan:
            raise self._hidden(Part.ABSENCES)
        if shown.absentieMeldingBekijkenAan and shown.absentieConstateringBekijkenAan:
            try:
                overview = await self._client.registrations(slot, account.person)
            except Forbidden:
                overview = None
            if overview is not None:
                return Overview(overview)
        lists: list[Sequence[Body] | None] = []
        for allowed, call in (
            (shown.absentieMeldingBekijkenAan, self._client.absence_reports),
            (shown.absentieConstateringBekijkenAan, self._client.observations),
        ):
            try:
                lists.append(await call(slot, window) if allowed else None)
            except Forbidden:
                lists.append(None)
        reports, observations = lists
        if reports is None and observations is None:
            raise self._hidden(Part.ABSENCES)
        return Absences(reports, observations)


def _pieces(absences: Absences) -> list[str | Body]:
    """What the absences are read from, and which of the lists there are."""
    lists = (absences.reports, absences.observations)
    return [piece for pages in lists for piece in ("hidden" if pages is None else "told", *(pages or ()))]


def _remembered(account: Account) -> Earlier:
    try:
        return Earlier.model_validate_json(account.remembered.get(Part.ABSENCES, {}).get(_NAME, b"{}"))
    except ValidationError:  # another version of this program stored it
        return Earlier()
