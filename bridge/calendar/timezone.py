"""VTIMEZONE (RFC 5545, 3.6.5) in the form that all calendar programs understand: yearly rules since 1970."""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from bridge.calendar.observance import LAST, Observance, Rule, day_of

_YEARS_OF_PROOF = 4
_APART = timedelta(days=7)  # no zone changes twice within a week; to look at each day would take seven times as long


def timezone_blocks(zones: Iterable[str], years: Collection[int]) -> dict[str, bytes]:
    """The VTIMEZONE of each zone, correct for all `years`, without UTC and zones that have no rule."""
    found = {zone: timezone_block(zone, min(years), max(years)) for zone in sorted(set(zones) - {"UTC"})}
    return {zone: block for zone, block in found.items() if block is not None}


@lru_cache(maxsize=256)
def timezone_block(zone: str, first_year: int, last_year: int) -> bytes | None:
    """The VTIMEZONE of `zone`, equal to the IANA database from `first_year` to `last_year`, both inclusive.

    `None` if no yearly rule covers those years and a few more; write times in UTC then.
    """
    tz = ZoneInfo(zone)
    years = range(first_year, max(last_year, first_year + _YEARS_OF_PROOF) + 1)
    changes = [_changes(tz, year) for year in years]
    if not any(changes):
        start = datetime(first_year, 1, 1, tzinfo=UTC).astimezone(tz)
        if any(_offset(tz, datetime(year, 1, 1, tzinfo=UTC)) != start.utcoffset() for year in years):
            return None
        return _written(zone, [_constant(start)])
    if len({len(found) for found in changes}) != 1:
        return None
    observances = [_observance(tz, moments) for moments in zip(*changes, strict=True)]
    known = [one for one in observances if one is not None]
    return _written(zone, known) if len(known) == len(observances) else None


def _written(zone: str, observances: Sequence[Observance]) -> bytes:
    from bridge.calendar.vtimezone import write_timezone  # noqa: PLC0415 - icalendar, 3 MB, only to make a calendar

    return write_timezone(zone, observances)


def _offset(tz: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(tz).utcoffset() or timedelta(0)


def is_repeated(moment: datetime, zone: str) -> bool:
    """Whether clocks in `zone` show what they show at `moment`, in UTC, twice: they are put back."""
    return any(first <= moment < last for first, last in _repeated(zone, moment.year))


@lru_cache(maxsize=256)
def _repeated(zone: str, year: int) -> list[tuple[datetime, datetime]]:
    """The spans in which clocks show everything twice that lie in `year`, at least in part."""
    tz = ZoneInfo(zone)
    changes = [change for near in (year - 1, year, year + 1) for change in _changes(tz, near)]
    back = [(change, _offset(tz, change - timedelta(seconds=1)) - _offset(tz, change)) for change in changes]
    return [(change - span, change + span) for change, span in back if span > timedelta(0)]


@lru_cache(maxsize=256)
def _changes(tz: ZoneInfo, year: int) -> list[datetime]:
    """The moments in `year`, in UTC, at which the offset changes; of those within a week only one."""
    found = []
    seen = datetime(year, 1, 1, tzinfo=UTC)
    while seen.year == year:
        following = seen + _APART
        if _offset(tz, seen) != _offset(tz, following):
            low, high = seen, following
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) // 2
                low, high = (middle, high) if _offset(tz, middle) == _offset(tz, seen) else (low, middle)
            if high.year == year:
                found.append(high.replace(microsecond=0))
        seen = following
    return found


def _observance(tz: ZoneInfo, moments: tuple[datetime, ...]) -> Observance | None:
    """What begins at these moments, one a year."""
    before = {_offset(tz, moment - timedelta(seconds=1)) for moment in moments}
    after = {_offset(tz, moment) for moment in moments}
    if len(before) != 1 or len(after) != 1:
        return None
    old, new = before.pop(), after.pop()
    walls = [(moment + old).replace(tzinfo=None) for moment in moments]
    rule = _rule([wall.date() for wall in walls])
    if rule is None or len({wall.time() for wall in walls}) != 1:
        return None
    return Observance(moments[0].astimezone(tz).tzname() or "", old, new, walls[0].time(), rule)


def _constant(start: datetime) -> Observance:
    offset = start.utcoffset() or timedelta(0)
    return Observance(start.tzname() or "", offset, offset, time())


def _rule(days: list[date]) -> Rule | None:
    """The yearly rule that gives these days, one a year; `None` if there is none."""
    first = days[0]
    for nth in ((first.day - 1) // 7 + 1, LAST):
        rule = (first.month, nth, first.weekday())
        if all(day_of(day.year, rule) == day for day in days) and (nth == LAST or not _could_be_last(days)):
            return rule
    return None


def _could_be_last(days: list[date]) -> bool:
    return all(day_of(day.year, (day.month, LAST, day.weekday())) == day for day in days)
