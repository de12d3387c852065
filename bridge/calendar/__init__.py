"""Events to iCalendar (RFC 5545, RFC 7986): pure, and the same bytes for the same events and options."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from icalendar import Calendar, vDuration, vText

from bridge.calendar.event import Shown, event_block, show
from bridge.calendar.options import FeedOptions
from bridge.calendar.timezone import timezone_block
from bridge.model import AllDay, Kind, Timed, TrackedEvent, clean_line

_PRODUCT = "-//Roosterbridge//Roosterbridge//NL"
_COLOUR = "royalblue"
_END = b"END:VCALENDAR\r\n"


@dataclass(frozen=True, slots=True)
class CalendarInfo:
    """What a calendar says of itself. `zone` counts where no event has one of its own."""

    title: str
    zone: str
    refresh_interval: timedelta


def render(info: CalendarInfo, entries: Iterable[TrackedEvent], options: FeedOptions) -> bytes:
    """A whole VCALENDAR, UTF-8, CRLF, in order of start and UID."""
    shown = _selected(entries, options)
    zones = _timezones(shown)
    head = _head(info, Counter(_zones(shown))).removesuffix(_END)
    blocks = [event_block(one, options, zones.keys()) for one in shown]
    return b"".join([head, *zones.values(), *blocks, _END])


def _selected(entries: Iterable[TrackedEvent], options: FeedOptions) -> list[Shown]:
    """What the feed shows: chosen by title, without what is hidden, equal holidays once."""
    shown = sorted((show(entry, options) for entry in entries), key=_order)
    holidays = set()
    selected = []
    for one in shown:
        if (one.cancelled and options.cancelled == "hide") or not options.selects(one.title):
            continue
        if one.event.kind is Kind.HOLIDAY and not one.cancelled:
            day = (one.event.when, one.title.casefold())
            if day in holidays:
                continue
            holidays.add(day)
        selected.append(one)
    return selected


def _order(shown: Shown) -> tuple[datetime, str]:
    when = shown.event.when
    if isinstance(when, AllDay):
        return datetime(when.start.year, when.start.month, when.start.day, tzinfo=UTC), shown.entry.uid
    return when.start, shown.entry.uid


def _zones(shown: Sequence[Shown]) -> list[str]:
    return [one.event.when.zone for one in shown if isinstance(one.event.when, Timed)]


def _timezones(shown: Sequence[Shown]) -> dict[str, bytes]:
    """The VTIMEZONE of each zone in use that can be told by rule, true for all years in use."""
    years = [
        moment.year
        for one in shown
        if isinstance(one.event.when, Timed)
        for moment in (one.event.when.start, one.event.when.end)
    ]
    found = {zone: timezone_block(zone, min(years), max(years)) for zone in sorted(set(_zones(shown)) - {"UTC"})}
    return {zone: block for zone, block in found.items() if block is not None}


def _head(info: CalendarInfo, zones: Counter[str]) -> bytes:
    calendar = Calendar()
    title = vText(clean_line(info.title))
    zone = min(zones, key=lambda name: (-zones[name], name)) if zones else info.zone
    calendar.add("version", "2.0")
    calendar.add("prodid", _PRODUCT)
    calendar.add("calscale", "GREGORIAN")
    calendar.add("name", title)
    calendar.add("x-wr-calname", title)
    calendar.add("x-wr-timezone", vText(zone))
    calendar.add("refresh-interval", vDuration(info.refresh_interval), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(info.refresh_interval))
    calendar.add("color", _COLOUR)
    return bytes(calendar.to_ical())
