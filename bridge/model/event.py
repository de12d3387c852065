"""The neutral event between sources and calendars.

An event and its pieces are msgspec's, not dataclasses: an import copies each a few times, and a changed copy of a
dataclass with so many fields takes 9.6 µs, of these 0.1 µs. `msgspec.structs.replace` makes one.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import partial
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

from msgspec import Struct
from msgspec.structs import astuple, replace

from bridge.model.text import Address, Line, Lines, Name, Text


class Kind(StrEnum):
    """What an event is. Feeds list their kinds in this order."""

    LESSON = "lesson"
    EXAM = "exam"
    HOMEWORK = "homework"
    ABSENCE = "absence"
    HOLIDAY = "holiday"
    INTERRUPTION = "interruption"
    SUBSTITUTION = "substitution"
    ASSIGNMENT = "assignment"
    CHECKIN = "checkin"
    NOTICE = "notice"


SHOWN_BY_DEFAULT = (
    Kind.LESSON,
    Kind.EXAM,
    Kind.HOMEWORK,
    Kind.ABSENCE,
    Kind.HOLIDAY,
    Kind.INTERRUPTION,
    Kind.SUBSTITUTION,
)


class Part(StrEnum):
    """An independent piece of what a source delivers; it succeeds or fails on its own."""

    SCHEDULE = "schedule"
    ABSENCES = "absences"
    HOLIDAYS = "holidays"
    HOMEWORK = "homework"
    INTERRUPTIONS = "interruptions"
    ASSIGNMENTS = "assignments"
    CHECKINS = "checkins"
    NOTICES = "notices"
    NAMES = "names"


class Progress(StrEnum):
    """Whether a person has done something that is to be done."""

    DUE = "due"
    DONE = "done"


class DayPart(StrEnum):
    """The part of a working day that an absence takes, if there are no times."""

    WHOLE = "whole"
    MORNING = "morning"
    AFTERNOON = "afternoon"
    HOURS = "hours"


class Status(StrEnum):
    """The status of an event (RFC 5545, 3.8.1.11), in lower case."""

    CONFIRMED = "confirmed"
    TENTATIVE = "tentative"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Timed:
    """From `start` to a later `end`, both in UTC. `zone` is the IANA time zone in which people read them."""

    start: datetime
    end: datetime
    zone: str

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError("an event ends after it starts")


@dataclass(frozen=True, slots=True)
class AllDay:
    """Whole days, from `start` up to but not including `end`."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError("an event ends after it starts")


When = Timed | AllDay
_VALUE = TypeVar("_VALUE", bound=Struct)
_Cleaner = tuple[int, str, Callable[[Any], Any]]


class Before(Struct, frozen=True, gc=False):
    """What an event was before it changed; `None` for what did not change."""

    when: When | None = None
    locations: Lines | None = None
    teachers: Lines | None = None
    title: Line | None = None


class Task(Struct, frozen=True, gc=False):
    """Something to be done for a lesson, or a test in it.

    Attributes:
        identity: of the event of its own, which says the same; empty if there is none.
        text: what is to be done, on one line.
        kind: of that event, `HOMEWORK` or `EXAM`.
        title: what a lesson is called in which that test is; empty for homework.
    """

    identity: Name
    text: Line
    kind: Kind = Kind.HOMEWORK
    title: Line = ""
    done: bool = False


class Cover(Struct, frozen=True, gc=False):
    """What somebody who is absent would do on some days, and the colleague who does it; empty if nobody does."""

    what: Line
    days: AllDay
    colleague: Line = ""
    hours: float | None = None


class Link(Struct, frozen=True, gc=False):
    """An address (URL) that opens something, and what that is called."""

    name: Line
    address: Address


DERIVED = "~"
"""How an identity begins that is made of an event's contents, where the upstream has none."""


