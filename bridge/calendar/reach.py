"""The options `past` and `future`: how far a feed reaches, and when that next changes what it shows."""

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
    zone: ZoneInfo

    def holds(self, when: When, now: datetime) -> bool:
        """Whether any part of `when` is within reach on the local day of `now`."""
        if self._endless:
            return True
        today = now.astimezone(self.zone).date()
        enters, leaves = self._shown_from(when), self._shown_until(when)
        return (enters is None or today >= enters) and (leaves is None or today < leaves)

    def next_change(self, times: Iterable[When], now: datetime) -> datetime | None:
        """The first moment after `now` (UTC) at which one of `times` gets within reach or out of it, or `None`."""
        if self._endless:
            return None
        today = now.astimezone(self.zone).date()
        days = (day for when in times for day in (self._shown_from(when), self._shown_until(when)))
        coming = min((day for day in days if day is not None and day > today), default=None)
        return None if coming is None else day_start(coming, self.zone)

    @property
    def _endless(self) -> bool:
        return self.past is None and self.future is None

    def _shown_from(self, when: When) -> date | None:
        """The first day on which `when` is within reach; `None` if it always was."""
        if self.future is None:
            return None
        first = when.start if isinstance(when, AllDay) else when.start.astimezone(self.zone).date()
        return first - timedelta(days=self.future)

    def _shown_until(self, when: When) -> date | None:
        """The first day on which `when` is out of reach again; `None` if there is none."""
        if self.past is None:
            return None
        if isinstance(when, AllDay):
            return when.end + timedelta(days=self.past)
        return (when.end - _INSTANT).astimezone(self.zone).date() + _ONE_DAY + timedelta(days=self.past)
