"""How far a feed reaches, and when that next makes a difference."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.calendar.options import FeedOptions
from bridge.calendar.render import render
from bridge.model.event import AllDay
from bridge.model.tracked import TrackedEvent
from tests.calendar.entries import INFO, NOW, ZONE, between, entry, titles, week
from tests.strategies import days, timed


def on(day: date, name: str) -> TrackedEvent:
    return entry(name, title=name, when=AllDay(day, day + timedelta(days=1)))


TODAY = NOW.astimezone(ZONE).date()
AROUND = [on(TODAY + timedelta(days=n), f"{n:+}") for n in range(-3, 4)]


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        ({"past": "2d"}, "-2 -1 +0 +1 +2 +3"),
        ({"past": "0d"}, "+0 +1 +2 +3"),
        ({"future": "1d"}, "-3 -2 -1 +0 +1"),
        ({"future": "0d"}, "-3 -2 -1 +0"),
        ({"past": "1d", "future": "24h"}, "-1 +0 +1"),
        ({}, "-3 -2 -1 +0 +1 +2 +3"),
    ],
)
def test_a_feed_reaches_as_many_days_as_it_says(options: dict[str, str], shown: str) -> None:
    assert titles(*AROUND, **options) == shown.split()


def test_what_has_begun_within_reach_or_still_lasts_is_shown() -> None:
    long = entry("long", when=AllDay(TODAY - timedelta(days=30), TODAY + timedelta(days=30)))
    assert len(titles(long, past="0d", future="0d")) == 1


def test_days_are_those_of_the_calendar_s_zone() -> None:
    late = entry(when=between(datetime(2026, 9, 1, 22, 30, tzinfo=UTC), 50, "Europe/Amsterdam"))
    assert len(titles(late, past="0d")) == 1
    early = entry(when=between(datetime(2026, 9, 1, 21, tzinfo=UTC), 60, "Europe/Amsterdam"))
    assert titles(early, past="0d") == []


def test_a_feed_without_limits_is_valid_for_ever() -> None:
    assert render(INFO, week(), FeedOptions(), now=NOW).valid_until is None
    assert render(INFO, [], FeedOptions.parse({"past": "1d", "future": "1d"}), now=NOW).valid_until is None


def test_a_feed_tells_the_midnight_at_which_something_leaves() -> None:
    options = FeedOptions.parse({"past": "3d"})
    assert render(INFO, AROUND, options, now=NOW).valid_until == datetime(2026, 9, 2, 22, tzinfo=UTC)
    later = on(date(2026, 10, 24), "x")
    assert render(INFO, [later], options, now=NOW).valid_until == datetime(2026, 10, 27, 23, tzinfo=UTC)


def test_what_is_not_chosen_makes_no_difference() -> None:
    options = FeedOptions.parse({"past": "3d", "exclude": "*"})
    assert render(INFO, AROUND, options, now=NOW).valid_until is None


@given(
    times=st.lists(timed | days, max_size=4),
    past=st.integers(0, 400),
    future=st.integers(0, 400),
    privacy=st.sampled_from(["full", "busy"]),
    now=st.datetimes(datetime(2024, 6, 1), datetime(2029, 6, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - st wants none
)
def test_a_feed_is_the_same_until_the_moment_that_it_tells_and_another_from_then(
    times: list[object], past: int, future: int, privacy: str, now: datetime
) -> None:
    entries = [entry(f"{number}", when=when) for number, when in enumerate(times)]
    options = FeedOptions.parse({"past": f"{past}d", "future": f"{future}d", "privacy": privacy})
    first = render(INFO, entries, options, now=now)
    if first.valid_until is None:
        assert render(INFO, entries, options, now=now + timedelta(days=4000)) == first
        return
    assert first.valid_until > now
    assert render(INFO, entries, options, now=first.valid_until - timedelta(microseconds=1)) == first
    assert render(INFO, entries, options, now=first.valid_until).calendar != first.calendar
