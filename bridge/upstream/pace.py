"""How often days are read: near ones each time, far ones seldom, and not when everybody looks at today."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from bridge.model.event import Part
from bridge.model.window import Window
from bridge.settings.schema import PacedSettings
from bridge.upstream.contract import Account

_PAST, _AHEAD = timedelta(weeks=1), timedelta(weeks=3)
_MORNING = (time(6), time(9))
_SATURDAY = 5
_PATIENCE = 2  # times the usual interval: then far days are read in the morning too


@dataclass(frozen=True, slots=True)
class Pace:
    """The days and answers that are due at `now`.

    `near` are the days that are read each time: last week, this week and the next two, Monday to Sunday. They are
    near since `near_since`, the beginning of this week. Far days that were read before can wait in the `morning` of a
    weekday, from 6 to 9, so that requests are left for the near days of everybody.
    """

    now: datetime
    near: Window
    near_since: datetime
    far_interval: timedelta
    morning: bool = False

    @classmethod
    def at(cls, now: datetime, settings: PacedSettings) -> "Pace":
        """The pace at a moment."""
        there = now.astimezone(settings.zone)
        today = there.date()
        monday = today - timedelta(days=today.weekday())
        week_began = datetime.combine(monday, time(), settings.zone)
        morning = today.weekday() < _SATURDAY and _MORNING[0] <= there.time() < _MORNING[1]
        return cls(now, Window(monday - _PAST, monday + _AHEAD), week_began, settings.far_interval, morning)

    def is_due(self, name: str, account: Account, parts: Iterable[Part]) -> bool:
        """Whether one of `parts` was not `read_lately` from the answer with that name."""
        return name not in self.read_lately(account, parts)

    def read_lately(self, account: Account, parts: Iterable[Part]) -> set[str]:
        """The names of the answers from which all of `parts` were read within the last `far_interval`.

        On weekday mornings: within twice as long.
        """
        latest = self.now - self.far_interval * (_PATIENCE if self.morning else 1)
        read = ({name for name, came in account.read_at.get(part, {}).items() if came > latest} for part in parts)
        return set.intersection(*read)

    def is_due_this_week(self, name: str, account: Account, parts: Iterable[Part]) -> bool:
        """Like `is_due`, and also if other days were near when the answer was read."""
        moments = [account.read_at.get(part, {}).get(name) for part in parts]
        return self.is_due(name, account, parts) or any(one is None or one < self.near_since for one in moments)
