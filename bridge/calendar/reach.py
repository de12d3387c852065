"""The options `past` and `future`: how far a feed reaches, and when that next changes what it shows."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bridge.model.event import AllDay, When
from bridge.model.window import day_start

_ONE_DAY = timedelta(days=1)
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Reach:
    """The local days from `past` before today up to and including `future` after it; `None` is no limit."""

    past: int | None
    future: int | None

    def holds(self, when: When, zone: ZoneInfo, now: datetime) -> bool:
        """Whether any part of `when` is within reach on the day of `now` in `zone`."""
        if self._endless:
            return True
        today = now.astimezone(zone).date()
        enters, leaves = self._shown_from(when, zone), self._shown_until(when, zone)
        return (enters is None or today >= enters) and (leaves is None or today < leaves)

    def next_change(self, times: Iterable[tuple[When, ZoneInfo]], now: datetime) -> datetime | None:
        """The first moment after `now` (UTC) at which one of `times` gets within reach or out of it, or `None`.

        Each has the zone in which its days begin.
        """
        if self._endless:
            return None
        in_zone: defaultdict[ZoneInfo, list[When]] = defaultdict(list)
        for when, zone in times:
            in_zone[zone].append(when)
        moments = (self._next_in(zone, together, now) for zone, together in in_zone.items())
        return min((moment for moment in moments if moment is not None), default=None)

    def _next_in(self, zone: ZoneInfo, times: Iterable[When], now: datetime) -> datetime | None:
        today = now.astimezone(zone).date()
        days = (day for when in times for day in (self._shown_from(when, zone), self._shown_until(when, zone)))
        coming = min((day for day in days if day is not None and day > today), default=None)
        return None if coming is None else day_start(coming, zone)

    @property
    def _endless(self) -> bool:
        return self.past is None and self.future is None

    def _shown_from(self, when: When, zone: ZoneInfo) -> date | None:
        """The first day on which `when` is within reach; `None` if it always was."""
        if self.future is None:
            return None
        first = when.start if isinstance(when, AllDay) else when.start.astimezone(zone).date()
        return first - timedelta(days=self.future)

    def _shown_until(self, when: When, zone: ZoneInfo) -> date | None:
        """The first day on which `when` is out of reach again; `None` if there is none."""
        if self.past is None:
            return None
        if isinstance(when, AllDay):
            return when.end + timedelta(days=self.past)
        return (when.end - _INSTANT).astimezone(zone).date() + _ONE_DAY + timedelta(days=self.past)
