"""An observance of a time zone (RFC 5545, 3.6.5): from when on which offset applies, by a yearly rule."""

import calendar as months
from dataclasses import dataclass
from datetime import date, time, timedelta

LAST = -1
Rule = tuple[int, int, int]  # month, nth weekday of the month or LAST, weekday from Monday = 0


@dataclass(frozen=True, slots=True)
class Observance:
    """The offset `after`, called `name`, instead of `before`, from `at` in local time on the day of `rule` each year.

    Without a rule it applies always.
    """

    name: str
    before: timedelta
    after: timedelta
    at: time
    rule: Rule | None = None


def day_of(year: int, rule: Rule) -> date:
    """The day of a rule in `year`."""
    month, nth, weekday = rule
    if nth == LAST:
        last = date(year, month, months.monthrange(year, month)[1])
        return last - timedelta(days=(last.weekday() - weekday) % 7)
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))
