"""Holidays that show once, and lessons that an upstream forgot to take out of one."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from msgspec import structs

from bridge.model.event import AllDay, Kind, Status
from bridge.model.tracked import TrackedEvent
from tests.calendar.entries import CHANGED, DAY, LESSON, entry, events_in, rendered, titles

HOLIDAY = entry("h", kind=Kind.HOLIDAY, title="Herfstvakantie", when=AllDay(date(2026, 9, 5), date(2026, 9, 14)))


def autumn(uid: str, first: int, last: int, *, shared: bool = False, title: str = "Herfstvakantie") -> TrackedEvent:
    """A holiday of some days in October."""
    when = AllDay(date(2026, 10, first), date(2026, 10, last + 1))
    return structs.replace(entry(uid, kind=Kind.HOLIDAY, title=title, when=when), shared=shared)


def days(*entries: TrackedEvent) -> list[tuple[int, int]]:
    """The first and the last day of each event."""
    events = events_in(rendered(*entries))
    return [(event["dtstart"].dt.day, (event["dtend"].dt - timedelta(days=1)).day) for event in events]


@pytest.mark.parametrize("school", [(12, 16), (10, 25), (18, 20)], ids=["shorter", "longer", "one day in common"])
def test_a_school_that_is_off_at_other_days_than_its_region_shows_its_own_once(school: tuple[int, int]) -> None:
    own, region = autumn("1", *school), autumn("0", 10, 18, shared=True, title="HERFSTVAKANTIE")
    assert days(own, region) == days(region, own) == [school]


def test_holidays_of_two_regions_that_overlap_show_once() -> None:
    north, south = autumn("1", 10, 18, shared=True), autumn("0", 17, 25, shared=True)
    assert days(north, south) == days(south, north) == [(10, 18)]


def test_a_holiday_that_touches_another_of_its_name_is_another() -> None:
    assert days(autumn("1", 10, 11), autumn("2", 12, 18, shared=True)) == [(10, 11), (12, 18)]
    assert days(autumn("1", 10, 18), autumn("2", 12, 12, shared=True, title="Feestdag")) == [(10, 18), (12, 12)]


def test_a_holiday_that_the_school_called_off_does_not_hide_that_of_the_region() -> None:
    off = structs.replace(autumn("1", 12, 16), vanished=CHANGED)
    assert days(off, autumn("0", 10, 18, shared=True)) == [(10, 18), (12, 16)]


def test_a_lesson_in_the_holiday_of_the_region_alone_takes_place() -> None:
    lesson = entry(when=AllDay(date(2026, 10, 17), date(2026, 10, 18)))
    own, region = autumn("own", 12, 16), autumn("0", 10, 18, shared=True)
    assert titles(own, region, lesson, holiday_clears="mark") == ["Herfstvakantie", "Wiskunde"]


def test_a_lesson_in_a_holiday_is_marked_and_takes_no_time() -> None:
    holiday, lesson = events_in(rendered(HOLIDAY, entry(), holiday_clears="mark"))
    assert (holiday["summary"], lesson["summary"]) == ("Herfstvakantie", "Vakantie: Wiskunde")
    assert (lesson["transp"], lesson["x-microsoft-cdo-busystatus"]) == ("TRANSPARENT", "FREE")
    assert lesson["description"] == "Valt in: Herfstvakantie"


def test_lessons_are_left_alone_unless_asked() -> None:
    assert titles(HOLIDAY, entry()) == ["Herfstvakantie", "Wiskunde"]


def test_a_lesson_outside_or_halfway_is_not_marked() -> None:
    for when in (AllDay(DAY.start, DAY.end + timedelta(days=30)), replace(LESSON, end=LESSON.end + timedelta(days=7))):
        assert "Wiskunde" in titles(HOLIDAY, entry(when=when), holiday_clears="mark")


def test_only_lessons_are_cleared() -> None:
    exam = entry(kind=Kind.EXAM, title="Examen")
    assert titles(HOLIDAY, exam, holiday_clears="mark") == ["Herfstvakantie", "Examen"]


def test_a_holiday_that_is_off_clears_nothing() -> None:
    for off in (
        structs.replace(HOLIDAY, vanished=CHANGED),
        structs.replace(HOLIDAY, event=structs.replace(HOLIDAY.event, status=Status.CANCELLED)),
    ):
        assert "Wiskunde" in titles(off, entry(), holiday_clears="mark")


def test_a_cancelled_lesson_is_just_that() -> None:
    assert "Vervalt: Wiskunde" in titles(HOLIDAY, entry(vanished=CHANGED), holiday_clears="mark")


def test_a_cleared_lesson_is_not_busy() -> None:
    assert titles(HOLIDAY, entry(), privacy="busy", holiday_clears="mark") == []
    assert titles(HOLIDAY, entry(), privacy="busy") == ["Bezet"]


def test_a_holiday_that_the_feed_leaves_out_clears_nothing() -> None:
    assert titles(HOLIDAY, entry(), holiday_clears="mark", exclude="herfst*") == ["Wiskunde"]
