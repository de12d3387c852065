"""Laws of the neutral values."""

import unicodedata
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args, get_type_hints
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bridge.model.event import AllDay, Before, Event, Kind, Timed, clean_event
from bridge.model.text import clean_line, clean_text
from bridge.model.window import Window, bounds, day_start

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
ZONES = st.sampled_from(
    [
        "Europe/Amsterdam",
        "Europe/Brussels",
        "America/Curacao",
        "America/New_York",
        "Australia/Lord_Howe",
        "UTC",
    ]
).map(ZoneInfo)
hostile = st.text(st.characters(codec=None) | st.sampled_from("\x00\r\n\t\x85\u2028\u2029\ufffe\ufdd0\ud800;,\\"))
moments = st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(hostile)
def test_cleaning_a_text_twice_is_cleaning_it_once(text: str) -> None:
    assert clean_text(clean_text(text)) == clean_text(text)
    assert clean_line(clean_line(text)) == clean_line(text)


@given(hostile)
def test_a_clean_text_has_no_control_characters_but_tab_and_newline(text: str) -> None:
    assert all(unicodedata.category(char) != "Cc" or char in "\t\n" for char in clean_text(text))


@given(hostile)
def test_a_clean_text_can_be_written_as_utf_8(text: str) -> None:
    assert clean_text(text).encode().decode() == clean_text(text)


@given(st.text("abcé☃😀 ,;:\\\"'"))
def test_a_harmless_text_keeps_every_character_but_space_at_its_ends(text: str) -> None:
    assert clean_text(text) == text.strip()


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r", "\x85", "\u2028", "\u2029"])
def test_every_kind_of_line_break_becomes_a_newline(line_break: str) -> None:
    assert clean_text(f"one{line_break}two") == "one\ntwo"
    assert clean_line(f"one{line_break}{line_break}two") == "one two"


@given(hostile)
def test_a_clean_line_is_one_line(text: str) -> None:
    assert len(clean_line(text).splitlines()) <= 1


@given(hostile, st.lists(hostile, max_size=3).map(tuple))
def test_cleaning_an_event_twice_is_cleaning_it_once(text: str, texts: tuple[str, ...]) -> None:
    event = clean_event(
        Event(
            identity=text,
            kind=Kind.LESSON,
            when=AllDay(date(2026, 9, 1), date(2026, 9, 2)),
            title=text,
            groups=texts,
            teachers=texts,
            locations=texts,
            notes=text,
            reason=text,
            url=text,
        )
    )
    assert clean_event(event) == event
    assert all(event.groups)


def filled(of: type[Any], text: str, *texts: str) -> dict[str, Any]:
    """Each field that holds a text, or several, with these."""
    hints = get_type_hints(of).items()
    several = {name: texts for name, hint in hints if tuple[str, ...] in {hint, *get_args(hint)}}
    return {name: text for name, hint in hints if hint is str} | several


def test_no_field_of_an_event_keeps_what_is_not_clean() -> None:
    def event(text: str, *texts: str) -> Event:
        before = Before(**filled(Before, text, *texts))
        when = AllDay(date(2026, 9, 1), date(2026, 9, 2))
        return Event(kind=Kind.LESSON, when=when, before=before, **filled(Event, text, *texts))

    cleaned = clean_event(event(" a\x00  b\n", "a\x00  b", "\x00"))
    assert (cleaned.notes, cleaned.private_notes) == ("a  b", "a  b"), "these may have several lines"
    assert replace(cleaned, notes="a b", private_notes="a b") == event("a b", "a b")


def test_a_clean_event_is_not_copied() -> None:
    event = Event("1", Kind.LESSON, AllDay(date(2026, 9, 1), date(2026, 9, 2)), "Wiskunde B", groups=("5a",))
    assert clean_event(event) is event


def test_what_ends_before_it_starts_cannot_be() -> None:
    moment = datetime(2026, 9, 1, 8, tzinfo=UTC)
    with pytest.raises(ValueError, match="ends after it starts"):
        Timed(moment, moment, "Europe/Amsterdam")
    with pytest.raises(ValueError, match="ends after it starts"):
        AllDay(date(2026, 9, 1), date(2026, 9, 1))


@given(moments, ZONES)
def test_a_window_around_now_holds_now(now: datetime, zone: ZoneInfo) -> None:
    window = Window.around(now, zone, past=timedelta(0), future=timedelta(0))
    assert window.end - window.start == timedelta(days=1)
    assert day_start(window.start, zone) <= now < day_start(window.end, zone)
    assert window.overlaps(Timed(now, now + timedelta(seconds=1), zone.key), zone)


@given(moments, ZONES, st.integers(0, 400), st.integers(0, 400))
def test_a_window_reaches_as_far_as_it_is_told(now: datetime, zone: ZoneInfo, past: int, future: int) -> None:
    window = Window.around(now, zone, past=timedelta(days=past), future=timedelta(days=future))
    today = now.astimezone(zone).date()
    assert (today - window.start).days == past
    assert (window.end - today).days == future + 1


@pytest.mark.parametrize(
    ("first", "end", "inside"),
    [
        (date(2026, 8, 30), date(2026, 9, 1), False),
        (date(2026, 8, 30), date(2026, 9, 2), True),
        (date(2026, 9, 7), date(2026, 9, 8), True),
        (date(2026, 9, 8), date(2026, 9, 9), False),
        (date(2026, 8, 1), date(2026, 10, 1), True),
    ],
)
def test_days_overlap_a_window_that_they_share_a_day_with(first: date, end: date, inside: bool) -> None:
    window = Window(date(2026, 9, 1), date(2026, 9, 8))
    assert window.overlaps(AllDay(first, end), AMSTERDAM) is inside


@pytest.mark.parametrize(("hour", "inside"), [(21, False), (22, True)])
def test_a_window_begins_at_local_midnight(hour: int, inside: bool) -> None:
    window = Window(date(2026, 9, 1), date(2026, 9, 8))
    start = datetime(2026, 8, 31, hour, tzinfo=UTC)
    lesson = Timed(start, start + timedelta(minutes=50), "Europe/Amsterdam")
    assert window.overlaps(lesson, AMSTERDAM) is inside


@pytest.mark.parametrize(("day", "hours"), [((2026, 3, 29), 23), ((2026, 10, 25), 25), ((2026, 6, 1), 24)])
def test_a_day_lasts_as_long_as_the_clock_says(day: tuple[int, int, int], hours: int) -> None:
    first = date(*day)
    start, end = bounds(AllDay(first, first + timedelta(days=1)), AMSTERDAM)
    assert end - start == timedelta(hours=hours)
