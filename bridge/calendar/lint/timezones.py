"""The VTIMEZONEs of a calendar (RFC 5545, 3.6.5) and the local times that use them."""

import calendar as months
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bridge.calendar.lint.rules import Report
from bridge.calendar.lint.structure import Component
from bridge.calendar.lint.values import is_moment

_FIRST_YEAR = 1970
_YEARS = range(1900, 2201)
_OFFSET = re.compile(r"([+-])([01][0-9]|2[0-3])([0-5][0-9])([0-5][0-9])?")
_NTH_DAY = re.compile(r"(-?[1-5])(MO|TU|WE|TH|FR|SA|SU)")
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_MONTHS = {str(month): month for month in range(1, 13)}


class Yearly(NamedTuple):
    """A yearly rule for a day."""

    month: int
    nth: int
    weekday: int

    def in_year(self, year: int) -> date | None:
        """The day in `year`, if it exists."""
        first, length = months.monthrange(year, self.month)
        days = [day for day in range(1, length + 1) if (first + day - 1) % 7 == self.weekday]
        position = self.nth - 1 if self.nth > 0 else self.nth
        return date(year, self.month, days[position]) if -len(days) <= position < len(days) else None


@dataclass(frozen=True, slots=True)
class Observance:
    """A STANDARD or DAYLIGHT component. Without a rule it applies always."""

    before: timedelta
    after: timedelta
    at: time
    rule: Yearly | None

    def onset(self, year: int) -> datetime | None:
        """When it begins in `year`, in the local time that applied before."""
        day = self.rule.in_year(year) if self.rule else None
        return datetime.combine(day, self.at) if day else None


class Use(NamedTuple):
    """A property with a TZID."""

    tzid: str
    line: int
    value: str


@dataclass(slots=True)
class Zones:
    """The zones of a calendar and where they are used."""

    report: Report
    _observances: list[Component] = field(default_factory=list)
    _known: dict[str, tuple[int, tuple[Observance, ...]]] = field(default_factory=dict)
    _uses: list[Use] = field(default_factory=list)

    def observance(self, component: Component) -> None:
        """Add a STANDARD or DAYLIGHT. Its VTIMEZONE follows."""
        self._observances.append(component)

    def zone(self, component: Component) -> None:
        """Add a VTIMEZONE, after its observances."""
        inner, self._observances = self._observances, []
        tzid = component.value("TZID")
        if not tzid:
            self.report("missing-property", component.line, "TZID")
            return
        if tzid in self._known:
            self.report("timezone-duplicate", component.line)
            return
        read = [_observance(one, alone=len(inner) == 1) for one in inner]
        observances = tuple(one for one in read if one)
        if not inner or len(observances) < len(inner):
            self.report("timezone-form", component.line)
            observances = ()
        self._known[tzid] = (component.line, observances)

    def use(self, use: Use) -> None:
        """Add a property with a TZID. The VTIMEZONE may follow later."""
        self._uses.append(use)

    def check(self) -> None:
        """Report the problems of the zones and the local times, after all were added."""
        changes: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for tzid, line, value in self._uses:
            if tzid not in self._known:
                self.report("tzid-undefined", line)
                continue
            key = (tzid, value[:4])
            if key not in changes:
                changes[key] = self._changes(tzid, value)
            for low, high in changes[key]:
                if low <= value < high:
                    self.report("clock-change", line)
        used = {use.tzid for use in self._uses}
        for tzid, (line, _) in self._known.items():
            if tzid not in used:
                self.report("timezone-unused", line)

    def _changes(self, tzid: str, value: str) -> list[tuple[str, str]]:
        """The spans of ambiguous or missing local times in the year of a local time, in its form."""
        year = int(value[:4]) if is_moment(value) else 0
        if year not in _YEARS:
            return []
        line, observances = self._known[tzid]
        if not _true(tzid, observances, year):
            self.report("timezone-offset", line)
        found = []
        for one in observances:
            onset = one.onset(year)
            if onset and one.before != one.after:
                low, high = sorted([onset, onset + one.after - one.before])
                found.append((f"{low:%Y%m%dT%H%M%S}", f"{high:%Y%m%dT%H%M%S}"))
        return found


def _observance(component: Component, *, alone: bool) -> Observance | None:
    """Parse an observance, `alone` in a zone without changes; `None` if some programs would not understand it."""
    before, after = (_offset(component.value(name)) for name in ("TZOFFSETFROM", "TZOFFSETTO"))
    start, written = component.value("DTSTART"), component.value("RRULE")
    if before is None or after is None or component.get("RDATE") or component.get("EXDATE"):
        return None
    if not is_moment(start) or start.endswith("Z") or int(start[:4]) != _FIRST_YEAR:
        return None
    at = time(int(start[9:11]), int(start[11:13]), int(start[13:15]))
    if alone:
        return None if written or before != after else Observance(before, after, at, None)
    rule = _yearly(written)
    observance = Observance(before, after, at, rule)
    onset = observance.onset(_FIRST_YEAR)
    return observance if onset and f"{onset:%Y%m%dT%H%M%S}" == start else None


def _offset(text: str) -> timedelta | None:
    match = _OFFSET.fullmatch(text)
    if match is None:
        return None
    span = timedelta(hours=int(match[2]), minutes=int(match[3]), seconds=int(match[4] or 0))
    return -span if match[1] == "-" else span


def _yearly(text: str) -> Yearly | None:
    parts = dict(part.partition("=")[::2] for part in text.split(";"))
    day = _NTH_DAY.fullmatch(parts.get("BYDAY", ""))
    month = _MONTHS.get(parts.get("BYMONTH", ""))
    if parts.get("FREQ") != "YEARLY" or len(parts) != len(("FREQ", "BYDAY", "BYMONTH")) or not day or not month:
        return None
    return Yearly(month, int(day[1]), _DAYS.index(day[2]))


@lru_cache(maxsize=256)
def _true(tzid: str, observances: tuple[Observance, ...], year: int) -> bool:
    """Whether the IANA database has the same offsets in `year`. An unknown zone is accepted."""
    try:
        zone = ZoneInfo(tzid)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return True

    def offset(moment: datetime) -> timedelta | None:
        return moment.replace(tzinfo=UTC).astimezone(zone).utcoffset()

    moments: list[tuple[datetime, timedelta]] = []
    for one in observances:
        onset = one.onset(year)
        if onset:
            moments += [(onset - one.before - timedelta(seconds=1), one.before), (onset - one.before, one.after)]
        elif one.rule is None:
            moments += [(datetime(year, month, 1), one.after) for month in (1, 7)]  # noqa: DTZ001 - offset adds UTC
    moments.sort()
    joined = all(one[1] == other[1] for one, other in list(pairwise(moments))[1::2])
    return joined and all(offset(moment) == expected for moment, expected in moments)
