"""The iCal link of the sample school, as poor as a real one: no cancellations, and everything twice."""

from collections.abc import Iterable
from datetime import UTC, datetime

from icalendar import Calendar, Event

from bridge.sources.somtoday.standin.school import Lesson

_COPIES = 2


def link_text(lessons: Iterable[Lesson], since: datetime) -> bytes:
    """The calendar at the link: the lessons that are not cancelled, from the day of `since` on."""
    calendar = Calendar()
    calendar.add("prodid", "-//Somtoday//NL")
    calendar.add("version", "2.0")
    for lesson in lessons:
        if lesson.cancelled or lesson.start.date() < since.date():
            continue
        for copy in range(_COPIES):
            event = Event()
            event.add("uid", f"{lesson.key}-{copy}@somtoday.nl")
            event.add("dtstamp", since.astimezone(UTC))
            event.add("dtstart", lesson.start)
            event.add("dtend", lesson.end)
            event.add("summary", lesson.title)
            event.add("location", lesson.room)
            calendar.add_component(event)
    return bytes(calendar.to_ical())
