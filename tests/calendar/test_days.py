"""What lasts over midnight, as a week view shows it: above the lessons and not over them."""

from datetime import UTC, date, datetime

import pytest
from msgspec.structs import replace

from bridge.model.event import Before, Kind, Timed
from tests.calendar.entries import CHANGED, LESSON, ZONE, entry, lines_of, only, rendered, titles


def local(start: tuple[int, ...], end: tuple[int, ...]) -> Timed:
    """From a local month, day, hour and minute to another."""
    first, last = (datetime(2026, *moment, tzinfo=ZONE).astimezone(UTC) for moment in (start, end))  # type: ignore[arg-type,misc] # four numbers
    return Timed(first, last, ZONE.key)


REPORT = entry(kind=Kind.ABSENCE, title="", when=local((11, 23, 11, 20), (11, 24, 10, 10)))
TRIP = entry("trip", title="Studiereis", when=local((11, 27, 9, 0), (12, 1, 16, 30)))


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("nl", "Van ma 23 nov 11:20 tot di 24 nov 10:10"),
        ("en", "From Mon 23 Nov 11:20 to Tue 24 Nov 10:10"),
        ("fr", "Du lun. 23 nov. 11:20 au mar. 24 nov. 10:10"),
    ],
)
def test_an_absence_over_midnight_is_of_the_days_that_it_touches(language: str, told: str) -> None:
    event = only(REPORT, language=language)
    assert (event["dtstart"].dt, event["dtend"].dt) == (date(2026, 11, 23), date(2026, 11, 25))
    assert event["description"] == told, "also where the reason is hidden"


def test_the_hours_of_two_days_are_not_told_beside_the_times() -> None:
    hours = replace(REPORT, event=replace(REPORT.event, periods=(4, 2)))
    assert "Lesuur" not in only(hours)["description"]


def test_a_trip_is_of_all_its_days_and_takes_time() -> None:
    event = only(TRIP)
    assert (event["dtstart"].dt, event["dtend"].dt) == (date(2026, 11, 27), date(2026, 12, 2))
    assert (event["transp"], event["description"]) == ("OPAQUE", "Van vr 27 nov 09:00 tot di 1 dec 16:30")


@pytest.mark.parametrize(
    ("end", "whole"),
    [((11, 24, 0, 0), False), ((11, 24, 0, 1), True), ((11, 23, 23, 59), False)],
    ids=["ends at midnight", "a minute later", "a minute sooner"],
)
def test_what_ends_at_midnight_does_not_last_over_it(end: tuple[int, ...], whole: bool) -> None:
    start = only(entry(when=local((11, 23, 20, 0), end)))["dtstart"].dt
    assert isinstance(start, datetime) != whole


def test_what_lasts_from_midnight_to_midnight_is_that_day_and_needs_no_times() -> None:
    event = only(entry(kind=Kind.ABSENCE, title="", when=local((11, 23, 0, 0), (11, 24, 0, 0))))
    assert (event["dtstart"].dt, event["dtend"].dt) == (date(2026, 11, 23), date(2026, 11, 24))
    assert "description" not in event


def test_midnight_is_that_of_its_own_zone() -> None:
    evening = Timed(datetime(2026, 9, 9, 22, tzinfo=UTC), datetime(2026, 9, 10, 1, tzinfo=UTC), "America/New_York")
    assert isinstance(only(entry(when=evening))["dtstart"].dt, datetime)


def test_what_moved_tells_its_old_times_first() -> None:
    moved = replace(TRIP, before=Before(when=LESSON), changed=CHANGED)
    assert titles(moved) == ["Verplaatst: Studiereis"]
    assert str(only(moved)["description"]).splitlines() == [
        "Was: ma 7 sep 08:30-09:20",
        "Van vr 27 nov 09:00 tot di 1 dec 16:30",
    ]


def test_a_reminder_rings_ahead_of_the_hour_at_which_it_begins() -> None:
    assert "TRIGGER:PT8H50M" in lines_of(rendered(TRIP, alarms="lesson:10m"))
    assert "TRIGGER:-PT15H" in lines_of(rendered(TRIP, alarms="lesson:1d"))


def test_a_busy_feed_has_the_times_themselves_which_it_could_not_say_otherwise() -> None:
    event = only(TRIP, privacy="busy")
    assert (event["dtstart"].dt, event["dtend"].dt) == (TRIP.event.when.start, TRIP.event.when.end)


@pytest.mark.parametrize(("language", "place"), [("nl", "Online"), ("en", "Online"), ("fr", "En ligne")])
def test_a_lesson_with_an_address_and_no_room_is_online(language: str, place: str) -> None:
    meeting = entry(conference="https://meet.example.nl/x")
    assert only(meeting, language=language)["location"] == place
    assert titles(meeting, language=language, title="{subject}, {location}") == [f"Wiskunde, {place}"]


def test_a_lesson_in_a_room_that_can_be_followed_from_home_is_in_its_room() -> None:
    assert only(entry(conference="https://meet.example.nl/x", locations=("A1",)))["location"] == "A1"


def test_a_lesson_that_went_online_tells_its_room() -> None:
    event = only(entry(conference="https://meet.example.nl/x", before=Before(locations=("A1",))))
    assert (event["summary"], event["location"]) == ("Gewijzigd: Wiskunde", "Online")
    assert str(event["description"]).splitlines()[0] == "Lokaal was: A1"
