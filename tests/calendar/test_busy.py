"""A busy feed tells when, and nothing else."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from bridge.calendar.head import CalendarInfo
from bridge.calendar.options import FeedOptions
from bridge.calendar.render import render
from bridge.model.event import AllDay, Kind, Status, Timed
from bridge.model.tracked import TrackedEvent
from bridge.model.window import bounds
from tests.calendar.entries import (
    CHANGED,
    DAY,
    INFO,
    NOW,
    ZONE,
    between,
    changes,
    entry,
    events_in,
    lines_of,
    only,
    rendered,
    titles,
    week,
    words_in,
)
from tests.strategies import days, timed

MORNING = datetime(2026, 9, 7, 6, 30, tzinfo=UTC)


def at(minute: int, length: int, identity: str, **fields: Any) -> TrackedEvent:
    return entry(identity, when=between(MORNING + timedelta(minutes=minute), length, ZONE.key), **fields)


def busy(*entries: TrackedEvent) -> list[tuple[Any, Any]]:
    return [(event["dtstart"].dt, event["dtend"].dt) for event in events_in(rendered(*entries, privacy="busy"))]


@pytest.mark.parametrize(("language", "title"), [("nl", "Bezet"), ("en", "Busy"), ("fr", "Occupé")])
def test_a_busy_time_has_one_word(language: str, title: str) -> None:
    assert titles(entry(), privacy="busy", language=language) == [title]


def test_a_busy_event_has_times_and_no_more() -> None:
    lines = lines_of(rendered(*week(), *changes(), privacy="busy", alarms="lesson:10m,exam:1d"))
    body = [line for line in lines[lines.index("BEGIN:VEVENT") :] if line != "END:VCALENDAR"]
    names = {re.split("[:;]", line)[0] for line in body}
    assert names == {
        *("BEGIN", "END", "SUMMARY", "DTSTART", "DTEND", "DTSTAMP", "UID", "SEQUENCE", "CLASS", "CREATED"),
        *("LAST-MODIFIED", "STATUS", "TRANSP", "X-MICROSOFT-CDO-BUSYSTATUS"),
    }
    told = {line for line in body if line.startswith(("SUMMARY", "CLASS", "STATUS", "TRANSP", "X-MICRO"))}
    assert told == {
        "SUMMARY:Bezet",
        "CLASS:PUBLIC",
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
        "X-MICROSOFT-CDO-BUSYSTATUS:BUSY",
    }


def test_no_word_of_any_event_is_in_a_busy_feed() -> None:
    info = replace(INFO, title="Noor", schools=("Fortes Lyceum",), description="Mentor: mevrouw Bakker")
    entries = [*week(), *changes()]
    calendar = render(info, entries, FeedOptions.parse({"privacy": "busy", "title": "{teacher}"}), now=NOW).calendar
    assert len(words_in(entries)) > 40
    for word in words_in(entries) | {"Fortes", "Lyceum", "Mentor", "Bakker"}:
        assert word not in calendar.decode(), word


def test_what_takes_no_time_is_not_busy() -> None:
    free = [
        entry("1", kind=Kind.HOMEWORK),
        entry("2", kind=Kind.ABSENCE),
        entry("3", kind=Kind.HOLIDAY, when=DAY),
        entry("4", status=Status.CANCELLED),
        entry("5", vanished=CHANGED),
        entry("6", kind=Kind.CHECKIN, when=DAY),
    ]
    assert titles(*free, privacy="busy") == []
    assert titles(*free, privacy="busy", cancelled="status") == []
    assert len(titles(*free, entry("7"), entry("8", kind=Kind.INTERRUPTION, when=DAY), privacy="busy")) == 2


def test_times_that_overlap_or_touch_are_one() -> None:
    lessons = [at(0, 50, "1"), at(50, 50, "2"), at(60, 10, "3"), at(120, 50, "4"), at(121, 10, "5"), at(130, 60, "6")]
    assert busy(*lessons[::-1]) == [
        (MORNING, MORNING + timedelta(minutes=100)),
        (MORNING + timedelta(minutes=120), MORNING + timedelta(minutes=190)),
    ]


def test_a_lesson_within_a_whole_day_is_part_of_it() -> None:
    day = AllDay(date(2026, 9, 7), date(2026, 9, 8))
    assert busy(entry("1", kind=Kind.INTERRUPTION, when=day), at(0, 50, "2")) == [(day.start, day.end)]


def test_whole_days_that_touch_are_one() -> None:
    one, other = AllDay(date(2026, 9, 7), date(2026, 9, 8)), AllDay(date(2026, 9, 8), date(2026, 9, 10))
    calendar = [entry("1", kind=Kind.INTERRUPTION, when=one), entry("2", kind=Kind.SUBSTITUTION, when=other)]
    assert busy(*calendar) == [(one.start, other.end)]


def test_what_begins_before_a_whole_day_makes_it_a_time() -> None:
    night = at(15 * 60, 120, "1")  # 23:30 to 1:30
    assert busy(night, entry("2", kind=Kind.INTERRUPTION, when=DAY)) == [
        (MORNING + timedelta(hours=15), datetime(2026, 9, 9, tzinfo=ZONE))
    ]


@given(st.lists(timed | days, max_size=8))
def test_busy_times_cover_what_takes_time_and_nothing_else(times: list[Timed | AllDay]) -> None:
    found = [
        bounds(AllDay(start, end), ZONE) if not isinstance(start, datetime) else (start, end)
        for start, end in busy(*(entry(f"{number}", when=when) for number, when in enumerate(times)))
    ]
    edges = {moment for when in times for moment in bounds(when, ZONE)}
    moments = sorted({moment + shift for moment in edges for shift in (timedelta(0), -timedelta(microseconds=1))})
    for moment in moments:
        expected = any(start <= moment < end for start, end in (bounds(when, ZONE) for when in times))
        assert any(start <= moment < end for start, end in found) == expected
    assert all(one[1] < next_[0] for one, next_ in pairwise(found))


def test_one_that_stands_alone_keeps_its_uid() -> None:
    assert only(entry(), privacy="busy")["uid"] == only(entry())["uid"]


def test_several_as_one_have_a_uid_of_their_own_that_stays_while_they_do() -> None:
    first, second = at(0, 50, "1"), at(50, 50, "2")
    both = only(first, second, privacy="busy")
    assert both["uid"] not in {first.uid, second.uid}
    changed = structs.replace(
        second, sequence=5, modified=CHANGED + timedelta(days=1), event=structs.replace(second.event, title="x")
    )
    again = only(changed, first, privacy="busy")
    assert again["uid"] == both["uid"]
    assert (again["sequence"], again["last-modified"].dt) == (5, changed.modified)
    assert only(first, at(50, 50, "3"), privacy="busy")["uid"] != both["uid"]


def test_a_busy_feed_is_called_what_it_was_called() -> None:
    info = CalendarInfo("Noor", INFO.zone, INFO.refresh_interval, schools=("Fortes Lyceum",), description="4V2")
    lines = lines_of(render(info, [], FeedOptions.parse({"privacy": "busy"}), now=NOW).calendar)
    assert "NAME:Noor" in lines
