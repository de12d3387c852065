"""What lasts over midnight shows as whole days, so that it does not lie over what happens on them."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bridge.model.event import AllDay, Timed, When

_INSTANT = timedelta(microseconds=1)
_ONE_DAY = timedelta(days=1)


def days_of(when: When) -> AllDay | None:
    """The local days that `when` touches, where it lasts over midnight or from midnight to midnight; else none."""
    if isinstance(when, AllDay):
        return None
    start, end = _local(when)
    last = (when.end - _INSTANT).astimezone(start.tzinfo).date()
    if start.date() == last and not _is_whole(start, end):
        return None
    return AllDay(start.date(), last + _ONE_DAY)


def has_hours(when: Timed) -> bool:
    """Whether it begins or ends at another time than midnight."""
    return not _is_whole(*_local(when))


def _is_whole(start: datetime, end: datetime) -> bool:
    return start.time() == end.time() == time() and start.date() < end.date()


def _local(when: Timed) -> tuple[datetime, datetime]:
    zone = ZoneInfo(when.zone)
    return when.start.astimezone(zone), when.end.astimezone(zone)
