"""`holiday_clears`: lessons that an upstream forgot to take out of a holiday."""

from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from bridge.calendar.shown import Shown
from bridge.model.event import AllDay, Kind
from bridge.model.window import bounds


def clear_holidays(shown: Sequence[Shown], zone: ZoneInfo) -> list[Shown]:
    """Each lesson that lies wholly within a holiday that is shown, with its name; `zone` says where days begin."""
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