class Event(Struct, frozen=True, gc=False):
    """One event of a calendar, as a source reads it. Texts are clean (`clean_event`).

    Attributes:
        identity: the upstream's own key, unique within account and kind. It stays when the event moves. One that is
            made of the contents begins with `DERIVED`.
        title: what a person reads. Fields after it are empty if the upstream does not know them.
        reason: why somebody is absent, or why something is cancelled. An absence's may be sensitive, as `private_notes`
            are; only feeds with the option for it publish them.
        before: what the upstream itself says that the event was before it changed.
        tasks: what is to be done for a lesson; empty if there is nothing to do. `None` if this answer does not say, so
            that an earlier answer stays valid.
        lesson: the identity of the lesson that homework, or a test, is for; empty if it is for none.
        url, conference, recording, links: addresses: of more about it, of an online meeting, of its recording, and of
            what has a name, such as a room.
        week: what the upstream calls the week.
        progress: `None` for what nobody has to do.
        hours, full_hours: hours worked, missed or taught, depending on the kind, and those of a full-time position.
        colleague: who is replaced (substitution) or who replaces (interruption).
        whose: the person, in a calendar of several people.
        reported: whether it was reported here, and the upstream does not show it yet.
        cover: who does what instead of somebody who is absent, and what nobody does, for a calendar of several people.
        position: latitude and longitude in degrees.
        site: the building or branch in which the locations are, where a school has several.
        tags: what the upstream says of its form besides `label`, such as "Web Lecture".
        weekly: whether a check-in is that of a whole week.
        mood, projects: of a check-in. The mood is as sensitive as `private_notes`.
    """

    identity: Name
    kind: Kind
    when: When
    title: Line
    subject: Line = ""
    code: Line = ""
    label: Line = ""
    groups: Lines = ()
    teachers: Lines = ()
    locations: Lines = ()
    periods: tuple[int, int] | None = None
    notes: Text = ""
    reason: Line = ""
    url: Address = ""
    conference: Address = ""
    status: Status = Status.CONFIRMED
    private_notes: Text = ""
    before: Before | None = None
    tasks: tuple[Task, ...] | None = None
    progress: Progress | None = None
    day_part: DayPart | None = None
    hours: float | None = None
    full_hours: float | None = None
    colleague: Line = ""
    position: tuple[float, float] | None = None
    whose: Line = ""
    recording: Address = ""
    links: tuple[Link, ...] = ()
    week: Line = ""
    lesson: Name = ""
    tags: Lines = ()
    site: Line = ""
    cover: tuple[Cover, ...] = ()
    reported: bool = False
    weekly: bool = False
    mood: Line = ""
    projects: Lines = ()

    @property
    def ties(self) -> frozenset[str]:
        """The identities of the events that may show in it, or in its place: homework and tests, and their lesson."""
        if not self.tasks and not self.lesson:
            return frozenset()
        return frozenset({self.lesson, *(task.identity for task in self.tasks or ())} - {""})


def clean_event(event: Event) -> Event:
    """`event` with clean texts, as its fields are declared: `Line`, `Lines` or `Text`."""
    return _clean(event, _CLEANERS)


def _clean(value: _VALUE, cleaners: Iterable[_Cleaner]) -> _VALUE:
    """`value`, or a copy with what its cleaners changed; a field of `None` stays."""
    fields = astuple(value)
    changed = {
        name: cleaned
        for place, name, clean in cleaners
        if (found := fields[place]) and (cleaned := clean(found)) != found
    }
    return replace(value, **changed) if changed else value


def _cleaners(of: type[Struct]) -> tuple[_Cleaner, ...]:
    """The place and the name of each field of a type that says how it is cleaned, or whose own fields do, and how."""
    hints = get_type_hints(of, include_extras=True)
    found = ((place, name, _cleaner(hints[name])) for place, name in enumerate(of.__struct_fields__))
    return tuple((place, name, clean) for place, name, clean in found if clean is not None)


def _cleaner(hint: Any) -> Callable[[Any], Any] | None:
    """How to clean a field of this type; `None` if nothing needs to be."""
    if get_origin(hint) is Annotated:
        found: Callable[[Any], Any] = hint.__metadata__[0]
        return found
    if isinstance(hint, type) and issubclass(hint, Struct):
        own = _cleaners(hint)
        return partial(_clean, cleaners=own) if own else None
    inside = next((clean for one in get_args(hint) if (clean := _cleaner(one)) is not None), None)
    if get_origin(hint) is tuple and inside is not None:
        return partial(_clean_each, clean=inside)
    return inside  # of a union with None


def _clean_each(values: Iterable[Any], clean: Callable[[Any], Any]) -> tuple[Any, ...]:
    return tuple(map(clean, values))


_CLEANERS = _cleaners(Event)
