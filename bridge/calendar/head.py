"""The properties of a calendar itself (RFC 7986, 5)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, vDuration, vText

from bridge.calendar.options import FeedOptions
from bridge.calendar.standstill import Standstill
from bridge.model.event import Kind
from bridge.model.text import clean_line, clean_text

_PRODUCT = "-//Roosterbridge//Roosterbridge//NL"
_COLOUR = "royalblue"
END = b"END:VCALENDAR\r\n"


@dataclass(frozen=True, slots=True)
class CalendarInfo:
    """What a calendar says of itself.

    Days begin in the zone of the event's source in `zones`, and of what comes from no source in `zone`; that is also
    the zone of a calendar without local times. `schools` follow the title, each once. `revised` is when the options
    were last changed (UTC), or `None`: events must become newer then, or calendar programs would keep what they have.
    `kinds` are those that the feed was asked for. `standstills` are its accounts that need a login or fail.
    """

    title: str
    zone: str
    refresh_interval: timedelta
    schools: tuple[str, ...] = ()
    description: str = ""
    revised: datetime | None = None
    kinds: frozenset[Kind] = frozenset(Kind)
    standstills: tuple[Standstill, ...] = ()
    zones: Mapping[str, str] = field(default_factory=dict)

    def zone_of(self, source: str) -> ZoneInfo:
        """The zone in which the days of a source begin."""
        return ZoneInfo(self.zones.get(source, self.zone))


def head(info: CalendarInfo, options: FeedOptions, zones: Mapping[str, int]) -> bytes:
    """The VCALENDAR up to its first component. `zones` counts how often each zone is used.

    A busy feed has neither the schools nor the description.
    """
    description = "" if options.busy else clean_text(info.description)
    title = vText(_name(info.title, () if options.busy else info.schools))
    zone = min(zones, key=lambda name: (-zones[name], name)) if zones else info.zone
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", _PRODUCT)
    calendar.add("calscale", "GREGORIAN")
    if description:
        calendar.add("description", vText(description))
        calendar.add("x-wr-caldesc", vText(description))
    calendar.add("name", title)
    calendar.add("x-wr-calname", title)
    calendar.add("x-wr-timezone", vText(zone))
    calendar.add("refresh-interval", vDuration(info.refresh_interval), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(info.refresh_interval))
    calendar.add("color", _COLOUR)
    return bytes(calendar.to_ical()).removesuffix(END)


def _name(title: str, schools: Iterable[str]) -> str:
    """The title and each school that it does not mention yet."""
    name = clean_line(title)
    for school in map(clean_line, schools):
        if school.casefold() not in name.casefold():
            name = f"{name} · {school}"
    return name
