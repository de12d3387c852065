"""Lessons that an upstream forgot to take out of a holiday."""

from dataclasses import replace
from datetime import date, timedelta

from bridge.model.event import AllDay, Kind, Status
from tests.calendar.entries import CHANGED, DAY, LESSON, entry, events_in, rendered, titles

HOLIDAY = entry("h", kind=Kind.HOLIDAY, title="Herfstvakantie", when=AllDay(date(2026, 9, 5), date(2026, 9, 14)))


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
        replace(HOLIDAY, vanished=CHANGED),
        replace(HOLIDAY, event=replace(HOLIDAY.event, status=Status.CANCELLED)),
    ):
        assert "Wiskunde" in titles(off, entry(), holiday_clears="mark")


def test_a_cancelled_lesson_is_just_that() -> None:
    assert "Vervalt: Wiskunde" in titles(HOLIDAY, entry(vanished=CHANGED), holiday_clears="mark")


def test_a_cleared_lesson_is_not_busy() -> None:
    assert titles(HOLIDAY, entry(), privacy="busy", holiday_clears="mark") == []
    assert titles(HOLIDAY, entry(), privacy="busy") == ["Bezet"]


def test_a_holiday_that_the_feed_leaves_out_clears_nothing() -> None:
    assert titles(HOLIDAY, entry(), holiday_clears="mark", exclude="herfst*") == ["Wiskunde"]
