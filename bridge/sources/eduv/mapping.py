"""From the lists of a register to names. Pure.

Codes and abbreviations are casefolded: timetables write them in different ways.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bridge.errors import BadResponse
from bridge.model.names import Names
from bridge.sources.eduv.models import Listed, Organisation, StudyOffering, SubjectOffering
from bridge.sources.eduv.reference import Reference
from bridge.upstream.contract import Reading, Unread, read_each
from bridge.upstream.reply import Body, parse_json

_LISTED = TypeVar("_LISTED", bound=Listed)


@dataclass(frozen=True, slots=True)
class Lists:
    """The answers of a register. `studies` is `None` if the school has or shows none."""

    organisations: Body
    subjects: Body
    studies: Body | None


def read_names(lists: Lists, *, school: Reference, origin: str) -> Reading:
    """The names of the school, its locations and its subjects.

    Entries that belong to another school are left out, as far as the lists show this. A code of two things is left
    out too.

    Raises:
        BadResponse: an answer is not a list, most of a list cannot be read, the school is not among the
            organisations, or no subject belongs to the school.
    """
    schools, unread_schools = _read(lists.organisations, Organisation, origin)
    own = _own(schools, school, origin)
    offered, unread_studies = _read(lists.studies, StudyOffering, origin)
    taught, unread_subjects = _read(lists.subjects, SubjectOffering, origin)
    if school.secondary and offered:
        own_studies = {study.identifier.casefold() for study in offered}
        taught = [subject for subject in taught if not subject.studies or own_studies & _studies(subject)]
    if not taught:
        raise BadResponse(f"{origin} sent no subjects of the school.")
    names = Names(min(one.name for one in own), _subjects(taught, offered), _locations(own), _studied(taught, offered))
    return Reading(unread=(*unread_schools, *unread_studies, *unread_subjects), names=names)


def read_school(organisations: Body, *, school: Reference, origin: str) -> None:
    """Check that the school is among the organisations. Raises BadResponse."""
    _own(_read(organisations, Organisation, origin)[0], school, origin)


def read_studies(studies: Body, *, origin: str) -> list[StudyOffering]:
    """The study offerings in a list. Raises BadResponse."""
    return _read(studies, StudyOffering, origin)[0]


def _own(found: Iterable[Organisation], school: Reference, origin: str) -> list[Organisation]:
    """The entries of the school, at least one. A server may also send other schools of the board.

    A single entry without an identifier of the requested type is taken for the school.

    Raises:
        BadResponse: the school is not among them.
    """
    there = [one for one in found if not one.ended]
    own = [one for one in there if _key_of(school) in _keys(one)]
    if not own and len(there) == 1 and not {kind for kind, _ in _keys(there[0])} & {_key_of(school)[0]}:
        own = there
    if not own:
        raise BadResponse(f"{origin} does not know the organisation in the settings.")
    return own


def _key_of(school: Reference) -> tuple[str, str]:
    """The type of identifier, empty for the primary one, and the identifier."""
    if school.primary:
        return "", school.primary.casefold()
    return school.secondary_type.casefold(), school.secondary.casefold()


def _keys(organisation: Organisation) -> set[tuple[str, str]]:
    keys = {(one.organisation_id_type.casefold(), one.organisation_id.casefold()) for one in organisation.others}
    if organisation.primary:
        keys.add(("", organisation.primary.casefold()))
    return {(kind, key) for kind, key in keys if key}


def _locations(schools: Iterable[Organisation]) -> dict[str, str]:
    called = [
        (code, location.name)
        for school in schools
        for location in school.locations
        for code in (location.primary, *(other.location_id for other in location.others), location.name)
    ]
    return _unique(called)


def _subjects(taught: Sequence[SubjectOffering], studies: Iterable[StudyOffering]) -> dict[str, str]:
    """Names by abbreviation. Subjects of ended studies are used only if no other has the abbreviation."""
    ended = {study.identifier.casefold() for study in studies if study.ended}
    there = [subject for subject in taught if not subject.ended]
    alive = [subject for subject in there if not subject.studies or _studies(subject) - ended]
    everything = _unique((subject.abbreviation, subject.name) for subject in there)
    return everything | _unique((subject.abbreviation, subject.name) for subject in alive)


def _studied(taught: Sequence[SubjectOffering], studies: Iterable[StudyOffering]) -> dict[str, dict[str, str]]:
    """The names of each study, by how the names of its groups begin, for abbreviations with several names.

    A group is named after the year and the first letter of the study, in either order: 5hwisB, h5a.
    """
    there = [subject for subject in taught if not subject.ended]
    clear = _unique((subject.abbreviation, subject.name) for subject in there)
    starts: dict[str, set[str]] = {}
    for study in studies:
        if not study.ended and (known := study.study_and_year):
            name, year = known
            letter = name[0].casefold()
            for start in (f"{year}{letter}", f"{letter}{year}"):
                starts.setdefault(start, set()).add(study.identifier.casefold())
    found = {
        start: _unique(
            (subject.abbreviation, subject.name)
            for subject in there
            if subject.abbreviation.casefold() not in clear and _studies(subject) & own
        )
        for start, own in starts.items()
    }
    return {start: names for start, names in found.items() if names}


def _studies(subject: SubjectOffering) -> set[str]:
    return {study.casefold() for study in subject.studies}


def _unique(called: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The keys with only one name, whatever the order. Of several spellings, the first in the alphabet is used."""
    names: dict[str, dict[str, str]] = {}
    for key, name in called:
        if key and name:
            spellings = names.setdefault(key.casefold(), {})
            spellings[name.casefold()] = min(name, spellings.get(name.casefold(), name))
    return {key: next(iter(found.values())) for key, found in names.items() if len(found) == 1}


def _read(document: Body | None, model: type[_LISTED], origin: str) -> tuple[list[_LISTED], tuple[Unread, ...]]:
    """The items of a list, and those that could not be read."""
    items = () if document is None else _items(document, origin)
    return read_each(items, model, lambda item: (item,), origin=origin)


def _items(document: Body, origin: str) -> list[object]:
    items = parse_json(document, origin)
    if not isinstance(items, list):
        raise BadResponse(f"{origin} did not send a list.")
    return items
