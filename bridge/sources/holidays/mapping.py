"""From single days with names to holidays. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from bridge.model.event import AllDay, Event, Kind

_DAY = timedelta(days=1)


def read_holidays(days: Mapping[date, Sequence[str]]) -> tuple[Event, ...]:
    """The holidays of single days with their names.

    The identity of a holiday is its name and the year in which it begins, with a number for the second one, so that
    it stays the same when its days change.
    """
    seen: Counter[str] = Counter()
    events = []
    for name, when in merge(days):
        identity = f"{name} {when.start.year}"
        seen[identity] += 1
        if seen[identity] > 1:
            identity += f" {seen[identity]}"
        events.append(Event(identity=identity, kind=Kind.HOLIDAY, when=when, title=name))
    return tuple(events)


def merge(days: Mapping[date, Sequence[str]]) -> list[tuple[str, AllDay]]:
    """Names with their runs of days, sorted by first day and name. A run may cross the end of a year."""
    by_name: defaultdict[str, list[date]] = defaultdict(list)
    for day in sorted(days):
        for name in set(days[day]):
            by_name[name].append(day)
    found = [(name, run) for name, bearing in by_name.items() for run in _runs(bearing)]
    return sorted(found, key=lambda one: (one[1].start, one[0]))


def _runs(days: Sequence[date]) -> Iterator[AllDay]:
    """The unbroken runs of ascending days."""
    first = last = days[0]
    for day in days[1:]:
        if day != last + _DAY:
            yield AllDay(first, last + _DAY)
            first = day
        last = day
    yield AllDay(first, last + _DAY)
