"""The source: the lists of an institute, and what they have about a person."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from bridge.errors import BadResponse, ChoiceNeeded, ConfigError, SourceError, UnknownPerson
from bridge.model.clock import Clock
from bridge.model.event import Part
from bridge.model.window import Window
from bridge.sources.informat import extract
from bridge.sources.informat.client import InformatClient
from bridge.sources.informat.institute import Institute
from bridge.sources.informat.mapping import LEFT_OUT, read_assignments, read_interruptions
from bridge.sources.informat.models.fields import normal_key
from bridge.sources.informat.models.person import Coverage, OwnAssignments, OwnInterruptions
from bridge.sources.informat.school_year import school_years
from bridge.sources.informat.settings import InformatSettings
from bridge.sources.informat.staff import Staff, joined
from bridge.sources.informat.writing import WritesInformat
from bridge.upstream.capabilities import Person
from bridge.upstream.contract import Account, Answer, Answers, Reading
from bridge.upstream.credential import CredentialSlot
from bridge.upstream.fingerprint import fingerprint
from bridge.upstream.further import Further
from bridge.upstream.reply import Body

_VALUE = TypeVar("_VALUE")
_COVERAGE = TypeAdapter(Coverage)
_NAMES = TypeAdapter(dict[str, str])
_BEFOREHAND = timedelta(days=63)
"""How far ahead the staff counts: from 1 July on, that of the coming school year too."""


class Informat(WritesInformat):
    """An institute; see `bridge.upstream.contract.Source` and `bridge.upstream.capabilities.ListsPeople`."""

    def __init__(self, settings: InformatSettings, client: InformatClient, institute: Institute, clock: Clock) -> None:
        super().__init__(settings, client, clock)
        self._institute = institute

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
    ) -> Mapping[Part, Answers]:
        """See `Source.fetch`. Lists are shared with other accounts."""
        years = school_years(window)
        answers: dict[Part, Answers] = {}
        for part, ask in ((Part.INTERRUPTIONS, self._interruptions), (Part.ASSIGNMENTS, self._assignments)):
            further = Further(account.remembered.get(part, {}))
            try:
                own = await ask(account, years, further)
            except SourceError as error:
                answers[part] = error
            else:
                answers[part] = further.told_with(Answer(own, fingerprint(repr(own)), choice=LEFT_OUT))
        return answers

    def read(self, part: Part, payload: OwnInterruptions | OwnAssignments, account: Account) -> Reading:  # noqa: ARG002 - the payload tells both
        """See `Source.read`."""
        if isinstance(payload, OwnInterruptions):
            return read_interruptions(payload)
        return read_assignments(payload)

    async def _interruptions(self, account: Account, years: Sequence[str], further: Further) -> OwnInterruptions:
        """The interruptions of a person. Who covers what is a further request."""
        person = account.person
        interruptions = await self._institute.interruptions(years, after=account.wrote)

        async def coverage() -> Body:
            assignments = await self._institute.assignments(years)
            staffs = await self._institute.staff(years)
            return Body((_COVERAGE.dump_json(extract.coverage_of(person, interruptions, assignments, staffs)),))

        found = await further.ask(
            "coverage", coverage, lambda body: _valid(_COVERAGE, body, self._client.origin), what="who replaces whom"
        )
        own = extract.interruptions_of(person, interruptions)
        if found is None:
            return own
        substitutes = found.substitutes if self._settings.name_substitutes else ()
        return replace(own, substitutes=substitutes, covered=found.covered)

    async def _assignments(self, account: Account, years: Sequence[str], further: Further) -> OwnAssignments:
        """The assignments of a person, and whom they replace. The names of colleagues are a further request."""
        person = account.person
        assignments = await self._institute.assignments(years)
        interruptions = await self._institute.interruptions(years)
        own = extract.assignments_of(person, interruptions, assignments, ())

        async def names() -> Body:
            persons = {one.person_id for one in own.substitutions}
            return Body((_NAMES.dump_json(extract.names_of(persons, await self._institute.staff(years))),))

        found = await further.ask(
            "names", names, lambda body: _valid(_NAMES, body, self._client.origin), what="names of colleagues"
        )
        return extract.named(own, found or {})

    def _years(self) -> tuple[str, ...]:
        today = self._clock().astimezone(self._settings.zone).date()
        return school_years(Window(today, today + _BEFOREHAND))


def _valid(kind: TypeAdapter[_VALUE], body: Body, origin: str) -> _VALUE:
    """What was extracted of the lists. Raises BadResponse if another version of this program remembered it."""
    try:
        return kind.validate_json(bytes(body))
    except ValidationError as error:
        raise BadResponse(f"{origin} has nothing that is remembered.") from error


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
