"""What a register knows by name, put into the events of other sources: pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from bridge.model import Event, Kind, Names
from bridge.settings import NamingSettings, SourceSettings

_TAUGHT = {Kind.LESSON, Kind.EXAM, Kind.HOMEWORK}


def namers(sources: Mapping[str, SourceSettings]) -> Mapping[str, Sequence[str]]:
    """The sources that name each source's events, by that source's name."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name, settings in sources.items():
        if isinstance(settings, NamingSettings):
            for named in settings.names_for:
                found[named].append(name)
    return found


def join_names(known: Iterable[Names]) -> Names:
    """What several registers say; the first that knows a thing counts."""
    joined = Names()
    for names in known:
        joined = Names(
            joined.school or names.school,
            {**names.subjects, **joined.subjects},
            {**names.locations, **joined.locations},
        )
    return joined


def name_event(event: Event, names: Names) -> Event:
    """`event` with the full name of its subject, in its title too, and of its locations."""
    if event.kind not in _TAUGHT:
        return event
    locations = tuple(names.locations.get(location.casefold(), location) for location in event.locations)
    abbreviation = (event.code or event.subject or event.title).casefold()
    subject = names.subjects.get(abbreviation)
    if subject is None:
        return replace(event, locations=locations)
    return replace(event, locations=locations, subject=subject, title=_title(event, abbreviation, subject))


def _title(event: Event, abbreviation: str, subject: str) -> str:
    """The title with the full name where it had the subject's other name or abbreviation."""
    if event.title.casefold() in {abbreviation, event.subject.casefold(), ""}:
        return subject
    return event.title.replace(event.subject, subject) if event.subject else event.title
