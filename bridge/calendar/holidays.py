"""Holidays: each one once, and the option `holiday_clears`: lessons that an upstream has not removed from one."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from bridge.calendar.days import touched
from bridge.calendar.shown import Shown
from bridge.model.event import AllDay, Kind, When


def each_holiday_once(shown: Iterable[Shown]) -> list[Shown]:
    """Of holidays of one name that overlap the person's own, then the first to start, then the longest."""
    shown = list(shown)
    named: defaultdict[str, list[Shown]] = defaultdict(list)
    for one in shown:
        if one.event.kind is Kind.HOLIDAY and not one.cancelled:
            named[one.title.casefold()].append(one)
    doubles = {double.uid for namesakes in named.values() for double in _doubles(namesakes)}
    return [one for one in shown if one.uid not in doubles]


def _doubles(namesakes: Sequence[Shown]) -> Iterable[Shown]:
    kept: list[When] = []
    for one in sorted(namesakes, key=lambda one: (one.shared, *_earliest_and_longest(one.event.when), one.uid)):
        if any(_overlap(one.event.when, when) for when in kept):
            yield one
        else:
            kept.append(one.event.when)


def _earliest_and_longest(when: When) -> tuple[int, int]:
    return when.start.toordinal(), -when.end.toordinal()


def _overlap(one: When, other: When) -> bool:
    if isinstance(one, AllDay) and isinstance(other, AllDay):
        return one.start < other.end and other.start < one.end
    return one == other


def clear_holidays(shown: Sequence[Shown], zone_of: Callable[[str], ZoneInfo]) -> list[Shown]:
    """Give each lesson whose days are all in a shown holiday the name of that holiday.

    `zone_of` gives the zone of a source's days.
    """
    holidays = [
        (one.event.when, one.title)
        for one in shown
        if one.event.kind is Kind.HOLIDAY and isinstance(one.event.when, AllDay) and not one.cancelled
    ]

    def cleared(one: Shown) -> Shown:
        if one.event.kind is not Kind.LESSON:
            return one
        days = touched(one.event.when, zone_of(one.source))
        within = next((title for off, title in holidays if off.start <= days.start and days.end <= off.end), "")
        return replace(one, cleared_by=within) if within else one

    return [cleared(one) for one in shown]
