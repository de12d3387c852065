"""Lessons from the school's own iCal link, for schools that show nothing else. Its duplicates are removed."""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

from icalendar import Calendar
from icalendar.cal import Component

from bridge.errors import BadResponse, nameless
from bridge.model.event import AllDay, Event, Kind, Status, Timed, When
from bridge.sources.somtoday.mapping.items import digest, moment
from bridge.sources.somtoday.mapping.lessons import groups_in, is_test
from bridge.upstream.contract import Reading, Unread
from bridge.upstream.markup import heading, plain
from bridge.upstream.reply import Body

_MOST_EVENTS, _MOST_PARTS, _MOST_LINES = 10_000, 30_000, 200_000
_LONGEST_LINE = 100_000
_FOLD = re.compile(rb"\r?\n[ \t]")


def read_link(body: Body, *, zone: ZoneInfo, origin: str, tasks: tuple[()] | None = None) -> Reading:
    """The events of an iCalendar text (RFC 5545); `tasks` as for the other timetables.

    Raises:
        BadResponse: it is not iCalendar, or most of its events cannot be read.
    """
    text = bytes(body)
    _expect_reasonable(text, origin)
    try:
        calendar = Calendar.from_ical(text)
        components = calendar.walk("VEVENT")
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise BadResponse(f"{origin} has an iCal link without a calendar.") from nameless(error)
    found: dict[str, Event] = {}
    unread: list[Unread] = []
    for component in components:
        try:
            event = _event(component, zone, tasks)
        except (ValueError, LookupError, TypeError, AttributeError, OverflowError):
            unread.append(_unread(component, zone))
        else:
            found.setdefault(event.identity, event)
    if len(unread) * 2 > len(components):
        raise BadResponse(f"{origin} has an iCal link with events that mostly cannot be read.")
    return Reading(tuple(found.values()), tuple(unread), items=len(components))


def _expect_reasonable(text: bytes, origin: str) -> None:
    """Raise BadResponse for a text that takes minutes or hundreds of megabytes to read."""
    upper = text.upper()
    if upper.count(b"BEGIN:VEVENT") > _MOST_EVENTS:
        raise BadResponse(f"{origin} has an iCal link with more than {_MOST_EVENTS:,} events.")
    if upper.count(b"BEGIN:") > _MOST_PARTS or text.count(b"\n") > _MOST_LINES:
        raise BadResponse(f"{origin} has an iCal link with more than {_MOST_LINES:,} lines, or {_MOST_PARTS:,} parts.")
    if max(map(len, _FOLD.sub(b"", text).split(b"\n"))) > _LONGEST_LINE:
        raise BadResponse(f"{origin} has an iCal link with a line of more than {_LONGEST_LINE:,} bytes.")


def _event(component: Component, zone: ZoneInfo, tasks: tuple[()] | None) -> Event:
    when = _when(_moment(component, "DTSTART"), _moment(component, "DTEND"), zone)
    title = heading(str(component.get("SUMMARY", "")))
    description = plain(str(component.get("DESCRIPTION", "")))
    location = heading(str(component.get("LOCATION", "")))
    cancelled = str(component.get("STATUS", "")).upper() == "CANCELLED"
    return Event(
        identity=_identity(title, when.start),
        kind=Kind.EXAM if is_test(title) else Kind.LESSON,
        when=when,
        title=title,
        groups=groups_in(title, location, ()),
        locations=(location,) if location else (),
        notes=description if description != title else "",
        status=Status.CANCELLED if cancelled else Status.CONFIRMED,
        tasks=tasks,
    )


def _identity(title: str, start: date) -> str:
    return f"ical:{digest(title, start.isoformat())}"


def _unread(component: Component, zone: ZoneInfo) -> Unread:
    """What can be read of an event that cannot be read whole: its identity, where its title and start are readable."""
    try:
        start = _moment(component, "DTSTART")
        begun = moment(start, zone) if isinstance(start, datetime) else start
        return Unread(_identity(heading(str(component.get("SUMMARY", ""))), begun))
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError):
        return Unread()


def _when(start: date, end: date, zone: ZoneInfo) -> When:
    if isinstance(start, datetime) and isinstance(end, datetime):
        return Timed(moment(start, zone), moment(end, zone), zone.key)
    if isinstance(start, datetime) or isinstance(end, datetime):
        raise ValueError("an event begins and ends with a day or with a moment")  # noqa: TRY004 - it is skipped
    return AllDay(start, end)


def _moment(component: Component, name: str) -> date:
    value = getattr(component[name], "dt", None)
    if not isinstance(value, date):
        raise ValueError("a moment is a day or a time of one")  # noqa: TRY004 - it is skipped
    return value
