"""The neutral event between sources and calendars: frozen, free of upstream words and of iCalendar."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Kind(StrEnum):
    """What an event is. The order is that of the design's table."""

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
    """How far something is that a person has to do."""

    DUE = "due"
    DONE = "done"


class DayPart(StrEnum):
    """The part of a working day that an absence takes, where there are no clock times."""

    WHOLE = "whole"
    MORNING = "morning"
    AFTERNOON = "afternoon"
    HOURS = "hours"


class Status(StrEnum):
    """How sure an event is, in the words of RFC 5545 (3.8.1.11), lower case."""

    CONFIRMED = "confirmed"
    TENTATIVE = "tentative"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Timed:
    """From one moment to a later one. Both are UTC; `zone` is the IANA zone that people read them in."""

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
    """What an event was before it changed; none for what did not change."""

    when: When | None = None
    locations: tuple[str, ...] | None = None
    teachers: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One thing in a calendar, as a source tells it.

    `identity` is the upstream's own name for it, unique within account and kind, and stays when the event moves.
    Texts are as `clean_event` leaves them.
    `title` is what a person reads; the fields after it are empty where the upstream does not know them.
    `reason` and `private_notes` may be sensitive and are published only by feeds that ask for them.
    `before` is what the upstream itself says that it was, where it was changed.
    `tasks` are what is to be done for a lesson, a line each: none where this answer does not say, so that what an
    earlier one said still counts; empty where there is nothing to do.
    `progress` is none for what nobody has to do. `hours` were worked, are missed or are taught, as the kind has it;
    `full_hours` would be a full-time position. `colleague` is who is replaced (substitution) or who replaces
    (interruption). `whose` it is counts where a calendar is about several people. `position` is latitude and
    longitude in degrees.
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
