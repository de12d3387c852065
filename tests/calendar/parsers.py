"""Four parsers that calendar programs are built on, and what each reads in a calendar, in the same plain values."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import recurring_ical_events
import vobject
from ical.calendar_stream import IcsCalendarStream
from icalendar import Calendar


@dataclass(frozen=True)
class Read:
    """One event as a parser reads it: times in UTC or whole days, texts unescaped, empty where there is none."""

    uid: str
    start: date
    end: date
    summary: str
    location: str
    description: str
    status: str


def by_icalendar(calendar: bytes) -> list[Read]:
    """icalendar: Nextcloud's and many servers' Python."""
    whole: Any = Calendar.from_ical(calendar)
    return _in_order(map(_component, whole.walk("VEVENT")))


def by_recurring_ical_events(calendar: bytes) -> list[Read]:
    """recurring-ical-events: displays and dashboards; it works out what happens when."""
    whole: Any = Calendar.from_ical(calendar)
    return _in_order(map(_component, recurring_ical_events.of(whole).all()))


def by_ical(calendar: bytes) -> list[Read]:
    """ical: Home Assistant."""
    events = IcsCalendarStream.calendar_from_ics(calendar.decode()).events
    return _in_order(
        Read(
            event.uid or "",
            _moment(event.dtstart),
            _moment(event.dtend),
            event.summary or "",
            event.location or "",
            event.description or "",
            event.status.value if event.status else "",
        )
        for event in events
    )


def by_vobject(calendar: bytes) -> list[Read]:
    """vobject: Radicale and other CalDAV servers."""
    whole: Any = vobject.readOne(calendar.decode())
    return _in_order(
        Read(
            event.uid.value,
            _moment(event.dtstart.value),
            _moment(event.dtend.value),
            *(event.getChildValue(name, "") for name in ("summary", "location", "description", "status")),
        )
        for event in whole.contents.get("vevent", [])
    )


PARSERS: Mapping[str, Callable[[bytes], list[Read]]] = {
    "icalendar": by_icalendar,
    "recurring-ical-events": by_recurring_ical_events,
    "ical": by_ical,
    "vobject": by_vobject,
}


def read_alike(calendar: bytes, *, but: str = "") -> list[Read]:
    """What all of them, or all but one, read; they must agree."""
    first, *others = ((name, parser) for name, parser in PARSERS.items() if name != but)
    read = first[1](calendar)
    for name, parser in others:
        assert parser(calendar) == read, f"{name} reads something else than {first[0]}"
    return read


def _component(event: Any) -> Read:
    return Read(
        str(event["uid"]),
        _moment(event["dtstart"].dt),
        _moment(event["dtend"].dt),
        *(str(event.get(name, "")) for name in ("summary", "location", "description", "status")),
    )


def _moment(value: Any) -> date:
    found: date = value.astimezone(UTC) if isinstance(value, datetime) else value
    return found


def _in_order(events: Iterable[Read]) -> list[Read]:
    return sorted(events, key=lambda event: event.uid)
