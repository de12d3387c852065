"""The option `holiday_clears`: lessons that an upstream has not removed from a holiday."""

from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from bridge.calendar.shown import Shown
from bridge.model.event import AllDay, Kind
from bridge.model.window import bounds


def clear_holidays(shown: Sequence[Shown], zone: ZoneInfo) -> list[Shown]:
    """Give each lesson that is wholly within a shown holiday the name of that holiday. Days begin in `zone`."""
    holidays = [
        (*bounds(one.event.when, zone), one.title)
        for one in shown
        if one.event.kind is Kind.HOLIDAY and isinstance(one.event.when, AllDay) and not one.cancelled
    ]

    def cleared(one: Shown) -> Shown:
        if one.event.kind is not Kind.LESSON:
            return one
        start, end = bounds(one.event.when, zone)
        within = next((title for first, last, title in holidays if first <= start and end <= last), "")
        return replace(one, cleared_by=within) if within else one

    return [cleared(one) for one in shown]
