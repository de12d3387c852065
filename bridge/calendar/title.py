"""Titles, without marks."""

from bridge.calendar.options import FeedOptions
from bridge.calendar.words import Words
from bridge.model.event import DayPart, Event, Kind

SENSITIVE = {Kind.ABSENCE, Kind.INTERRUPTION}
_TIMETABLE = {Kind.LESSON, Kind.EXAM}


def title_of(event: Event, options: FeedOptions, words: Words) -> str:
    """The title of an event, with no more than the options allow; whose it is first, if several people are shown."""
    return f"{whose(event)}{_title_of(event, options, words)}"


def whose(event: Event) -> str:
    """How a title begins that says whose the event is."""
    return f"{event.whose}: " if event.whose else ""


def _title_of(event: Event, options: FeedOptions, words: Words) -> str:
    if options.title is not None and event.kind in _TIMETABLE and (title := options.title.fill(event)):
        return title
    return usual_title(event, options, words)


def usual_title(event: Event, options: FeedOptions, words: Words) -> str:
    """The title without the option `title`, and without whose it is."""
    if event.kind in SENSITIVE:
        reason = event.reason if options.absence_details == "reason" else ""
        extent = _extent(event, words)
        brackets = ", ".join(filter(None, (extent, words.reported if event.reported else "")))
        return f"{reason or words.absent} ({brackets})" if brackets else reason or words.absent
    if event.kind is Kind.SUBSTITUTION and event.colleague:
        return words.replaces.format(event.colleague)
    title = words.weekly_check_in if event.weekly else event.title or words.kinds[event.kind]
    if event.kind is Kind.CHECKIN and event.hours is not None:
        return f"{title} · {words.hours(event.hours)}"
    return title


def _extent(event: Event, words: Words) -> str:
    """The part of the day that an absence takes; empty for a whole day and if it is unknown."""
    if event.day_part is not None and event.day_part in words.day_parts:
        return words.day_parts[event.day_part]
    if event.hours is not None and event.day_part in {None, DayPart.HOURS}:
        return words.hours(event.hours)
    return ""
