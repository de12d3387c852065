"""Write an event as a VEVENT (RFC 5545, 3.6.1). Equal values give equal bytes."""

import math
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from msgspec import Struct

from bridge.calendar.address import is_address
from bridge.calendar.alarms import Reminder
from bridge.calendar.days import local_times
from bridge.calendar.description import describe, is_reticent
from bridge.calendar.line import block, escape
from bridge.calendar.mark import marked_title
from bridge.calendar.options import FeedOptions
from bridge.calendar.shown import Shown
from bridge.calendar.words import words_of
from bridge.model.event import AllDay, Event, Kind, Status

COLOURS: Mapping[Kind, str] = {
    Kind.LESSON: "royalblue",
    Kind.EXAM: "crimson",
    Kind.HOMEWORK: "darkorange",
    Kind.ABSENCE: "gray",
    Kind.HOLIDAY: "mediumseagreen",
    Kind.INTERRUPTION: "slategray",
    Kind.SUBSTITUTION: "mediumorchid",
    Kind.ASSIGNMENT: "steelblue",
    Kind.CHECKIN: "teal",
    Kind.NOTICE: "goldenrod",
}
_CANCELLED_COLOUR = "dimgray"
_OPAQUE = {Kind.LESSON, Kind.EXAM, Kind.INTERRUPTION, Kind.SUBSTITUTION}
_PRIVATE = {Kind.ABSENCE, Kind.INTERRUPTION, Kind.CHECKIN}
_FARTHEST_NORTH, _FARTHEST_EAST = 90, 180
_DECIMALS = 6


class Content(Struct, frozen=True, gc=False):
    """The values of a VEVENT, not escaped yet. Empty texts are left out.

    `begins` is how long after `start` it begins for `reminders`.

    `start` and `end` are dates, times in UTC, or times in a zone whose VTIMEZONE stands beside the event.
    """

    uid: str
    created: datetime
    modified: datetime
    sequence: int
    start: date
    end: date
    summary: str
    description: str
    location: str
    url: str
    conference: str
    position: str
    category: str
    colour: str
    status: str
    transparency: str
    privacy: str
    busy_status: str
    reminders: tuple[Reminder, ...]
    begins: timedelta


def content_of(shown: Shown, options: FeedOptions, zones: Collection[str]) -> Content:
    """The values of an event. Times are local in `zones`, which have a VTIMEZONE in the calendar, else in UTC."""
    words = words_of(options.language)
    event = shown.event
    start, end = _span(event, zones)
    status, transparency, busy_status = _availability(shown, options)
    reticent = is_reticent(event, options)
    free = shown.cancelled or shown.cleared_by or options.busy
    return Content(
        uid=shown.uid,
        created=shown.created,
        modified=shown.modified,
        sequence=shown.sequence,
        start=start,
        end=end,
        summary=marked_title(shown, options, words),
        description=describe(shown, options, words),
        location="" if reticent else ", ".join(filter(None, (*event.locations, event.site))),
        url=event.url if is_address(event.url) and not reticent else "",
        conference=event.conference if is_address(event.conference) and not reticent else "",
        position="" if reticent else _position(event),
        category=words.kinds[event.kind] if options.categories == "on" and not options.busy else "",
        colour="" if options.busy else _CANCELLED_COLOUR if shown.cancelled else COLOURS[event.kind],
        status=status,
        transparency=transparency,
        privacy="PRIVATE" if event.kind in _PRIVATE else "PUBLIC",
        busy_status=busy_status,
        reminders=() if free else tuple(one for one in options.alarms if one.kind is event.kind),
        begins=_begins(shown),
    )


