"""The properties of a calendar itself (RFC 7986, 5)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bridge.calendar.duration import write_duration
from bridge.calendar.line import block, escape
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

    A busy feed has neither the schools nor the description. The properties are in the order of the icalendar library,
    which a test compares; each changed lesson has it written again.
    """
    description = "" if options.busy else escape(clean_text(info.description))
    title = escape(_name(info.title, () if options.busy else info.schools))
    zone = min(zones, key=lambda name: (-zones[name], name)) if zones else info.zone
    interval = write_duration(info.refresh_interval)
    described = (f"DESCRIPTION:{description}", f"X-WR-CALDESC:{description}") if description else ()
    return block(
        [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            f"PRODID:{_PRODUCT}",
            "CALSCALE:GREGORIAN",
            *described,
            f"NAME:{title}",
            f"X-WR-CALNAME:{title}",
            f"COLOR:{_COLOUR}",
            f"REFRESH-INTERVAL;VALUE=DURATION:{interval}",
            f"X-PUBLISHED-TTL:{interval}",
            f"X-WR-TIMEZONE:{escape(zone)}",
        ]
    )


def _name(title: str, schools: Iterable[str]) -> str:
    """The title and each school that it does not mention yet."""
    name = clean_line(title)
    for school in map(clean_line, schools):
        if school.casefold() not in name.casefold():
            name = f"{name} · {school}"
    return name
