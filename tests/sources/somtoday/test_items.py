"""Lessons as /afspraakitems tells them, and that each is the same event as in /afspraken."""

from pathlib import Path

import pytest

from bridge.model.event import Before, Event, Kind, Status, Timed
from bridge.sources.somtoday.mapping.lessons import read_weeks
from bridge.upstream.contract import Unread
from tests.sources.bodies import body
from tests.sources.somtoday.answers import ZONE, appointment, item, links, only, page, schedule, utc, weeks

SAMPLE = Path(__file__).parent / "samples" / "afspraakitems-week.json"
AMSTERDAM = "Europe/Amsterdam"


def test_the_sample_week_is_read_as_it_was() -> None:
    reading = read_weeks([body(SAMPLE.read_bytes())], zone=ZONE, origin="Fortes")
    assert reading.skipped == 0
    ordinary, cancelled, moved, test, trip = reading.events
    assert ordinary == Event(
        identity="900001",
        kind=Kind.LESSON,
        when=Timed(utc(2026, 9, 7, 6, 30), utc(2026, 9, 7, 7, 20), AMSTERDAM),
        title="wiskunde B",
        subject="wiskunde B",
        code="wisB",
        groups=("A5wisB_2",),
        teachers=("ABC",),
        locations=("217",),
        periods=(1, 1),
    )
    assert (cancelled.identity, cancelled.status, cancelled.title, cancelled.notes) == (
        "900002",
        Status.CANCELLED,
        "mu",
        "",
    )
    assert moved.when == Timed(utc(2026, 9, 7, 8, 30), utc(2026, 9, 7, 9, 20), AMSTERDAM)
    assert moved.before == Before(Timed(utc(2026, 9, 7, 7), utc(2026, 9, 7, 7, 50), AMSTERDAM))
    assert (moved.status, moved.groups, moved.notes) == (Status.CONFIRMED, ("A5ak",), "")
    assert (test.kind, test.title, test.teachers, test.periods) == (Kind.EXAM, "Toets Duits", ("JKL", "MNO"), (6, 7))
    assert test.when == Timed(utc(2026, 9, 8, 11), utc(2026, 9, 8, 13), AMSTERDAM)
    assert (trip.kind, trip.title, trip.label, trip.periods) == (Kind.LESSON, "Excursie Ardennen", "", None)
    assert trip.when == Timed(utc(2026, 9, 8, 22), utc(2026, 9, 11, 14, 30), AMSTERDAM)


@pytest.mark.parametrize(
    ("start", "begins"),
    [("2026-10-23T08:30:00", utc(2026, 10, 23, 6, 30)), ("2026-10-26T08:30:00", utc(2026, 10, 26, 7, 30))],
)
def test_local_times_are_those_of_the_school_on_both_sides_of_a_clock_change(start: str, begins: object) -> None:
    when = only(weeks(item(beginDatumTijd=start, eindDatumTijd=start.replace("08:30", "09:20")))).when
    assert isinstance(when, Timed)
    assert when.start == begins


def test_the_order_of_teachers_and_groups_does_not_matter() -> None:
    one = item(docentNamen=["MNO", "JKL"], lesgroepen=[{"naam": "b"}, {"naam": "a"}])
    other = item(docentNamen=["JKL", "MNO"], lesgroepen=[{"naam": "a"}, {"naam": "b"}])
    assert only(weeks(one)) == only(weeks(other))
    assert only(weeks(one)).teachers == ("JKL", "MNO")


def test_a_lesson_is_the_same_event_in_both_timetables() -> None:
    told = appointment(8849104409)
    same = item(
        "8849104409",
        beginDatumTijd="2026-09-07T11:15:00",
        eindDatumTijd="2026-09-07T12:00:00",
        beginLesuur=4,
        eindLesuur=4,
        locatie="217",
        titel="217 - A5wisB_2 - Stk",
        omschrijving="217 - A5wisB_2 - Stk",
        vak={"afkorting": "wisB", "naam": "wiskunde B"},
        docentNamen=["Stk"],
        lesgroepen=[],
    )
    assert only(weeks(same)) == only(schedule(told))
    assert only(weeks(same | {"lesgroepen": [{"naam": "A5wisB_2"}]})) == only(schedule(told))
    assert only(weeks({**same, "uniqueIdentifier": None, **links(8849104409)})) == only(schedule(told))


@pytest.mark.parametrize(
    "missing", ["docentNamen", "lesgroepen", "vak", "titel", "locatie", "beginLesuur", "omschrijving"]
)
def test_a_lesson_is_shown_whatever_else_is_missing(missing: str) -> None:
    whole = only(weeks(item()))
    for told in (item(**{missing: None}), {key: value for key, value in item().items() if key != missing}):
        event = only(weeks(told))
        assert (event.identity, event.when) == (whole.identity, whole.when)


def test_lessons_without_a_name_have_a_stable_one_of_their_own() -> None:
    first, second = item(None), item(None, titel="other")
    identities = [event.identity for event in weeks(first, second).events]
    assert len(set(identities)) == 2
    assert [event.identity for event in weeks(second, first).events] == identities[::-1]


@pytest.mark.parametrize("sort", ["ROOSTERTOETS", "TOETS", "roostertoets"])
def test_a_test_is_an_exam_by_its_sort(sort: str) -> None:
    event = only(weeks(item(afspraakItemType=sort)))
    assert (event.kind, event.title, event.label) == (Kind.EXAM, "Toets aardrijkskunde", "")


def test_an_unknown_sort_is_shown() -> None:
    assert only(weeks(item(afspraakItemType="KEUZE_WERKTIJD"))).label == "Keuze werktijd"
    assert only(weeks(item(afspraakItemType="ROOSTER"))).label == ""


def test_two_lessons_at_once_are_both_shown() -> None:
    assert len(weeks(item("1"), item("2")).events) == 2


def test_an_item_in_two_weeks_is_one_event() -> None:
    trip = item("5", beginDatumTijd="2026-09-11T09:00:00", eindDatumTijd="2026-09-15T16:30:00")
    one, other = (only(read_weeks([page(trip)], zone=ZONE, origin="Fortes")) for _ in range(2))
    assert one == other


@pytest.mark.parametrize(
    "spoiled", [{"eindDatumTijd": None}, {"eindDatumTijd": "2026-09-07T09:00:00"}, {"beginDatumTijd": 7}]
)
def test_a_lesson_without_an_end_or_that_ends_before_it_begins_is_skipped_and_counted(
    spoiled: dict[str, object],
) -> None:
    reading = weeks(item("1"), item("2", **spoiled))
    assert ([event.identity for event in reading.events], reading.skipped) == (["1"], 1)
    assert weeks(item("2", **spoiled)).unread == (Unread("2"),), "whether that is most of the part, others judge"
