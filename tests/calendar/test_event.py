"""One event: its times, its title, and how it counts in a calendar program."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from bridge.model.event import Kind, Status
from tests.calendar.entries import CHANGED, DAY, between, entry, lines_of, only, rendered, titles

FRENCH = entry(title="Frans", status=Status.CANCELLED)
GONE = entry(title="Frans", vanished=CHANGED)


@pytest.mark.parametrize("one", [FRENCH, GONE], ids=["cancelled upstream", "vanished"])
@pytest.mark.parametrize(
    ("language", "title"), [("nl", "Vervalt: Frans"), ("en", "Cancelled: Frans"), ("fr", "Annulé : Frans")]
)
def test_a_cancelled_event_is_marked_and_takes_no_time(one: object, language: str, title: str) -> None:
    chosen = FRENCH if one is FRENCH else GONE
    event = only(chosen, language=language)
    assert (event["summary"], event["status"], event["transp"]) == (title, "CONFIRMED", "TRANSPARENT")
    assert event["x-microsoft-cdo-busystatus"] == "FREE"


def test_a_cancelled_event_may_be_told_by_its_status() -> None:
    event = only(GONE, cancelled="status")
    assert (event["summary"], event["status"], event["transp"]) == ("Frans", "CANCELLED", "TRANSPARENT")


def test_a_cancelled_event_may_be_hidden() -> None:
    assert titles(FRENCH, GONE, entry("2"), cancelled="hide") == ["Wiskunde"]


def test_a_cancelled_holiday_is_marked_too() -> None:
    holiday = entry(kind=Kind.HOLIDAY, title="Studiedag", when=DAY, vanished=CHANGED)
    assert titles(holiday) == ["Vervalt: Studiedag"]


@pytest.mark.parametrize("kind", [Kind.ABSENCE, Kind.INTERRUPTION])
def test_an_absence_tells_nothing_unless_asked(kind: Kind) -> None:
    absence = entry(kind=kind, title="Ziek", reason="Griep")
    assert titles(absence) == ["Afwezig"]
    assert b"Griep" not in rendered(absence)
    assert b"Ziek" not in rendered(absence)
    assert titles(absence, absence_details="reason") == ["Griep"]
    assert titles(absence, language="fr") == ["Absent(e)"]
    assert only(absence)["class"] == "PRIVATE"


def test_an_absence_without_a_reason_is_just_an_absence() -> None:
    absence = entry(kind=Kind.ABSENCE, title="Ziek")
    assert titles(absence, absence_details="reason") == ["Afwezig"]


def test_an_event_without_a_title_is_named_by_its_kind() -> None:
    assert titles(entry(title=""), language="en") == ["Lesson"]


@pytest.mark.parametrize(
    ("kind", "transp", "busy"),
    [
        (Kind.LESSON, "OPAQUE", "BUSY"),
        (Kind.EXAM, "OPAQUE", "BUSY"),
        (Kind.HOMEWORK, "TRANSPARENT", "FREE"),
        (Kind.ABSENCE, "TRANSPARENT", "FREE"),
        (Kind.HOLIDAY, "TRANSPARENT", "FREE"),
        (Kind.INTERRUPTION, "OPAQUE", "OOF"),
        (Kind.SUBSTITUTION, "OPAQUE", "BUSY"),
        (Kind.ASSIGNMENT, "TRANSPARENT", "FREE"),
        (Kind.CHECKIN, "TRANSPARENT", "FREE"),
        (Kind.NOTICE, "TRANSPARENT", "FREE"),
    ],
)
def test_each_kind_takes_time_as_it_should(kind: Kind, transp: str, busy: str) -> None:
    event = only(entry(kind=kind, when=DAY))
    assert (event["transp"], event["x-microsoft-cdo-busystatus"]) == (transp, busy)


def test_a_draft_is_tentative() -> None:
    event = only(entry(status=Status.TENTATIVE))
    assert (event["status"], event["transp"]) == ("TENTATIVE", "OPAQUE")
    assert event["x-microsoft-cdo-busystatus"] == "TENTATIVE"


def test_an_event_tells_its_history() -> None:
    changed = replace(entry(), sequence=4, modified=CHANGED + timedelta(hours=2))
    assert {
        "SEQUENCE:4",
        "CREATED:20260901T060000Z",
        "DTSTAMP:20260901T080000Z",
        "LAST-MODIFIED:20260901T080000Z",
    } <= set(lines_of(rendered(changed)))


def test_whole_days_are_dates_with_an_exclusive_end() -> None:
    lines = lines_of(rendered(entry(when=DAY)))
    assert {"DTSTART;VALUE=DATE:20260908", "DTEND;VALUE=DATE:20260909"} <= set(lines)


def test_a_place_says_at_which_site_of_the_school_it_is() -> None:
    assert "LOCATION:A1\\, Zuid" in lines_of(rendered(entry(locations=("A1",), site="Zuid")))
    assert "LOCATION:Zuid" in lines_of(rendered(entry(locations=(), site="Zuid")))


def test_a_lesson_has_local_times() -> None:
    lines = lines_of(rendered(entry()))
    assert "DTSTART;TZID=Europe/Amsterdam:20260907T083000" in lines
    assert "DTEND;TZID=Europe/Amsterdam:20260907T092000" in lines


@pytest.mark.parametrize(
    ("start", "minutes"),
    [((2026, 10, 25, 0, 30), 15), ((2026, 10, 25, 1, 30), 15), ((2026, 10, 24, 23, 0), 90)],
)
def test_what_begins_or_ends_in_the_repeated_hour_is_written_in_utc(
    start: tuple[int, int, int, int, int], minutes: int
) -> None:
    first = datetime(*start, tzinfo=UTC)
    lines = lines_of(rendered(entry(when=between(first, minutes, "Europe/Amsterdam"))))
    assert f"DTSTART:{first:%Y%m%dT%H%M%SZ}" in lines
    assert f"DTEND:{first + timedelta(minutes=minutes):%Y%m%dT%H%M%SZ}" in lines


def test_what_lies_around_the_repeated_hour_is_local_on_both_sides() -> None:
    night = between(datetime(2026, 10, 24, 22, 30, tzinfo=UTC), 450, "Europe/Amsterdam")
    lines = lines_of(rendered(entry(when=night)))
    assert "DTSTART;TZID=Europe/Amsterdam:20261025T003000" in lines
    assert "DTEND;TZID=Europe/Amsterdam:20261025T070000" in lines


def test_a_zone_without_a_rule_is_written_in_utc() -> None:
    lesson = entry(when=between(datetime(2026, 9, 10, 8, tzinfo=UTC), 60, "Africa/Casablanca"))
    lines = lines_of(rendered(lesson))
    assert "DTSTART:20260910T080000Z" in lines
    assert "BEGIN:VTIMEZONE" not in lines


def test_a_time_in_utc_is_written_as_such() -> None:
    lines = lines_of(rendered(entry(when=between(datetime(2026, 9, 10, 8, tzinfo=UTC), 60, "UTC"))))
    assert "DTSTART:20260910T080000Z" in lines
    assert "BEGIN:VTIMEZONE" not in lines
