"""Entries for calendars, and what is read back out of a calendar."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar
from msgspec.structs import replace

from bridge.calendar.head import CalendarInfo
from bridge.calendar.options import FeedOptions
from bridge.calendar.render import render
from bridge.model.event import AllDay, Before, DayPart, Event, Kind, Progress, Status, Task, Timed, clean_event
from bridge.model.tracked import TrackedEvent

ZONE = ZoneInfo("Europe/Amsterdam")
INFO = CalendarInfo("Rooster van Noor", "Europe/Amsterdam", timedelta(minutes=30))
NOW = datetime(2026, 9, 2, 12, tzinfo=UTC)
CHANGED = datetime(2026, 9, 1, 6, tzinfo=UTC)
LESSON = Timed(datetime(2026, 9, 7, 6, 30, tzinfo=UTC), datetime(2026, 9, 7, 7, 20, tzinfo=UTC), "Europe/Amsterdam")
DAY = AllDay(date(2026, 9, 8), date(2026, 9, 9))


def entry(identity: str = "1", *, vanished: datetime | None = None, **fields: Any) -> TrackedEvent:
    values = {"kind": Kind.LESSON, "when": LESSON, "title": "Wiskunde", **fields}
    event = clean_event(Event(identity=identity, **values))
    return TrackedEvent(f"uid-{identity}", "fortes", event, 0, CHANGED, CHANGED, vanished)


def between(start: datetime, minutes: int, zone: str) -> Timed:
    return Timed(start, start + timedelta(minutes=minutes), zone)


def week() -> list[TrackedEvent]:
    """One of each kind, with every field in use somewhere."""
    lesson = entry(
        "lesson",
        title="Wiskunde B",
        subject="Wiskunde B",
        code="wisB",
        label="Hoorcollege",
        groups=("4V2", "4V3"),
        teachers=("J. de Vries", "Ö. Çelik"),
        locations=("A1.03", "A1.04; zaal, groot"),
        periods=(1, 2),
        notes="Neem mee:\n- passer, \\ en geodriehoek;\n- agenda",
        url="https://rooster.example.nl/les?a=1,2;b=3",
        conference="https://meet.example.nl/x",
    )
    return [
        replace(lesson, sequence=3, modified=CHANGED + timedelta(hours=1)),
        entry("cancelled", title="Frans", status=Status.CANCELLED, periods=(3, 3)),
        entry("vanished", title="Duits", vanished=CHANGED),
        entry("draft", title="Practicum", status=Status.TENTATIVE),
        entry("exam", kind=Kind.EXAM, title="Toets hoofdstuk 3"),
        entry("homework", kind=Kind.HOMEWORK, title="Maak 3 t/m 7", when=DAY),
        entry("absence", kind=Kind.ABSENCE, title="Ziek", reason="Ziek gemeld"),
        entry("holiday", kind=Kind.HOLIDAY, title="Kerstvakantie", when=AllDay(date(2026, 12, 19), date(2027, 1, 4))),
        entry("interruption", kind=Kind.INTERRUPTION, title="Ziekteverlof", reason="Ziekteverlof", when=DAY),
        entry("substitution", kind=Kind.SUBSTITUTION, title="Vervanging van P. Peeters", when=DAY),
        entry("assignment", kind=Kind.ASSIGNMENT, title="", when=DAY),
        entry("checkin", kind=Kind.CHECKIN, title="Check-in", when=DAY),
        entry("notice", kind=Kind.NOTICE, title="Gebouw dicht"),
        entry("abroad", title="Seminar", when=between(datetime(2026, 9, 9, 13, tzinfo=UTC), 60, "America/New_York")),
        entry(
            "repeated", title="Nacht", when=between(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), 60, "Europe/Amsterdam")
        ),
        entry(
            "ruleless", title="Excursie", when=between(datetime(2026, 9, 10, 8, tzinfo=UTC), 60, "Africa/Casablanca")
        ),
    ]


def changes() -> list[TrackedEvent]:
    """What the neutral fields tell beyond the plain: what was before, what is to do, how much of a day."""
    day = AllDay(date(2026, 9, 10), date(2026, 9, 11))
    moved = entry("moved", title="Biologie", when=between(datetime(2026, 9, 10, 8, tzinfo=UTC), 50, ZONE.key))
    return [
        replace(moved, before=Before(when=LESSON), changed=CHANGED),
        entry("room", title="Kunst", locations=("B2",), before=Before(locations=("A1", "A2"))),
        entry("teacher", title="Muziek", teachers=("Abc",), before=Before(teachers=("Ghi",))),
        entry(
            "to prepare",
            title="Engels",
            tasks=(Task("", "Leer woordjes 1 t/m 20"), Task("", "Lees hoofdstuk 3", done=True)),
        ),
        entry("prepared", kind=Kind.HOMEWORK, title="Maak 8 t/m 12", progress=Progress.DONE, when=day),
        entry("strike", kind=Kind.INTERRUPTION, title="", reason="Staking", day_part=DayPart.MORNING, when=day),
        entry("hours", kind=Kind.INTERRUPTION, title="", reason="Staking", day_part=DayPart.HOURS, hours=2, when=day),
        entry("whole", kind=Kind.INTERRUPTION, title="", day_part=DayPart.WHOLE, colleague="P. Peeters", when=day),
        entry("stands in", kind=Kind.SUBSTITUTION, title="", colleague="J. Janssens", when=day),
        entry("post", kind=Kind.ASSIGNMENT, title="Leraar wiskunde", hours=10.5, full_hours=20, when=day),
        entry("worked", kind=Kind.CHECKIN, title="Check-in", hours=6, private_notes="Blij\nGing goed", when=day),
        entry("due", kind=Kind.CHECKIN, title="Check-in", progress=Progress.DUE, when=day),
        entry("place", title="Excursie", position=(52.3702, 4.8952), locations=("Dam",)),
    ]


def rendered(*entries: TrackedEvent, **options: str) -> bytes:
    return render(INFO, entries, FeedOptions.parse(options), now=NOW).calendar


def events_in(calendar: bytes) -> list[Any]:
    whole: Any = Calendar.from_ical(calendar)
    return list(whole.walk("VEVENT"))


def only(*entries: TrackedEvent, **options: str) -> Any:
    (event,) = events_in(rendered(*entries, **options))
    return event


def titles(*entries: TrackedEvent, **options: str) -> list[str]:
    return [str(event["summary"]) for event in events_in(rendered(*entries, **options))]


def lines_of(calendar: bytes) -> list[str]:
    """The content lines, unfolded (RFC 5545, 3.1)."""
    return calendar.decode().replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


def words_in(entries: list[TrackedEvent]) -> set[str]:
    """Every word of four letters or more in any text of these entries."""
    texts: list[str] = []
    for one in entries:
        event, before = one.event, one.event.before or Before()
        texts += [event.title, event.subject, event.code, event.label, event.notes, event.reason, event.url]
        texts += [event.conference, event.private_notes, event.colleague, *event.groups, *event.teachers]
        texts += [
            *event.locations,
            *(task.text for task in event.tasks or ()),
            *(before.locations or ()),
            *(before.teachers or ()),
        ]
    return {word for text in texts for word in re.findall(r"[^\W\d_]{4,}", text)}
