"""The properties of a calendar itself (RFC 7986, 5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from icalendar import Calendar, vDuration, vText

from bridge.calendar.options import FeedOptions
from bridge.model.text import clean_line, clean_text

_PRODUCT = "-//Roosterbridge//Roosterbridge//NL"
_COLOUR = "royalblue"
END = b"END:VCALENDAR\r\n"


@dataclass(frozen=True, slots=True)
class CalendarInfo:
    """What a calendar says of itself.

    Days begin in `zone`, which is also the zone of a calendar without local times. `school` follows the title if it
    is not empty. `revised` is when the options were last changed (UTC), or `None`: events must become newer then, or
    calendar programs would keep what they have.
    """

    title: str
    zone: str
    refresh_interval: timedelta
    school: str = ""
    description: str = ""
    revised: datetime | None = None


def head(info: CalendarInfo, options: FeedOptions, zones: Mapping[str, int]) -> bytes:
    """The VCALENDAR up to its first component. `zones` counts how often each zone is used.

    A busy feed has neither the school nor the description.
    """
    school = "" if options.busy else clean_line(info.school)
    description = "" if options.busy else clean_text(info.description)
    title = vText(f"{clean_line(info.title)} ({school})" if school else clean_line(info.title))
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
