"""A whole calendar: the same events give the same bytes, in the form that RFC 5545 asks for."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension

from bridge.calendar.event import COLOURS
from bridge.calendar.head import CalendarInfo
from bridge.calendar.options import FeedOptions
from bridge.calendar.render import render
from bridge.model.event import Kind
from bridge.model.tracked import TrackedEvent
from tests.calendar.entries import INFO, NOW, changes, entry, lines_of, rendered, week

_BLOCK = b"BEGIN:VEVENT\r\n"


class CalendarFile(SingleFileSnapshotExtension):
    file_extension = "ics"


def blocks(calendar: bytes) -> list[bytes]:
    """What stands before the events, then each event."""
    return calendar.split(_BLOCK)


@pytest.mark.parametrize("language", ["nl", "en", "fr"])
def test_a_calendar_in_each_language_is_as_it_was(language: str, snapshot: SnapshotAssertion) -> None:
    assert rendered(*week(), *changes(), language=language) == snapshot.use_extension(CalendarFile)


@given(st.permutations(week()))
def test_the_same_events_give_the_same_bytes_in_any_order(entries: list[TrackedEvent]) -> None:
    assert rendered(*entries) == rendered(*week())


@pytest.mark.parametrize("position", range(len(week())))
def test_one_changed_entry_changes_exactly_one_event(position: int) -> None:
    entries = week()
    before = blocks(rendered(*entries))
    old = entries[position]
    entries[position] = structs.replace(old, sequence=old.sequence + 1, modified=old.modified + timedelta(seconds=1))
    after = blocks(rendered(*entries))
    assert len(before) == len(after)
    assert sum(a != b for a, b in zip(before, after, strict=True)) == 1
    assert before[0] == after[0]


def test_an_event_that_leaves_takes_nothing_else_with_it() -> None:
    entries = week()
    before, after = blocks(rendered(*entries)), blocks(rendered(*entries[1:]))
    assert set(after) < set(before)


def test_lines_end_in_crlf_and_stay_within_75_octets() -> None:
    long = entry("long", title="Ω" * 300, notes="é☃😀" * 200, locations=("x" * 76,))
    calendar = rendered(*week(), long)
    assert calendar.count(b"\n") == calendar.count(b"\r\n") == calendar.count(b"\r")
    assert calendar.endswith(b"END:VCALENDAR\r\n")
    for line in calendar.split(b"\r\n"):
        assert len(line.decode().encode()) <= 75


def test_folding_loses_nothing() -> None:
    title = "Ω" * 300
    assert f"SUMMARY:{title}" in lines_of(rendered(entry(title=title)))


def test_a_calendar_says_what_it_is_and_how_often_to_come_back() -> None:
    head = lines_of(rendered())
    assert head[0] == "BEGIN:VCALENDAR"
    assert {
        "VERSION:2.0",
        "CALSCALE:GREGORIAN",
        "NAME:Rooster van Noor",
        "X-WR-CALNAME:Rooster van Noor",
        "X-WR-TIMEZONE:Europe/Amsterdam",
        "REFRESH-INTERVAL;VALUE=DURATION:PT30M",
        "X-PUBLISHED-TTL:PT30M",
        "COLOR:royalblue",
    } <= set(head)
    assert not any(line.startswith("METHOD") for line in head)


def test_a_calendar_without_events_is_a_whole_calendar() -> None:
    assert rendered().endswith(b"END:VCALENDAR\r\n")
    assert len(blocks(rendered())) == 1


def test_the_title_of_a_calendar_is_escaped_and_stays_on_one_line() -> None:
    info = CalendarInfo("Noor, 4V; \\\r\nX-EVIL:1\x00", INFO.zone, INFO.refresh_interval)
    lines = lines_of(render(info, [], FeedOptions(), now=NOW).calendar)
    assert r"X-WR-CALNAME:Noor\, 4V\; \\ X-EVIL:1" in lines
    assert r"NAME:Noor\, 4V\; \\ X-EVIL:1" in lines


def test_a_calendar_is_named_after_person_and_school_and_may_say_more() -> None:
    info = replace(INFO, schools=("Fortes\nLyceum",), description="Mentor: J. de Vries\nKlas 4V2")
    lines = lines_of(render(info, [], FeedOptions(), now=NOW).calendar)
    assert {
        "NAME:Rooster van Noor · Fortes Lyceum",
        "X-WR-CALNAME:Rooster van Noor · Fortes Lyceum",
        r"DESCRIPTION:Mentor: J. de Vries\nKlas 4V2",
        r"X-WR-CALDESC:Mentor: J. de Vries\nKlas 4V2",
    } <= set(lines)


@pytest.mark.parametrize(
    ("title", "schools", "name"),
    [
        ("Sem", (), "Sem"),
        ("Sem", ("Fortes Lyceum", "Fortes Lyceum"), "Sem · Fortes Lyceum"),
        ("Bakker", ("Fortes Lyceum", "De Regenboog"), "Bakker · Fortes Lyceum · De Regenboog"),
        ("Sem (fortes lyceum)", ("Fortes Lyceum",), "Sem (fortes lyceum)"),
    ],
    ids=["no school", "two accounts at one school", "two schools", "the person's title has it"],
)
def test_a_calendar_names_each_school_once(title: str, schools: tuple[str, ...], name: str) -> None:
    lines = lines_of(render(replace(INFO, title=title, schools=schools), [], FeedOptions(), now=NOW).calendar)
    assert f"X-WR-CALNAME:{name}" in lines


def test_each_kind_has_a_colour_of_its_own() -> None:
    assert len(set(COLOURS.values())) == len(COLOURS) == len(Kind)
    for kind, colour in COLOURS.items():
        assert f"COLOR:{colour}" in lines_of(rendered(entry(kind=kind)))[10:]


def test_the_calendar_s_zone_is_that_of_most_of_its_events() -> None:
    abroad = [one for one in week() if one.uid == "uid-abroad"]
    assert "X-WR-TIMEZONE:America/New_York" in lines_of(rendered(*abroad))
    assert "X-WR-TIMEZONE:Europe/Amsterdam" in lines_of(rendered(*week()))


def test_equal_holidays_show_once() -> None:
    first = next(one for one in week() if one.event.kind is Kind.HOLIDAY)
    again = structs.replace(
        first, uid="other", source="vrij", event=structs.replace(first.event, title="KERSTVAKANTIE")
    )
    elsewhere = structs.replace(first, uid="third", event=structs.replace(first.event, title="Winter"))
    assert len(blocks(rendered(first, again))) == 2
    assert rendered(first, again) == rendered(again, first)
    assert len(blocks(rendered(first, elsewhere))) == 3


def test_equal_lessons_show_as_often_as_they_are() -> None:
    assert len(blocks(rendered(entry("1"), entry("2")))) == 3
