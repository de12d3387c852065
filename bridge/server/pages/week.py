"""Lay out a week: what takes whole days above, the rest in a grid of steps, side by side where it overlaps."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bridge.calendar.preview import Seen
from bridge.model.event import AllDay, Timed

STEP = 5
"""The minutes of a row."""
STEPS_OF_DAY = 24 * 60 // STEP
LANES = 12
"""The columns of a day, shared by what happens at the same time."""
_STEPS_OF_HOUR = 60 // STEP
_SHORTEST = 4  # rows: less has no room for a title
_SCHOOL_DAY = (9, 16)
_WORKING_DAYS = 5
_DAYS = 7


@dataclass(frozen=True, slots=True)
class Placed:
    """An event with its place: rows from the first hour of the week on, and lanes from the left."""

    seen: Seen
    starts: str
    ends: str
    row: int
    rows: int
    lane: int
    lanes: int


@dataclass(frozen=True, slots=True)
class Day:
    """A day with its events."""

    date: date
    whole: tuple[Seen, ...]
    timed: tuple[Placed, ...]


@dataclass(frozen=True, slots=True)
class Week:
    """A week from Monday. `hours` are those that its grid shows; none if nothing has times."""

    days: tuple[Day, ...]
    hours: range
    rows: int

    @property
    def first(self) -> date:
        """Its Monday."""
        return self.days[0].date

    @property
    def empty(self) -> bool:
        """Whether nothing happens in it."""
        return not any(day.whole or day.timed for day in self.days)


@dataclass(frozen=True, slots=True)
class _Span:
    """An event within a day, in steps from midnight."""

    seen: Seen
    start: int
    end: int


def monday_of(moment: datetime, zone: ZoneInfo) -> date:
    """The Monday of the local week of a moment."""
    today = moment.astimezone(zone).date()
    return today - timedelta(days=today.weekday())


def lay_out(monday: date, seen: Iterable[Seen]) -> Week:
    """The week from a Monday. The weekend is left out if nothing happens in it."""
    events = list(seen)
    dates = [monday + timedelta(days=number) for number in range(_DAYS)]
    spans = {one: [span for event in events if (span := _span(event, one)) is not None] for one in dates}
    whole = {one: tuple(event for event in events if _takes(event, one)) for one in dates}
    busy = [one for one in dates[_WORKING_DAYS:] if spans[one] or whole[one]]
    last = dates.index(busy[-1]) + 1 if busy else _WORKING_DAYS
    all_spans = [span for found in spans.values() for span in found]
    if not all_spans:
        return Week(tuple(Day(one, whole[one], ()) for one in dates[:last]), range(0), 0)
    first_hour = min([_SCHOOL_DAY[0], *(span.start // _STEPS_OF_HOUR for span in all_spans)])
    last_hour = max([_SCHOOL_DAY[1], *(-(-span.end // _STEPS_OF_HOUR) for span in all_spans)])
    days = tuple(Day(one, whole[one], _placed(spans[one], first_hour * _STEPS_OF_HOUR)) for one in dates[:last])
    return Week(days, range(first_hour, last_hour), (last_hour - first_hour) * _STEPS_OF_HOUR)


def _takes(seen: Seen, day: date) -> bool:
    return isinstance(seen.when, AllDay) and seen.when.start <= day < seen.when.end


def _span(seen: Seen, day: date) -> _Span | None:
    """The part of a timed event on a day of its own zone."""
    if not isinstance(seen.when, Timed):
        return None
    zone = ZoneInfo(seen.when.zone)
    start, end = seen.when.start.astimezone(zone), seen.when.end.astimezone(zone)
    if not start.date() <= day <= (end - timedelta(microseconds=1)).date():
        return None
    first = _step(start) if start.date() == day else 0
    last = -(-(end.hour * 60 + end.minute) // STEP) if end.date() == day else STEPS_OF_DAY
    first = min(first, STEPS_OF_DAY - _SHORTEST)
    return _Span(seen, first, min(max(last, first + _SHORTEST), STEPS_OF_DAY))


def _step(moment: datetime) -> int:
    return (moment.hour * 60 + moment.minute) // STEP


def _placed(spans: Sequence[_Span], top: int) -> tuple[Placed, ...]:
    """Events side by side where they overlap, each as wide as those that it overlaps leave."""
    placed: list[Placed] = []
    for group in _groups(sorted(spans, key=lambda span: (span.start, -span.end, span.seen.title))):
        ends: list[int] = []
        lanes = []
        for span in group:
            lane = next((number for number, end in enumerate(ends) if end <= span.start), len(ends))
            ends[lane : lane + 1] = [span.end]
            lanes.append(lane)
        wide = max(LANES // len(ends), 1)
        for span, lane in zip(group, lanes, strict=True):
            starts, ends_at = _times(span.seen)
            at = min(lane * wide, LANES - wide)
            placed.append(Placed(span.seen, starts, ends_at, span.start - top, span.end - span.start, at, wide))
    return tuple(placed)


def _groups(spans: Sequence[_Span]) -> list[list[_Span]]:
    """Runs of events of which each overlaps an earlier one."""
    groups: list[list[_Span]] = []
    end = 0
    for span in spans:
        if not groups or span.start >= end:
            groups.append([])
        groups[-1].append(span)
        end = max(end, span.end) if len(groups[-1]) > 1 else span.end
    return groups


def _times(seen: Seen) -> tuple[str, str]:
    """The times of a timed event, as its own zone reads them."""
    if not isinstance(seen.when, Timed):
        return "", ""
    zone = ZoneInfo(seen.when.zone)
    return f"{seen.when.start.astimezone(zone):%H:%M}", f"{seen.when.end.astimezone(zone):%H:%M}"
