"""Feeds of absences and check-ins tell no more than their options say."""

from typing import Any

import pytest

from bridge.model.event import AllDay, Before, DayPart, Kind, Progress, Task
from bridge.model.tracked import TrackedEvent
from tests.calendar.entries import DAY, LESSON, changes, entry, lines_of, only, rendered, titles, week, words_in


def full_of_words(kind: Kind, **fields: Any) -> TrackedEvent:
    """An event with a word of its own in every field."""
    texts = {
        "title": "Griepgeval",
        "subject": "Wiskundig",
        "code": "afgekort",
        "label": "Doktersbezoek",
        "notes": "Belde huilend",
        "url": "https://griep.example.nl/geheim",
        "conference": "https://meet.example.nl/stil",
        "private_notes": "Somber vandaag",
        "groups": ("Zorgklas",),
        "teachers": ("Bakkerman",),
        "locations": ("Ziekenhuis",),
        "tasks": (Task("7", "Inhalen morgen"),),
        "before": Before(LESSON, ("Aula",), ("Voorganger",)),
        "position": (52.1, 4.9),
    }
    return entry(kind=kind, **{"when": DAY, **texts, **fields})


@pytest.mark.parametrize("kind", [Kind.ABSENCE, Kind.INTERRUPTION])
@pytest.mark.parametrize("language", ["nl", "en", "fr"])
def test_a_hidden_absence_has_no_word_of_the_upstream(kind: Kind, language: str) -> None:
    absence = full_of_words(kind, reason="Longontsteking", periods=(3, 4))
    calendar = rendered(absence, language=language, title="{subject} {teacher}", checkin_details="full").decode()
    for word in words_in([absence]) - {"https", "example"}:
        assert word not in calendar, word
    assert not {"GEO", "URL", "CONFERENCE", "LOCATION"} & {
        line.partition(":")[0] for line in lines_of(calendar.encode())
    }


def test_an_absence_feed_of_everything_has_only_the_words_of_its_option() -> None:
    kinds = {Kind.ABSENCE, Kind.INTERRUPTION}
    entries = [one for one in [*week(), *changes()] if one.event.kind in kinds]
    for word in words_in(entries) - {"Peeters"}:
        assert word not in rendered(*entries).decode(), word
    told = rendered(*entries, absence_details="reason").decode()
    assert {"Ziek gemeld", "Ziekteverlof", "Staking (voormiddag)", "Staking (2 uur)"} <= {
        line.removeprefix("SUMMARY:") for line in lines_of(told.encode())
    }


@pytest.mark.parametrize(
    ("language", "line"), [("nl", "Les: Latijn"), ("en", "Lesson: Latijn"), ("fr", "Cours : Latijn")]
)
def test_the_lesson_that_was_missed_is_told_where_the_reason_is_and_in_the_language_of_the_feed(
    language: str, line: str
) -> None:
    absence = entry(kind=Kind.ABSENCE, title="", subject="Latijn")
    assert only(absence, language=language, absence_details="reason")["description"] == line
    assert "description" not in only(absence, language=language)


def test_who_stands_in_is_told_to_who_is_absent() -> None:
    absence = entry(kind=Kind.INTERRUPTION, when=DAY, title="", reason="Griep", colleague="P. Peeters")
    assert only(absence)["description"] == "Vervangen door P. Peeters"
    assert only(absence, language="fr")["description"] == "Remplacé(e) par P. Peeters"


@pytest.mark.parametrize(
    ("fields", "hidden", "reason"),
    [
        ({}, "Afwezig", "Staking"),
        ({"day_part": DayPart.WHOLE}, "Afwezig", "Staking"),
        ({"day_part": DayPart.WHOLE, "hours": 8}, "Afwezig", "Staking"),
        ({"day_part": DayPart.MORNING}, "Afwezig (voormiddag)", "Staking (voormiddag)"),
        ({"day_part": DayPart.AFTERNOON}, "Afwezig (namiddag)", "Staking (namiddag)"),
        ({"day_part": DayPart.HOURS, "hours": 2}, "Afwezig (2 uur)", "Staking (2 uur)"),
        ({"day_part": DayPart.HOURS, "hours": 1.5}, "Afwezig (1,5 uur)", "Staking (1,5 uur)"),
        ({"day_part": DayPart.HOURS}, "Afwezig", "Staking"),
        ({"hours": 3}, "Afwezig (3 uur)", "Staking (3 uur)"),
    ],
)
def test_an_absence_tells_its_part_of_the_day(fields: dict[str, Any], hidden: str, reason: str) -> None:
    absence = entry(kind=Kind.INTERRUPTION, title="", reason="Staking", when=DAY, **fields)
    assert titles(absence) == [hidden]
    assert titles(absence, absence_details="reason") == [reason]


@pytest.mark.parametrize(
    ("language", "hours", "title"),
    [
        ("en", 1, "Absent (1 hour)"),
        ("en", 1.5, "Absent (1.5 hours)"),
        ("fr", 1.5, "Absent(e) (1,5 heure)"),
        ("fr", 2, "Absent(e) (2 heures)"),
    ],
)
def test_hours_are_written_as_the_language_does(language: str, hours: float, title: str) -> None:
    assert titles(entry(kind=Kind.ABSENCE, hours=hours), language=language) == [title]


def test_a_reason_is_only_that_of_an_absence() -> None:
    assert b"Griep" not in rendered(entry(reason="Griep"), absence_details="reason")


def test_a_check_in_tells_hours_and_keeps_the_rest_to_itself() -> None:
    done = full_of_words(Kind.CHECKIN, title="Check-in", hours=6)
    assert titles(done) == ["Check-in · 6 uur"]
    for word in words_in([done]) - {"https", "example", "Check"}:
        assert word not in rendered(done, absence_details="reason").decode(), word
    assert "Somber vandaag" in str(only(done, checkin_details="full")["description"])


def test_private_notes_are_only_those_of_a_check_in() -> None:
    for kind in set(Kind) - {Kind.CHECKIN}:
        told = entry(kind=kind, private_notes="Somber", mood="Somber")
        calendar = rendered(told, checkin_details="full", absence_details="reason")
        assert b"Somber" not in calendar


def test_a_check_in_that_is_due_says_so_in_words() -> None:
    week_long = AllDay(DAY.start, DAY.end.replace(day=12))
    due = entry(kind=Kind.CHECKIN, title="Weekly", progress=Progress.DUE, when=week_long)
    assert [titles(due, language=language) for language in ("nl", "en", "fr")] == [
        ["Nog doen: Weekly"],
        ["To do: Weekly"],
        ["À faire : Weekly"],
    ]
