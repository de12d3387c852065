"""The neutral event between sources and calendars."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


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


@dataclass(frozen=True, slots=True)
class Before:
    """What an event was before it changed; `None` for what did not change."""

    when: When | None = None
    locations: tuple[str, ...] | None = None
    teachers: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a calendar, as a source reads it. Texts are clean (`clean_event`).

    Attributes:
        identity: the upstream's own key, unique within account and kind. It stays when the event moves.
        title: what a person reads. Fields after it are empty if the upstream does not know them.
        reason, private_notes: may be sensitive; only feeds with the option for it publish them.
        before: what the upstream itself says that the event was before it changed.
        tasks: what is to be done for a lesson, a line each; empty if there is nothing to do. `None` if this answer
            does not say, so that an earlier answer stays valid.
        progress: `None` for what nobody has to do.
        hours, full_hours: hours worked, missed or taught, depending on the kind, and those of a full-time position.
        colleague: who is replaced (substitution) or who replaces (interruption).
        whose: the person, in a calendar of several people.
        position: latitude and longitude in degrees.
    """

    identity: str
    kind: Kind
    when: When
    title: str
    subject: str = ""
    code: str = ""
    label: str = ""
    groups: tuple[str, ...] = ()
    teachers: tuple[str, ...] = ()
    locations: tuple[str, ...] = ()
    periods: tuple[int, int] | None = None
    notes: str = ""
    reason: str = ""
    url: str = ""
    conference: str = ""
    status: Status = Status.CONFIRMED
    private_notes: str = ""
    before: Before | None = None
    tasks: tuple[str, ...] | None = None
    progress: Progress | None = None
    day_part: DayPart | None = None
    hours: float | None = None
    full_hours: float | None = None
    colleague: str = ""
    position: tuple[float, float] | None = None
    whose: str = ""
