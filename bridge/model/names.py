"""The names that a register gives, and how events get them. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from msgspec.structs import replace

from bridge.model.event import Event, Kind

_TAUGHT = {Kind.LESSON, Kind.EXAM, Kind.HOMEWORK}


@dataclass(frozen=True, slots=True)
class Names:
    """The names of a school, of its subjects by abbreviation and of its locations by code.

    `studied` has the names of subjects whose abbreviation means something else in another study: by how the names of
    the groups of a study begin ("5h"), then by abbreviation. All keys are casefolded.
    """

    school: str = ""
    subjects: Mapping[str, str] = field(default_factory=dict)
    locations: Mapping[str, str] = field(default_factory=dict)
    studied: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def subject(self, abbreviation: str, groups: Iterable[str]) -> str | None:
        """The name of a subject that one of `groups` has; `None` if it is not known beyond doubt."""
        key = abbreviation.casefold()
        found = {
            names[key]
            for group in groups
            for start, names in self.studied.items()
            if key in names and group.casefold().startswith(start)
        }
        return self.subjects.get(key) if len(found) != 1 else found.pop()


def join_names(known: Iterable[Names]) -> Names:
    """The names of several registers; for each thing the first register that has a name."""
    joined = Names()
    for names in known:
        joined = Names(
            joined.school or names.school,
            {**names.subjects, **joined.subjects},
            {**names.locations, **joined.locations},
            {
                start: {**names.studied.get(start, {}), **joined.studied.get(start, {})}
                for start in (*names.studied, *joined.studied)
            },
        )
    return joined


def name_event(event: Event, names: Names) -> Event:
    """`event` with the full names of its subject and its locations, also in its title."""
    if event.kind not in _TAUGHT:
        return event
    locations = tuple(names.locations.get(location.casefold(), location) for location in event.locations)
    abbreviation = event.code or event.subject or event.title
    subject = names.subject(abbreviation, event.groups)
    if subject is None:
        return replace(event, locations=locations)
    return replace(event, locations=locations, subject=subject, title=_title(event, abbreviation, subject))


def is_renaming(before: Event, now: Event) -> bool:
    """Whether two titles of one event differ only in what its subject is called."""
    return bool(now.code) and before.code == now.code and _abbreviated(before) == _abbreviated(now)


def _abbreviated(event: Event) -> str:
    title = event.title.replace(event.subject, event.code) if event.subject else event.title
    return title.casefold()


def _title(event: Event, abbreviation: str, subject: str) -> str:
    """The title with the full name in place of the subject's short name or abbreviation.

    Only whole words are replaced, and only before a colon: what comes after it is somebody's own text.
    """
    if event.title.casefold() in {abbreviation.casefold(), event.subject.casefold(), ""}:
        return subject
    if not event.subject:
        return event.title
    head, colon, text = event.title.partition(":")
    return re.sub(rf"(?<!\w){re.escape(event.subject)}(?!\w)", lambda _: subject, head) + colon + text
