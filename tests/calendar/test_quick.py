"""The quick way of writing gives the bytes of the slow one."""

from datetime import UTC, datetime, timedelta
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bridge.calendar.event import content_of, write
from bridge.calendar.head import CalendarInfo, head
from bridge.calendar.history import History
from bridge.calendar.line import block
from bridge.calendar.options import FeedOptions
from bridge.calendar.shown import Shown, show
from bridge.model.event import Kind, clean_event
from bridge.model.text import clean_line, clean_text
from bridge.model.tracked import TrackedEvent
from tests.calendar.entries import INFO, entry, rendered
from tests.calendar.slow import slow_bytes, slow_head
from tests.strategies import events, hostile

OPTIONS = [
    {},
    {
        "language": "fr",
        "absence_details": "reason",
        "alarms": "lesson:10m,lesson:1d,exam:0s,holiday:90s",
        "homework_done": "show",
    },
    {"cancelled": "status", "checkin_details": "full", "title": "{code}^; {{{subject}, {teacher}}} \\ ({location})"},
    {"language": "en", "categories": "off", "merge_double": "5", "holiday_clears": "mark"},
    {"privacy": "busy"},
]
degrees = st.floats(-200, 200).filter(lambda value: abs(value) > 0.0001) | st.sampled_from([0.0, inf, nan])
clean = events(
    hostile,
    notes=hostile | st.text("\\^,;é☃😀\nN", max_size=200),
    position=st.none() | st.tuples(degrees, degrees),
).map(clean_event)
stamps = st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
entries = st.builds(
    TrackedEvent,
    hostile.map(clean_line),
    st.just("s"),
    clean,
    st.integers(0, 10**6),
    stamps,
    stamps,
    st.none() | stamps,
    clean.map(lambda event: event.before),  # what was kept has been cleaned
)


@given(one=entries, options=st.sampled_from(OPTIONS))
def test_an_event_is_to_the_byte_as_the_library_writes_it(one: TrackedEvent, options: dict[str, str]) -> None:
    chosen = FeedOptions.parse(options)
    for shown in show([one], chosen, frozenset(Kind), History([one], chosen, INFO.zone_of, None)):
        content = content_of(shown, chosen, {"Europe/Amsterdam", "America/Curacao"})
        assert write(content) == slow_bytes(content)


@given(hostile, hostile, st.integers(60, 10**6), st.sampled_from(["Europe/Amsterdam", "Asia/Tokyo"]))
def test_what_a_calendar_says_of_itself_is_as_the_library_writes_it(
    title: str, description: str, seconds: int, zone: str
) -> None:
    interval = timedelta(seconds=seconds)
    info = CalendarInfo(title, zone, interval, description=description)
    assert head(info, FeedOptions(), {}) == slow_head(clean_line(title), clean_text(description), interval, zone)


@given(st.text("aé☃😀\\^", max_size=400))
def test_a_fold_is_where_the_library_has_it(text: str) -> None:
    content = replace(content_of(show_one(entry()), FeedOptions(), ()), summary=text, description=text, location=text)
    assert write(content) == slow_bytes(content)


def show_one(one: TrackedEvent) -> Shown:
    (shown,) = show([one], FeedOptions(), frozenset(Kind), History([one], FeedOptions(), INFO.zone_of, None))
    return shown


@pytest.mark.parametrize("length", range(70, 80))
def test_a_line_of_up_to_74_octets_stays_whole(length: int) -> None:
    assert block(["x" * length]).count(b"\r\n") == (1 if length <= 74 else 2)


def test_a_position_has_no_exponent() -> None:
    """Which RFC 5545 (3.8.1.6) does not know; the library writes one."""
    assert b"\r\nGEO:0.000010;-0.000010\r\n" in rendered(entry(position=(0.00001, -0.00001)))
    assert b"GEO" not in rendered(entry(position=(91, 0)), entry("2", position=(0, float("nan"))))
