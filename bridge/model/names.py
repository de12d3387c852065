"""The names that a register gives, and how events get them. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from bridge.model.event import Event, Kind

_TAUGHT = {Kind.LESSON, Kind.EXAM, Kind.HOMEWORK}


@dataclass(frozen=True, slots=True)
class Names:
    """The names of a school, of its subjects by abbreviation and of its locations by code."""

    school: str = ""
    subjects: Mapping[str, str] = field(default_factory=dict)
    locations: Mapping[str, str] = field(default_factory=dict)


def join_names(known: Iterable[Names]) -> Names:
    """The names of several registers; for each thing the first register that has a name."""
    joined = Names()
    for names in known:
        joined = Names(
            joined.school or names.school,
            {**names.subjects, **joined.subjects},
            {**names.locations, **joined.locations},
        )
    return joined


def name_event(event: Event, names: Names) -> Event:
    """`event` with the full names of its subject and its locations, also in its title."""
    if event.kind not in _TAUGHT:
        return event
    locations = tuple(names.locations.get(location.casefold(), location) for location in event.locations)
    abbreviation = (event.code or event.subject or event.title).casefold()
    subject = names.subjects.get(abbreviation)
    if subject is None:
        return replace(event, locations=locations)
    return replace(event, locations=locations, subject=subject, title=_title(event, abbreviation, subject))


def _title(event: Event, abbreviation: str, subject: str) -> str:
    """The title with the full name in place of the subject's short name or abbreviation."""
    if event.title.casefold() in {abbreviation, event.subject.casefold(), ""}:
        return subject
    return event.title.replace(event.subject, subject) if event.subject else event.title
