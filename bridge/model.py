"""The neutral values between sources and calendars: frozen, free of upstream words and of iCalendar."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bridge.errors import SourceError


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


def bounds(when: When, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The first moment of an event and the first moment after it, in UTC; `zone` says where days begin."""
    if isinstance(when, Timed):
        return when.start, when.end
    return day_start(when.start, zone), day_start(when.end, zone)


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """Local midnight of `day` in `zone`, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Window:
    """The local days from `start` up to but not including `end` that a fetch covers."""

    start: date
    end: date

    @classmethod
    def around(cls, now: datetime, zone: ZoneInfo, *, past: timedelta, future: timedelta) -> "Window":
        """The window that reaches `past` back from today and `future` beyond it, today included."""
        today = now.astimezone(zone).date()
        return cls(today - past, today + future + timedelta(days=1))

    def overlaps(self, when: When, zone: ZoneInfo) -> bool:
        """Whether any moment of `when` lies within the window."""
        start, end = bounds(when, zone)
        return start < day_start(self.end, zone) and end > day_start(self.start, zone)


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


@dataclass(frozen=True, slots=True)
class Names:
    """What a register calls things: the school, its subjects by abbreviation, its locations by code."""

    school: str = ""
    subjects: Mapping[str, str] = field(default_factory=dict)
    locations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TrackedEvent:
    """An event and its history in our keeping, as RFC 5545 wants it told (3.8.7).

    `sequence` rises and `modified` advances by at least a second with each change. `vanished` is when the upstream
    stopped having it while it was still ahead; the event's own status is what the upstream last said. `before` is
    what we saw it be before it changed, and `changed` when we noticed; both go after a while.
    """

    uid: str
    source: str
    event: Event
    sequence: int
    created: datetime
    modified: datetime
    vanished: datetime | None = None
    before: Before | None = None
    changed: datetime | None = None


@dataclass(frozen=True, slots=True)
class Delivered:
    """A part that was read: all events that the upstream has within `covered`; none: within all of `window`.

    `window` is what was asked for: what lies out of it is not wanted any more. `answers` names the answers that came,
    by their own names, so that the same answer need not be read again. `skipped` counts items that could not be read.
    `names` is what things are called, where that is what was asked.
    """

    events: tuple[Event, ...]
    window: Window
    answers: Mapping[str, str]
    skipped: int = 0
    covered: tuple[Window, ...] | None = None
    names: Names | None = None


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A part whose answers are to the byte those that were read last time, for the same days."""

    answers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Failed:
    """A part that did not come; what was there before stays."""

    error: SourceError


Outcome = Delivered | Unchanged | Failed


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The outcome of one fetch of one account, part by part."""

    parts: Mapping[Part, Outcome]


_UNPRINTABLE = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\ufeff\\ud800-\\udfff\\ufdd0-\\ufdef"
    + "".join(f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(17))
    + "]"
)
_LINE_BREAKS = re.compile("\r\n|[\r\x85\u2028\u2029]")


def clean_text(text: str) -> str:
    """`text` without what no calendar can carry: control characters, lone surrogates, non-characters.

    Line breaks of any kind become a plain newline; tabs stay; space at both ends goes.
    """
    return _UNPRINTABLE.sub("", _LINE_BREAKS.sub("\n", text)).strip()


def clean_line(text: str) -> str:
    """`text` as `clean_text` has it, on one line with single spaces."""
    return " ".join(clean_text(text).split())


def clean_event(event: Event) -> Event:
    """`event` with every text as a calendar can carry it: notes and reason in lines, all else on one line."""

    def lines(texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(line for line in map(clean_line, texts) if line)

    return replace(
        event,
        identity=clean_line(event.identity),
        title=clean_line(event.title),
        subject=clean_line(event.subject),
        code=clean_line(event.code),
        label=clean_line(event.label),
        groups=lines(event.groups),
        teachers=lines(event.teachers),
        locations=lines(event.locations),
        notes=clean_text(event.notes),
        reason=clean_line(event.reason),
        url=clean_line(event.url),
        conference=clean_line(event.conference),
        private_notes=clean_text(event.private_notes),
        before=event.before and _clean_before(event.before, lines),
        tasks=None if event.tasks is None else lines(event.tasks),
        colleague=clean_line(event.colleague),
        whose=clean_line(event.whose),
    )


def _clean_before(before: Before, lines: Callable[[tuple[str, ...]], tuple[str, ...]]) -> Before:
    return Before(
        before.when,
        None if before.locations is None else lines(before.locations),
        None if before.teachers is None else lines(before.teachers),
    )
