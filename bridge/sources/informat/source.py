"""The source: the lists of an institute, and what they have about a person."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from bridge.errors import ChoiceNeeded, ConfigError, SourceError, UnknownPerson
from bridge.model.clock import Clock
from bridge.model.event import Part
from bridge.model.window import Window
from bridge.sources.informat import extract
from bridge.sources.informat.client import InformatClient
from bridge.sources.informat.institute import Institute
from bridge.sources.informat.mapping import LEFT_OUT, read_assignments, read_interruptions
from bridge.sources.informat.models.fields import normal_key
from bridge.sources.informat.models.person import OwnAssignments, OwnInterruptions
from bridge.sources.informat.school_year import school_years
from bridge.sources.informat.settings import InformatSettings
from bridge.sources.informat.staff import Staff, joined
from bridge.upstream.capabilities import Person
from bridge.upstream.contract import Account, Answer, Reading
from bridge.upstream.credential import CredentialSlot
from bridge.upstream.fingerprint import fingerprint

_BEFOREHAND = timedelta(days=63)
"""How far ahead the staff counts: from 1 July on, that of the coming school year too."""


class Informat:
    """An institute; see `bridge.upstream.contract.Source` and `bridge.upstream.capabilities.ListsPeople`."""

    def __init__(self, settings: InformatSettings, client: InformatClient, institute: Institute, clock: Clock) -> None:
        self._settings = settings
        self._client = client
        self._institute = institute
        self._clock = clock

    async def check(self) -> str:
        """See `Source.check`."""
        await self._institute.staff(self._years())
        return "reachable, credentials accepted"

    async def people(self) -> Sequence[Person]:
        """See `ListsPeople.people`. The staff of this school year and, from July on, of the next one too.

        Of a structure in the settings it has those with an assignment there: the API filters only some structures.
        """
        years = self._years()
        staff = joined(await self._institute.staff(years))
        if not self._settings.structure or staff.numbered:
            return tuple(staff.people.values())
        employed = (await self._institute.assignments(years)).items.persons
        return tuple(person for key, person in staff.people.items() if key in employed)

    async def connect(self, identity: str | None, account: Account, slot: CredentialSlot) -> Account:  # noqa: ARG002 - the credentials are ours
        """See `Source.connect`. `identity` is a personId or an address at school."""
        origin = self._client.origin
        wanted = (identity or "").strip()
        if not wanted:
            raise ConfigError(f"An account at {origin} needs a person: --identity with an e-mail address or personId.")
        staffs = await self._institute.staff(self._years())
        if "@" in wanted:
            return replace(account, person=_at_address(staffs, wanted, origin))
        person = normal_key(wanted)
        known = any(person in staff.people for staff in staffs if not staff.numbered)
        if not known and not (staffs[0].numbered and await self._institute.employs(person, self._years()[0])):
            raise UnknownPerson(f"{origin} knows no employee with this personId.")
        return replace(account, person=person)

    async def fetch(
        self,
        account: Account,
        slot: CredentialSlot,  # noqa: ARG002 - the credentials are ours
        window: Window,
    ) -> Mapping[Part, Answer | SourceError]:
        """See `Source.fetch`. Lists are shared with other accounts."""
        years = school_years(window)
        answers: dict[Part, Answer | SourceError] = {}
        for part, ask in ((Part.INTERRUPTIONS, self._interruptions), (Part.ASSIGNMENTS, self._assignments)):
            try:
                own = await ask(account.person, years)
            except SourceError as error:
                answers[part] = error
            else:
                answers[part] = Answer(own, fingerprint(repr(own)), choice=LEFT_OUT)
        return answers

    def read(self, part: Part, payload: OwnInterruptions | OwnAssignments, account: Account) -> Reading:  # noqa: ARG002 - the payload tells both
        """See `Source.read`."""
        if isinstance(payload, OwnInterruptions):
            return read_interruptions(payload)
        return read_assignments(payload)

    async def _interruptions(self, person: str, years: Sequence[str]) -> OwnInterruptions:
        interruptions = await self._institute.interruptions(years)
        if not self._settings.name_substitutes:
            return extract.interruptions_of(person, interruptions)
        assignments = await self._institute.assignments(years)
        return extract.substitutes_of(person, interruptions, assignments, await self._institute.staff(years))

    async def _assignments(self, person: str, years: Sequence[str]) -> OwnAssignments:
        assignments = await self._institute.assignments(years)
        interruptions = await self._institute.interruptions(years)
        return extract.assignments_of(person, interruptions, assignments, await self._institute.staff(years))

    def _years(self) -> tuple[str, ...]:
        today = self._clock().astimezone(self._settings.zone).date()
        return school_years(Window(today, today + _BEFOREHAND))


def _at_address(staffs: Sequence[Staff], address: str, origin: str) -> str:
    """The personId of the employee with an address at school."""
    found = {person.identity: person for staff in staffs for person in staff.at_address(address)}
    if not found:
        raise UnknownPerson(f"{origin} knows no employee with this address at school.")
    if any(staff.numbered for staff in staffs):
        raise UnknownPerson(f"{origin} does not say which personId has this address; give the personId itself.")
    if len(found) > 1:
        choices = tuple((person.identity, person.title) for person in found.values())
        raise ChoiceNeeded(f"Several employees of {origin} share this address; choose one with --identity.", choices)
    return next(iter(found))
