"""The examples in docs/feeds.md are what comes out."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bridge.calendar.options import FIELDS, FeedOptions
from bridge.model.event import AllDay, DayPart, Kind, Progress, Status, Task
from bridge.model.tracked import TrackedEvent
from bridge.settings.values import format_duration
from tests.calendar.entries import DAY, ZONE, between, entry, events_in, rendered

PAGE = Path(__file__).parents[2] / "docs" / "feeds.md"


def at(month: int, day: int, hour: int, minute: int) -> Any:
    return between(datetime(2026, month, day, hour, minute, tzinfo=ZONE).astimezone(UTC), 50, ZONE.key)


FIRST, SECOND = at(9, 7, 8, 30), at(9, 7, 9, 20)
EXERCISES = Task("2", "Opgaven: Maak 3 t/m 8")
MATHS = entry("1", when=FIRST)
CANCELLED = [entry("1", title="Frans", when=FIRST, status=Status.CANCELLED)]
SUBJECTS = [entry("1", title="Wiskunde B", when=FIRST), entry("2", title="Mentoruur", when=SECOND)]
EXAMPLES: dict[str, list[TrackedEvent]] = {
    "cancelled": CANCELLED,
    "privacy": [
        entry("1", when=FIRST, locations=("A1.03",)),
        entry("2", title="Frans", when=SECOND, locations=("B2",)),
    ],
    "absence_details": [
        entry(
            kind=Kind.INTERRUPTION,
            title="",
            reason="Staking",
            day_part=DayPart.MORNING,
            when=AllDay(date(2026, 9, 10), date(2026, 9, 11)),
        )
    ],
    "checkin_details": [entry(kind=Kind.CHECKIN, title="Check-in", hours=6, private_notes="Blij\nGing goed", when=DAY)],
    "alarms": [MATHS, entry("2", kind=Kind.EXAM, title="Toets hoofdstuk 3", when=at(9, 8, 8, 30))],
    "merge_double": [MATHS, entry("2", when=at(9, 7, 9, 25))],
    "include": SUBJECTS,
    "exclude": SUBJECTS,
    "title": [entry(when=FIRST, code="wisB", locations=("A1.03",))],
    "language": CANCELLED,
    "past": [entry("1", when=at(8, 3, 8, 30)), entry("2", title="Frans", when=FIRST)],
    "future": [MATHS, entry("2", title="Frans", when=at(11, 2, 8, 30))],
    "holiday_clears": [
        entry("0", kind=Kind.HOLIDAY, title="Herfstvakantie", when=AllDay(date(2026, 9, 7), date(2026, 9, 12))),
        MATHS,
    ],
    "homework": [
        entry("1", when=FIRST, tasks=(EXERCISES,)),
        entry("2", kind=Kind.HOMEWORK, title="Wiskunde: Opgaven", notes="Maak 3 t/m 8", when=FIRST, lesson="1"),
    ],
    "homework_done": [MATHS, entry("2", kind=Kind.HOMEWORK, title="Frans: Woordjes", progress=Progress.DONE, when=DAY)],
    "categories": [MATHS],
    "compress": [MATHS],
}


def rows() -> list[tuple[str, str, str]]:
    table = PAGE.read_text("utf-8").partition("<!-- examples -->")[2].partition("<!-- /examples -->")[0]
    found = []
    for line in table.strip().splitlines()[2:]:
        _, _, written, before, after, _ = (cell.strip() for cell in re.split(r" ?\| ?", line))
        found.append((written.strip("`"), before, after))
    return found


def facts(event: Any, options: FeedOptions) -> list[str]:
    """What a person notices of an event besides its time and title."""
    text = str(event.get("description", "")).replace("\n", " / ")
    return [
        f", says “{text}”" if text else "",
        f", in {event['location']}" if "location" in event else "",
        f", a {event['categories'].cats[0]}" if "categories" in event else "",
        ", cancelled" if event["status"] == "CANCELLED" else "",
        ", takes time" if event["transp"] == "OPAQUE" else "",
        *(f", rings {format_duration(-alarm['trigger'].dt)} ahead" for alarm in event.walk("VALARM")),
        ", packed" if options.compress == "on" else "",
    ]


def time_and_title(event: Any) -> str:
    start, end = event["dtstart"].dt, event["dtend"].dt
    if isinstance(start, datetime):
        return f"{start:%a} {start.day} {start:%b %H:%M}-{end:%H:%M} {event['summary']}"
    last = end - timedelta(days=1)
    until = "" if last == start else f" to {last:%a} {last.day} {last:%b}"
    return f"{start:%a} {start.day} {start:%b}{until} {event['summary']}"


def told(entries: list[TrackedEvent], with_it: dict[str, str]) -> tuple[str, str]:
    """The feed without and with the option, in words: times, titles, and what else differs."""
    both = [
        [
            (time_and_title(event), facts(event, FeedOptions.parse(chosen)))
            for event in events_in(rendered(*entries, **chosen))
        ]
        for chosen in ({}, with_it)
    ]
    without, with_ = ({fact for _, found in events for fact in found} for events in both)
    common = without & with_ if with_ else without
    cells = [
        "<br>".join(title + "".join(fact for fact in found if fact not in common) for title, found in events)
        for events in both
    ]
    return cells[0] or "nothing", cells[1] or "nothing"


@pytest.mark.parametrize(("written", "before", "after"), rows(), ids=lambda cell: cell.partition("=")[0][:20])
def test_an_example_is_what_comes_out(written: str, before: str, after: str) -> None:
    name, _, value = written.partition("=")
    assert told(EXAMPLES[name], {name: value}) == (before, after)


def test_every_option_has_an_example() -> None:
    shown = {written.partition("=")[0] for written, _, _ in rows()}
    assert shown | {"alerts"} == FIELDS.keys(), "what alerts do depends on an account: tests/publishing/test_alerts.py"
