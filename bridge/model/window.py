"""The days that a fetch covers, and the moments at which events begin and end."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from bridge.model.event import Timed, When


def bounds(when: When, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The first moment of an event and the first moment after it, in UTC. Days begin at midnight in `zone`."""
    if isinstance(when, Timed):
        return when.start, when.end
    return day_start(when.start, zone), day_start(when.end, zone)


@lru_cache(maxsize=1024)  # the same few days are asked for with each event
def day_start(day: date, zone: ZoneInfo) -> datetime:
    """Local midnight of `day` in `zone`, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Window:
    """The local days from `start` up to but not including `end`."""

    start: date
    end: date

    @classmethod
    def around(cls, now: datetime, zone: ZoneInfo, *, past: timedelta, future: timedelta) -> "Window":
        """The window from `past` before today until `future` after today, both days included."""
        today = now.astimezone(zone).date()
        return cls(today - past, today + future + timedelta(days=1))

    def within(self, other: "Window") -> "Window":
        """The days that both have, of two windows that have any in common."""
        return Window(max(self.start, other.start), min(self.end, other.end))

    def overlaps(self, when: When, zone: ZoneInfo) -> bool:
        """Whether any moment of `when` is in the window."""
        start, end = bounds(when, zone)
        return start < day_start(self.end, zone) and end > day_start(self.start, zone)
