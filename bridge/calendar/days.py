"""When events are for people: in their own zone, and as whole days where they would lie over what happens on them."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from bridge.calendar.timezone import is_repeated
from bridge.model.event import AllDay, Timed, When

_INSTANT = timedelta(microseconds=1)
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LocalTimes:
    """A time in its own zone.

    `days` are the days that it touches, where it lasts over midnight or from midnight to midnight; else `None`.
    `is_clear` is whether no clock change makes its start or end ambiguous, so that they can be written in that zone.
    """

    start: datetime
    end: datetime
    days: AllDay | None
    is_clear: bool


@lru_cache(maxsize=2048)  # a school's lessons begin and end at a few times on two hundred days
def local_times(when: Timed) -> LocalTimes:
    """`when` in its own zone."""
    zone = ZoneInfo(when.zone)
    start, end = when.start.astimezone(zone), when.end.astimezone(zone)
    days = touched(when, zone)
    whole = days.end - days.start > _ONE_DAY or not has_hours(when)
    clear = not any(is_repeated(moment, when.zone) for moment in (when.start, when.end))
    return LocalTimes(start, end, days if whole else None, clear)


def days_of(when: When) -> AllDay | None:
    """The local days that `when` touches, where it lasts over midnight or from midnight to midnight; else none."""
    return None if isinstance(when, AllDay) else local_times(when).days


def touched(when: When, zone: ZoneInfo) -> AllDay:
    """The days in `zone` that `when` touches."""
    if isinstance(when, AllDay):
        return when
    last = (when.end - _INSTANT).astimezone(zone).date()
    return AllDay(when.start.astimezone(zone).date(), last + _ONE_DAY)


def has_hours(when: Timed) -> bool:
    """Whether it begins or ends at another time than midnight."""
    zone = ZoneInfo(when.zone)
    start, end = when.start.astimezone(zone), when.end.astimezone(zone)
    return not (start.time() == end.time() == time() and start.date() < end.date())
