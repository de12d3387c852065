"""Programs that take an event again only when it is newer end up with what the feed shows, whatever its options."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from msgspec import structs

from bridge.calendar.options import FeedOptions
from bridge.calendar.render import render
from bridge.model.event import AllDay, Before, Kind, Status, Task
from bridge.model.tracked import TrackedEvent
from tests.calendar.entries import CHANGED, INFO, NOW, ZONE, between, entry, events_in, only, rendered, week
from tests.phones import Google, entries_in, shown

START = datetime(2026, 9, 7, 6, 30, tzinfo=UTC)


def lessons() -> list[TrackedEvent]:
    """Three days with doubles, and a holiday."""
    found = [
        entry(
            f"{day}-{hour}",
            title=("Wiskunde", "Frans")[hour // 2 % 2],
            locations=("A1",),
            when=between(START + timedelta(days=day, minutes=50 * hour), 50, ZONE.key),
        )
        for day in range(3)
        for hour in range(6)
    ]
    return [*found, entry("h", kind=Kind.HOLIDAY, title="Vrij", when=AllDay(date(2026, 9, 8), date(2026, 9, 9)))]


def changed(one: TrackedEvent, chance: random.Random, now: datetime) -> TrackedEvent:
    """One change as the store keeps it: the sequence rises, and what it was is remembered."""
    event, before = one.event, None
    what = chance.choice(["room", "move", "shift", "cancel", "uncancel", "vanish", "task"])
    if event.kind is Kind.HOLIDAY:
        what = chance.choice(["shift", "cancel", "uncancel"])
    if what == "room":
        before = Before(locations=event.locations)
        event = structs.replace(event, locations=(chance.choice(["A1", "A2"]),))
    if what in {"move", "shift"}:
        days = chance.choice([-1, 1]) if what == "shift" else 0
        minutes = 50 * chance.choice([-1, 1]) if what == "move" else 0
        by = timedelta(days=days, minutes=minutes)
        before = Before(when=event.when)
        when: Any = event.when
        event = structs.replace(event, when=replace(when, start=when.start + by, end=when.end + by))
    if what == "task":
        event = structs.replace(event, tasks=(Task("7", f"Maak {chance.randint(1, 99)}"),))
    if what in {"cancel", "uncancel"}:
        event = structs.replace(event, status=Status.CANCELLED if what == "cancel" else Status.CONFIRMED)
    return structs.replace(
        one,
        event=event,
        sequence=one.sequence + 1,
        modified=now,
        vanished=now if what == "vanish" else None,
        before=before or one.before,
    )


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"merge_double": "5"},
        {"holiday_clears": "mark"},
        {"merge_double": "5", "holiday_clears": "mark", "cancelled": "hide"},
        {"privacy": "busy", "holiday_clears": "mark"},
    ],
    ids=lambda options: "+".join(options) or "plain",
)
def test_a_phone_ends_with_what_the_feed_shows(options: dict[str, str], seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - nothing secret
    kept, phone, now = lessons(), Google(""), CHANGED
    phone.receive(200, rendered(*kept, **options))
    for _ in range(30):
        now += timedelta(seconds=chance.randint(1, 5000))
        place = chance.randrange(len(kept))
        kept[place] = changed(kept[place], chance, now)
        calendar = rendered(*kept, **options)
        phone.receive(200, calendar)
        assert shown(phone.entries) == shown(entries_in(calendar))


def test_halves_that_part_are_both_newer_than_when_they_were_one() -> None:
    first, second = lessons()[:2]
    second = structs.replace(second, sequence=7, modified=CHANGED + timedelta(hours=1))
    one = only(first, second, merge_double="0")
    apart = structs.replace(second, sequence=8, modified=CHANGED + timedelta(hours=2), vanished=CHANGED)
    for event in events_in(rendered(first, apart, merge_double="0")):
        assert event["sequence"] > one["sequence"]
        assert event["last-modified"].dt == apart.modified


def test_other_lessons_stay_as_they_were_when_a_double_parts() -> None:
    kept = lessons()
    before = rendered(*kept, merge_double="0").split(b"BEGIN:VEVENT")
    kept[0] = structs.replace(kept[0], sequence=1, modified=CHANGED + timedelta(hours=2), vanished=CHANGED)
    after = rendered(*kept, merge_double="0").split(b"BEGIN:VEVENT")
    subject_and_day = {b"uid-0-0", b"uid-0-1", b"uid-0-4"}
    differs = {block.split(b"UID:")[1].split(b"\r\n")[0] for block in set(after) - set(before)}
    assert differs == subject_and_day


def test_without_such_options_an_event_has_its_own_history() -> None:
    lesson = structs.replace(entry(), sequence=3, modified=CHANGED + timedelta(days=1))
    assert only(lesson)["sequence"] == 3
    assert only(lesson)["last-modified"].dt == lesson.modified


def test_options_that_are_chosen_anew_make_every_event_newer() -> None:
    phone, revised = Google(""), NOW.replace(microsecond=5)
    phone.receive(200, rendered(*week()))
    info = replace(INFO, revised=revised)
    calendar = render(info, week(), FeedOptions.parse({"language": "fr"}), now=NOW).calendar
    phone.receive(200, calendar)
    assert shown(phone.entries) == shown(entries_in(calendar))
