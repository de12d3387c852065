"""Whatever an upstream writes, the calendar is clean; whatever the bytes are, the linter gives an answer."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.calendar.lint.linter import lint
from bridge.calendar.lint.rules import RULES
from bridge.calendar.options import FeedOptions
from bridge.calendar.render import render
from bridge.model.event import Event, clean_event
from bridge.model.tracked import TrackedEvent
from tests.calendar.broken import GOOD
from tests.calendar.entries import CHANGED, INFO, between, entry, rendered, week
from tests.strategies import events, hostile

addresses = st.sampled_from(["", "https://rooster.example.nl/les?a=1,2;b=3", "mailto:noor@example.nl"])
made_up = events(hostile, url=addresses, conference=addresses)
options = st.fixed_dictionaries(
    {},
    optional={
        "cancelled": st.sampled_from(["mark", "status", "hide"]),
        "absence_details": st.sampled_from(["hidden", "reason"]),
        "language": st.sampled_from(["nl", "en", "fr"]),
    },
)


def tracked(number: int, event: Event) -> TrackedEvent:
    return TrackedEvent(f"uid-{number}", "fortes", clean_event(event), number, CHANGED, CHANGED, None)


@given(found=st.lists(made_up, min_size=1, max_size=4), chosen=options, title=hostile)
def test_whatever_a_school_writes_the_calendar_is_clean(found: list[Event], chosen: dict[str, str], title: str) -> None:
    entries = [tracked(number, event) for number, event in enumerate(found)]
    calendar = render(replace(INFO, title=title), entries, FeedOptions.parse(chosen), now=CHANGED)
    assert lint(calendar.calendar) == ()


@given(st.binary(max_size=300))
def test_any_bytes_get_an_answer(octets: bytes) -> None:
    assert lint(octets)


WEEK = rendered(*week())
edits = st.tuples(
    st.sampled_from(["drop", "double", "swap", "insert", "cut", "replace"]),
    st.floats(0, 1),
    st.floats(0, 1),
    st.binary(max_size=6),
)


def spoiled(calendar: bytes, how: str, here: float, there: float, octets: bytes) -> bytes:
    """An edit of whole lines, or of bytes, at parts of its length."""
    lines = calendar.split(b"\r\n")
    one, other = int(here * (len(lines) - 1)), int(there * (len(lines) - 1))
    start, end = sorted((int(here * len(calendar)), int(there * len(calendar))))
    if how == "drop":
        del lines[one]
    elif how == "double":
        lines.insert(other, lines[one])
    elif how == "swap":
        lines[one], lines[other] = lines[other], lines[one]
    else:
        stop = {"insert": start, "cut": end, "replace": start + len(octets)}[how]
        return calendar[:start] + octets + calendar[stop:]
    return b"\r\n".join(lines)


@given(st.sampled_from([GOOD.encode(), WEEK]), st.lists(edits, min_size=1, max_size=4))
def test_a_spoiled_calendar_gets_an_answer_and_it_holds_nothing_of_the_content(
    calendar: bytes, how: list[tuple[str, float, float, bytes]]
) -> None:
    for edit in how:
        calendar = spoiled(calendar, *edit)
    for problem in lint(calendar):
        told = re.escape(RULES[problem.rule]).replace(r"\{name\}", "[A-Z-]+")
        assert re.fullmatch(told, problem.sentence)
        assert 1 <= problem.line <= calendar.count(b"\n") + calendar.count(b"\r") + 1


def test_a_zone_that_no_time_is_written_in_is_left_out() -> None:
    repeated = between(datetime(2026, 10, 25, 0, 30, tzinfo=UTC), 60, "Europe/Amsterdam")
    assert lint(rendered(entry(when=repeated))) == ()


@pytest.mark.parametrize("text", ["/les/1", "Zoom 12", "https://a b", "https:", "//rooster.example.nl"])
def test_what_is_no_address_is_not_written_as_one(text: str) -> None:
    assert lint(rendered(entry(url=text, conference=text))) == ()
