"""Double lessons as one."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from bridge.model.event import Before, Kind, Status, Task
from bridge.model.tracked import TrackedEvent
from tests.calendar.entries import CHANGED, LESSON, ZONE, between, entry, events_in, only, rendered, titles

MORNING = LESSON.start
MAKE = Task("7", "Maak 3")


def at(minute: int, identity: str, length: int = 50, **fields: Any) -> TrackedEvent:
    values = {"groups": ("4V2",), "teachers": ("Abc", "Ghi"), "locations": ("A1",), **fields}
    return entry(identity, when=between(MORNING + timedelta(minutes=minute), length, ZONE.key), **values)


FIRST, SECOND = at(0, "1"), at(50, "2")


def times(*entries: TrackedEvent, gap: str = "5") -> list[tuple[int, int]]:
    """The minutes from the first lesson's start, from and to."""
    found = [(event["dtstart"].dt, event["dtend"].dt) for event in events_in(rendered(*entries, merge_double=gap))]
    return [
        ((start - MORNING) // timedelta(minutes=1), (end - MORNING) // timedelta(minutes=1)) for start, end in found
    ]


@pytest.mark.parametrize(("pause", "gap", "merged"), [(0, "0", True), (5, "5", True), (5, "4", False), (1, "0", False)])
def test_equal_lessons_with_a_small_gap_are_one(pause: int, gap: str, merged: bool) -> None:
    expected = [(0, 100 + pause)] if merged else [(0, 50), (50 + pause, 100 + pause)]
    assert times(FIRST, at(50 + pause, "2"), gap=gap) == expected


def test_lessons_stay_apart_unless_asked() -> None:
    assert len(titles(FIRST, SECOND)) == 2


def test_three_in_a_row_are_one_and_a_fourth_later_is_not() -> None:
    assert times(at(100, "3"), FIRST, at(300, "4"), SECOND) == [(0, 150), (300, 350)]


def test_lessons_that_overlap_stay_as_they_are() -> None:
    assert times(FIRST, at(0, "2"), at(30, "3")) == [(0, 50), (0, 50), (30, 80)]


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "Frans"},
        {"subject": "Wiskunde A"},
        {"groups": ("4V3",)},
        {"teachers": ("Abc",)},
        {"locations": ("A2",)},
        {"label": "Practicum"},
        {"status": Status.CANCELLED},
        {"status": Status.TENTATIVE},
        {"vanished": CHANGED},
        {"kind": Kind.EXAM},
        {"before": Before(locations=("A9",))},
        {"before": Before(when=between(MORNING - timedelta(days=1), 50, ZONE.key))},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_lessons_that_differ_stay_apart(fields: dict[str, Any]) -> None:
    assert times(FIRST, at(50, "2", **fields)) == [(0, 50), (50, 100)]
    assert times(at(0, "1", **fields), SECOND) == [(0, 50), (50, 100)]


def test_lessons_of_two_sources_stay_apart() -> None:
    assert len(times(FIRST, replace(SECOND, source="other"))) == 2


def test_the_order_of_names_is_no_difference() -> None:
    assert times(FIRST, at(50, "2", teachers=("Ghi", "Abc"))) == [(0, 100)]


def test_a_merged_lesson_goes_on_as_the_first_and_tells_what_both_tell() -> None:
    first = at(0, "1", periods=(1, 1), tasks=(MAKE,), notes="Neem mee: passer", url="https://a.example")
    second = at(50, "2", periods=(2, 2), tasks=(MAKE, Task("8", "Leer 4")), notes="Neem mee: passer\nPen")
    event = only(first, second, merge_double="0")
    assert event["uid"] == first.uid
    assert str(event["description"]).splitlines() == [
        *("Huiswerk: Maak 3", "Huiswerk: Leer 4", "Neem mee: passer", "Pen"),
        *("Docent: Abc, Ghi", "Groep: 4V2", "Lesuur: 1-2", "https://a.example"),
    ]
    assert event["url"] == "https://a.example"


def test_halves_that_were_moved_together_tell_the_old_time_of_both() -> None:
    old = datetime(2026, 9, 4, 8, tzinfo=UTC)
    first = replace(FIRST, before=Before(between(old, 50, ZONE.key)))
    second = replace(SECOND, before=Before(between(old + timedelta(minutes=50), 50, ZONE.key)))
    event = only(first, second, merge_double="0")
    assert event["summary"] == "Verplaatst: Wiskunde"
    assert str(event["description"]).splitlines()[0] == "Was: vr 4 sep 10:00-11:40"
    elsewhere = replace(SECOND, before=Before(between(old + timedelta(days=1), 50, ZONE.key)))
    assert len(times(first, elsewhere)) == 2


def test_a_merged_lesson_rings_once() -> None:
    event = only(FIRST, SECOND, merge_double="0", alarms="lesson:10m")
    assert len(event.walk("VALARM")) == 1
