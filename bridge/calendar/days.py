"""What lasts over midnight shows as whole days, so that it does not lie over what happens on them."""

from datetime import time, timedelta
from zoneinfo import ZoneInfo

from bridge.model.event import AllDay, Timed, When

_INSTANT = timedelta(microseconds=1)
_ONE_DAY = timedelta(days=1)


def days_of(when: When) -> AllDay | None:
    """The local days that `when` touches, where it lasts over midnight or from midnight to midnight; else none."""
    if isinstance(when, AllDay):
        return None
    days = touched(when, ZoneInfo(when.zone))
    return days if days.end - days.start > _ONE_DAY or not has_hours(when) else None


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