def write(content: Content) -> bytes:
    """Write a VEVENT, with its properties in the order of the icalendar library."""
    modified = _in_utc(content.modified)
    lines = [
        "BEGIN:VEVENT",
        f"SUMMARY:{escape(content.summary)}",
        f"DTSTART{_moment(content.start)}",
        f"DTEND{_moment(content.end)}",
        f"DTSTAMP:{modified}",
        f"UID:{escape(content.uid)}",
        f"SEQUENCE:{content.sequence}",
    ]
    if content.category:
        lines.append(f"CATEGORIES:{escape(content.category)}")
    lines.append(f"CLASS:{content.privacy}")
    if content.colour:
        lines.append(f"COLOR:{content.colour}")
    if content.conference:
        lines.append(f"CONFERENCE;VALUE=URI:{content.conference}")
    lines.append(f"CREATED:{_in_utc(content.created)}")
    if content.description:
        lines.append(f"DESCRIPTION:{escape(content.description)}")
    if content.position:
        lines.append(f"GEO:{content.position}")
    lines.append(f"LAST-MODIFIED:{modified}")
    if content.location:
        lines.append(f"LOCATION:{escape(content.location)}")
    lines += [f"STATUS:{content.status}", f"TRANSP:{content.transparency}"]
    if content.url:
        lines.append(f"URL:{content.url}")
    lines.append(f"X-MICROSOFT-CDO-BUSYSTATUS:{content.busy_status}")
    for reminder in content.reminders:
        lines += [
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            f"DESCRIPTION:{escape(content.summary)}",
            f"TRIGGER:{reminder.trigger(content.begins)}",
            f"UID:{reminder.uid(content.uid)}",
            "END:VALARM",
        ]
    lines.append("END:VEVENT")
    return block(lines)


def _moment(moment: date) -> str:
    """A date or time with its parameters: the part of a line after the name of the property."""
    if not isinstance(moment, datetime):
        return f";VALUE=DATE:{_digits(moment)}"
    zone = moment.tzinfo
    return f";TZID={zone.key}:{_digits(moment)}" if isinstance(zone, ZoneInfo) else f":{_in_utc(moment)}"


@lru_cache(maxsize=1024)  # most events of a calendar were made, and last changed, in a few moments
def _in_utc(moment: datetime) -> str:
    return f"{_digits(moment.astimezone(UTC))}Z"


def _digits(moment: date) -> str:
    """YYYYMMDD, or YYYYMMDDTHHMMSS."""
    day = f"{moment.year:04}{moment.month:02}{moment.day:02}"
    if not isinstance(moment, datetime):
        return day
    return f"{day}T{moment.hour:02}{moment.minute:02}{moment.second:02}"


def is_opaque(shown: Shown) -> bool:
    """Whether the event takes the person's time."""
    return shown.event.kind in _OPAQUE and not shown.cancelled and not shown.cleared_by


def _availability(shown: Shown, options: FeedOptions) -> tuple[str, str, str]:
    """STATUS, TRANSP and Outlook's busy status, which it uses instead of TRANSP."""
    if shown.cancelled:
        return ("CANCELLED" if options.cancelled == "status" else "CONFIRMED"), "TRANSPARENT", "FREE"
    tentative = shown.event.status is Status.TENTATIVE
    status = "TENTATIVE" if tentative else "CONFIRMED"
    if not is_opaque(shown):
        return status, "TRANSPARENT", "FREE"
    if shown.event.kind is Kind.INTERRUPTION:
        return status, "OPAQUE", "OOF"
    return status, "OPAQUE", "TENTATIVE" if tentative else "BUSY"


def _position(event: Event) -> str:
    """GEO (3.8.1.6), in degrees with six decimals; empty for an impossible position."""
    if event.position is None:
        return ""
    latitude, longitude = event.position
    if not (math.isfinite(latitude) and abs(latitude) <= _FARTHEST_NORTH and abs(longitude) <= _FARTHEST_EAST):
        return ""
    return f"{_degrees(latitude)};{_degrees(longitude)}"


def _degrees(value: float) -> str:
    """A number without an exponent, which GEO does not allow."""
    shortest = str(round(value, _DECIMALS))
    return f"{value:.{_DECIMALS}f}" if "e" in shortest else shortest


def _span(event: Event, zones: Collection[str]) -> tuple[date, date]:
    """DTSTART and DTEND, both in UTC if the zone has no rule or if a clock change makes one of them ambiguous."""
    when = event.when
    if isinstance(when, AllDay):
        return when.start, when.end
    local = local_times(when)
    if when.zone not in zones or not local.is_clear:
        return when.start.astimezone(UTC), when.end.astimezone(UTC)
    return local.start, local.end


def _begins(shown: Shown) -> timedelta:
    """How long into its first day something that has days and no times begins."""
    if shown.times is None:
        return timedelta(0)
    start = shown.times.start.astimezone(ZoneInfo(shown.times.zone))
    return timedelta(hours=start.hour, minutes=start.minute)
