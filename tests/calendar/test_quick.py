"""The quick way of writing gives the bytes of the slow one."""

from dataclasses import replace
from datetime import UTC, datetime
from math import inf, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.calendar.blocks import BlockCache
from bridge.calendar.event import content_of, write
from bridge.calendar.history import History
from bridge.calendar.line import fold
from bridge.calendar.options import FeedOptions
from bridge.calendar.render import render
from bridge.calendar.shown import Shown, show
from bridge.model.event import Before, clean_event
from bridge.model.text import clean_line
from bridge.model.tracked import TrackedEvent
from tests.calendar.entries import INFO, LESSON, NOW, ZONE, between, entry, rendered, week
from tests.calendar.slow import slow_bytes
from tests.strategies import events, hostile

OPTIONS = [
    {},
    {"language": "fr", "absence_details": "reason", "alarms": "lesson:10m,lesson:1d,exam:0s,holiday:90s"},
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


@settings(deadline=None)
@given(one=entries, options=st.sampled_from(OPTIONS))
def test_an_event_is_to_the_byte_as_the_library_writes_it(one: TrackedEvent, options: dict[str, str]) -> None:
    chosen = FeedOptions.parse(options)
    for shown in show([one], chosen, History([one], chosen, ZONE, None)):
        content = content_of(shown, chosen, {"Europe/Amsterdam", "America/Curacao"})
        assert write(content) == slow_bytes(content)


@given(st.text("aé☃😀\\^", max_size=400))
def test_a_fold_is_where_the_library_has_it(text: str) -> None:
    content = replace(content_of(show_one(entry()), FeedOptions(), ()), summary=text, description=text, location=text)
    assert write(content) == slow_bytes(content)


def show_one(one: TrackedEvent) -> Shown:
    (shown,) = show([one], FeedOptions(), History([one], FeedOptions(), ZONE, None))
    return shown


@pytest.mark.parametrize("length", range(70, 80))
def test_a_line_of_up_to_74_octets_stays_whole(length: int) -> None:
    assert (b"\r\n" in fold("x" * length)) == (length > 74)


def test_a_position_has_no_exponent() -> None:
    """Which RFC 5545 (3.8.1.6) does not know; the library writes one."""
    assert b"\r\nGEO:0.000010;-0.000010\r\n" in rendered(entry(position=(0.00001, -0.00001)))
    assert b"GEO" not in rendered(entry(position=(91, 0)), entry("2", position=(0, float("nan"))))


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(week()) - 1), st.integers(0, 3)), max_size=8), st.sampled_from(OPTIONS))
def test_a_cache_changes_no_byte(changes: list[tuple[int, int]], options: dict[str, str]) -> None:
    chosen, kept, blocks = FeedOptions.parse(options), week(), BlockCache()
    for place, how in changes:
        old = kept[place]
        kept[place] = [
            replace(old, sequence=old.sequence + 1),
            replace(old, event=replace(old.event, title="Anders")),
            replace(old, vanished=NOW),
            replace(old, before=Before(between(datetime(2026, 9, 1, tzinfo=UTC), 9, "UTC"))),
        ][how]
        assert render(INFO, kept, chosen, now=NOW, blocks=blocks).calendar == rendered(*kept, **options)
        assert render(INFO, kept, chosen, now=NOW, blocks=blocks).calendar == rendered(*kept, **options)


def test_a_cache_that_two_feeds_share_keeps_them_apart() -> None:
    blocks = BlockCache()
    for language in ("nl", "en", "fr", "nl", "en"):
        calendar = render(INFO, week(), FeedOptions.parse({"language": language}), now=NOW, blocks=blocks).calendar
        assert calendar == rendered(*week(), language=language)


def test_a_cached_time_follows_its_zone() -> None:
    blocks = BlockCache()
    lesson = entry(when=LESSON)
    old = entry("old", when=between(datetime(1940, 5, 1, tzinfo=UTC), 50, LESSON.zone))
    for entries_ in ([lesson], [lesson, old], [lesson]):
        calendar = render(INFO, entries_, FeedOptions(), now=NOW, blocks=blocks).calendar
        assert calendar == rendered(*entries_)


def test_a_cache_holds_no_more_than_it_may() -> None:
    blocks = BlockCache(most=3)
    for _ in range(2):
        calendar = render(INFO, week(), FeedOptions(), now=NOW, blocks=blocks).calendar
        assert calendar == rendered(*week())
        assert len(blocks) == 3


def test_what_is_cached_is_not_made_again() -> None:
    blocks, made = BlockCache(), []

    def make() -> bytes:
        made.append(1)
        return b"made"

    for value, times in (("a", 1), ("a", 1), ("b", 2), ("a", 3)):
        assert blocks.block("key", value, make) == b"made"
        assert len(made) == times
