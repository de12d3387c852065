"""What a change says in words, and what becomes of it: a mark and the old value, or the words themselves."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.model.event import Before, Status, Timed
from tests.sources.somtoday.answers import item, only, utc, weeks

ZONE = "Europe/Amsterdam"


def at(start: datetime, end: datetime) -> Before:
    return Before(when=Timed(start, end, ZONE))


def changed(words: str | None, **more: Any) -> tuple[Status, Before | None, str]:
    """A lesson on Monday 7 September 2026, 10:30 to 11:20, in room h005."""
    event = only(weeks(item(wijzigingOmschrijving=words, **more)))
    return event.status, event.before, event.notes


@pytest.mark.parametrize(
    ("words", "before"),
    [
        ("De les is verplaatst (komt van ma 9:00u).", at(utc(2026, 9, 7, 7), utc(2026, 9, 7, 7, 50))),
        ("De les is verplaatst (komt van vr 9:00u)", at(utc(2026, 9, 11, 7), utc(2026, 9, 11, 7, 50))),
        ("komt van vrijdag 14.20 uur", at(utc(2026, 9, 11, 12, 20), utc(2026, 9, 11, 13, 10))),
        ("De les is verplaatst (komt van 8:30u)", at(utc(2026, 9, 7, 6, 30), utc(2026, 9, 7, 7, 20))),
        ("De les is verplaatst (komt van di 1 sep 9:00u)", at(utc(2026, 9, 1, 7), utc(2026, 9, 1, 7, 50))),
        ("De les is verplaatst (komt van 01-09-2026 09:00)", at(utc(2026, 9, 1, 7), utc(2026, 9, 1, 7, 50))),
        ("De les is verplaatst (komt van 2/9 9:00u)", at(utc(2026, 9, 2, 7), utc(2026, 9, 2, 7, 50))),
        ("was ma 9:00u", at(utc(2026, 9, 7, 7), utc(2026, 9, 7, 7, 50))),
        ("Lokaal gewijzigd (was h104).", Before(locations=("h104",))),
        ("Lokaal gewijzigd, was: h104", Before(locations=("h104",))),
        ("Lokaalwijziging: was h104 en h105", Before(locations=("h104", "h105"))),
        ("was h104", Before(locations=("h104",))),
        ("Lokaal gewijzigd van h104 naar h005", Before(locations=("h104",))),
        ("Docent gewijzigd (was ABC, DEF)", Before(teachers=("ABC", "DEF"))),
        ("Docent gewijzigd (was ABC), lokaal gewijzigd (was h104)", Before(locations=("h104",), teachers=("ABC",))),
        (
            "De les is verplaatst (komt van ma 9:00u). Lokaal gewijzigd (was h104).",
            Before(Timed(utc(2026, 9, 7, 7), utc(2026, 9, 7, 7, 50), ZONE), ("h104",)),
        ),
    ],
)
def test_what_is_understood_is_told_as_what_it_was_and_not_again_in_words(words: str, before: Before) -> None:
    assert changed(words) == (Status.CONFIRMED, before, "")
    assert changed(f"  {words.upper()}\n")[1:] == (
        Before(
            before.when,
            before.locations and tuple(place.upper() for place in before.locations),
            before.teachers,
        ),
        "",
    )


@pytest.mark.parametrize(
    "words",
    [
        "Les vervalt",
        "LES VERVALT",
        "De les vervalt.",
        "Vervallen",
        "De les is uitgevallen",
        "Les valt uit",
        "Uitval",
        "Les geannuleerd",
        "De les gaat niet door",
    ],
)
def test_a_lesson_that_is_called_off_in_words_is_cancelled(words: str) -> None:
    assert changed(words) == (Status.CANCELLED, None, "")


@pytest.mark.parametrize(
    "more",
    [
        {"status": "4007"},
        {"status": 4007},
        {"status": "2002", "statusNotifications": [{"status": "4007"}]},
        {"statusNotifications": [{"status": "9", "message": "Les vervalt"}]},
    ],
)
def test_a_lesson_that_is_called_off_by_its_status_is_cancelled(more: dict[str, Any]) -> None:
    assert changed(None, **more) == (Status.CANCELLED, None, "")


def test_why_a_lesson_is_called_off_is_told() -> None:
    for words in ("Les vervalt: docent op cursus", "Vervalt (docent op cursus)", "docent op cursus"):
        event = only(weeks(item(wijzigingOmschrijving=words, status="4007")))
        assert (event.status, event.reason, event.notes) == (Status.CANCELLED, "docent op cursus", "")


@pytest.mark.parametrize(
    "words",
    [
        "Neem je atlas mee",
        "De les is verplaatst (komt van ma 3e uur)",
        "De les is verplaatst (komt van ma 25:00u)",
        "De les is verplaatst (komt van 31-02 9:00u)",
        "De les is verplaatst naar di 10:00u",
        "De les vervalt niet",
        "Lokaal gewijzigd (was h005)",
    ],
)
def test_what_is_not_understood_stands_in_the_notes(words: str) -> None:
    status, before, notes = changed(words)
    assert (status, before, notes) == (Status.CONFIRMED, None, words)


def test_what_is_half_understood_is_told_both_ways() -> None:
    words = "De les is verplaatst (komt van ma 9:00u) wegens brand"
    assert changed(words) == (Status.CONFIRMED, at(utc(2026, 9, 7, 7), utc(2026, 9, 7, 7, 50)), words)


@pytest.mark.parametrize("status", ["2002", "", None])
def test_an_ordinary_status_says_nothing(status: str | None) -> None:
    assert changed(None, status=status) == (Status.CONFIRMED, None, "")


def test_an_unknown_status_is_shown_where_no_words_explain_it() -> None:
    assert changed(None, status="3012") == (Status.CONFIRMED, None, "Status: 3012")
    assert changed("Neem je atlas mee", status="3012") == (Status.CONFIRMED, None, "Neem je atlas mee")


def test_a_weekday_is_that_of_the_same_week_over_a_clock_change_too() -> None:
    monday = item(
        beginDatumTijd="2026-10-30T10:30:00",
        eindDatumTijd="2026-10-30T11:20:00",
        wijzigingOmschrijving="De les is verplaatst (komt van 23 okt 9:00u)",
    )
    assert only(weeks(monday)).before == at(utc(2026, 10, 23, 7), utc(2026, 10, 23, 7, 50))


def test_a_day_without_a_year_is_the_nearest_one() -> None:
    january = item(
        beginDatumTijd="2027-01-04T10:30:00",
        eindDatumTijd="2027-01-04T11:20:00",
        wijzigingOmschrijving="komt van 18 dec 9:00u",
    )
    assert only(weeks(january)).before == at(utc(2026, 12, 18, 8), utc(2026, 12, 18, 8, 50))


WORDS = ("komt", "van", "was", "ma", "9:00u", "(", ")", ".", ",", "lokaal", "docent", "1-2", "vervalt")


@given(st.text(max_size=80) | st.lists(st.sampled_from(WORDS)).map(" ".join))
def test_no_words_cost_the_lesson(words: str) -> None:
    _, _, notes = changed(words)
    assert notes in {"", " ".join(words.split())}
