import json
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs, to_builtins

from bridge.errors import BadResponse
from bridge.model.event import AllDay, Event, Kind, Link, Timed
from bridge.model.window import Window
from bridge.sources.mytimetable.mapping import Stretch, read_timetables
from bridge.upstream.contract import Reading
from tests.sources.bodies import body

ZONE = ZoneInfo("Europe/Amsterdam")
HERE = Path(__file__).parent
SAMPLES = sorted((HERE / "samples").glob("*.json"))
HOUR = 3_600_000
DAYS = Window(date(2026, 10, 1), date(2026, 11, 1))
LESSON: dict[str, Any] = {
    "startDate": 1793347200000,
    "endDate": 1793350800000,
    "moduleCode": "M1",
    "activityDescription": "Logica",
    "activityTypeName": "LECTURE",
    "studentSets": ["A", "B"],
    "locations": [{"name": "N-A02"}],
    "timetableKeys": ["2026!module!1"],
}


def read(*timetables: list[Any]) -> Reading:
    return read_timetables([Stretch(DAYS, None, tuple(map(body, timetables)))], zone=ZONE, origin="Universiteit")


def only(item: dict[str, Any]) -> Event:
    [event] = read([item]).events
    return event


def identity(**changes: object) -> str:
    return only(LESSON | changes).identity


def told(event: Event) -> dict[str, Any]:
    """What an event says, as the files in `expected` have it: local times, and no empty fields."""
    when = event.when
    if isinstance(when, AllDay):
        span = f"{when.start} up to {when.end}"
    else:
        span = f"{when.start.astimezone(ZONE):%Y-%m-%d %H:%M} to {when.end.astimezone(ZONE):%Y-%m-%d %H:%M}"
    fields = {name: value for name, value in structs.asdict(event).items() if value}
    name = "~" if event.identity.startswith("~") else event.identity
    return json.loads(json.dumps(fields | {"identity": name, "when": span}, default=to_builtins))  # type: ignore[no-any-return]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_gives_the_events_that_were_written_down_for_it(sample: Path) -> None:
    reading = read_timetables([Stretch(DAYS, None, (body(sample.read_bytes()),))], zone=ZONE, origin="Universiteit")
    expected = json.loads((HERE / "expected" / sample.name).read_text())
    assert [told(event) for event in reading.events] == expected["events"]
    assert reading.skipped == expected["skipped"]


def test_moments_may_be_digits_in_text() -> None:
    assert only(LESSON | {"startDate": "1793347200000"}).when == only(LESSON).when


@pytest.mark.parametrize("moment", [None, True, [], {}, "soon", 1e300, 10**30, -(10**18), 253402214400000])
def test_an_event_without_a_readable_begin_is_skipped_and_counted(moment: object) -> None:
    reading = read([LESSON, LESSON | {"startDate": moment}])
    assert (len(reading.events), reading.skipped) == (1, 1)


def test_an_answer_of_which_most_cannot_be_read_is_refused() -> None:
    with pytest.raises(BadResponse):
        read([LESSON, {}, "event", None])


@pytest.mark.parametrize(
    "told", [b"{}", b'{"errorType": "x", "status": "error"}', b"null", b"7", b"<html>", b"", b"[{"]
)
def test_an_answer_that_is_no_list_is_refused(told: bytes) -> None:
    with pytest.raises(BadResponse):
        read_timetables([Stretch(DAYS, None, (body(told),))], zone=ZONE, origin="Universiteit")


def test_an_empty_list_is_an_empty_timetable() -> None:
    assert read([]) == Reading(())


@pytest.mark.parametrize("end", [1793347200000, None])
def test_an_event_without_length_is_shown_for_a_minute(end: int | None) -> None:
    when = only(LESSON | {"endDate": end}).when
    assert isinstance(when, Timed)
    assert (when.end - when.start).total_seconds() == 60


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2027-03-27 00:00", "2027-03-30 00:00", 3),
        ("2026-10-25 00:00", "2026-10-26 00:00", 1),
        ("2027-03-28 00:00", "2027-03-29 00:00", 1),
        ("2026-10-26 00:00", "2026-10-26 23:59", 1),
        ("2026-10-26 00:00", "2026-10-27 23:59", 2),
        ("2026-10-26 01:00", "2026-10-28 01:00", 2),
    ],
)
def test_whole_days_end_on_the_day_after_the_last(start: str, end: str, days: int) -> None:
    item = {"allDay": True, "startDate": ms(start), "endDate": ms(end)}
    first = date.fromisoformat(start[:10])
    assert only(LESSON | item).when == AllDay(first, date.fromordinal(first.toordinal() + days))


@pytest.mark.parametrize(
    "words",
    ["Exam", "TENTAMEN", "Hertentamen", "deeltentamen", "Toets", "Resit", "WRITTEN_EXAM", "Test (digital)"],
)
def test_a_type_that_speaks_of_an_exam_makes_one(words: str) -> None:
    assert only(LESSON | {"activityTypeName": words}).kind is Kind.EXAM
    assert only(LESSON | {"eventType": {"description": words}}).kind is Kind.EXAM


@pytest.mark.parametrize("words", ["Lecture", "Tentameninzage", "Latest", "Example class", ""])
def test_other_types_are_lessons(words: str) -> None:
    assert only(LESSON | {"activityTypeName": words}).kind is Kind.LESSON


def test_an_exam_in_the_title_alone_is_a_lesson() -> None:
    assert only(LESSON | {"activityDescription": "Exam training"}).kind is Kind.LESSON


def test_the_title_is_the_code_where_there_is_no_description_and_else_the_type() -> None:
    assert only(LESSON | {"activityDescription": " "}).title == "M1"
    assert only(LESSON | {"activityDescription": None, "moduleCode": None}).title == "LECTURE"


def test_fields_of_the_wrong_sort_are_left_empty() -> None:
    wrong = {"eventType": "Lecture", "staffMembers": "dr. Metz", "studentSets": {"name": "A"}, "notes": ["x"], "id": {}}
    event = only(LESSON | wrong | {"locations": 7, "moduleCode": 5})
    assert (event.label, event.teachers, event.groups) == ("Lecture", ("dr. Metz",), ("A",))
    assert (event.notes, event.locations, event.code) == ("", ("7",), "5")


@pytest.mark.parametrize("notes", [{"notes": "Online"}, {"notes2": "online", "notes": "Neem je laptop mee"}])
def test_a_note_that_it_is_online_is_where_it_is(notes: dict[str, Any]) -> None:
    event = only(LESSON | notes | {"locations": []})
    assert (event.locations, event.notes) == (("Online",), notes["notes"].replace("Online", ""))
    assert only(LESSON | notes | {"locations": ["Aula"]}).locations == ("Aula",)


def test_addresses_that_open_something_are_kept_with_what_they_open() -> None:
    rooms = [{"name": "REC C0.01", "url": "https://kaart.example/c001"}, {"name": "REC B2", "url": None}, "Aula"]
    event = only(LESSON | {"recordingUrl": "https://video.example/1", "locations": rooms})
    assert (event.recording, event.links) == (
        "https://video.example/1",
        (Link("REC C0.01", "https://kaart.example/c001"),),
    )
    assert event.locations == ("REC C0.01", "REC B2", "Aula")


def test_an_address_that_no_browser_opens_is_left_out() -> None:
    odd = {"recordingUrl": "file:///x", "locations": [{"name": "Zaal", "url": "zaal"}, {"name": "Aula", "url": 7}]}
    event = only(LESSON | odd)
    assert (event.recording, event.links) == ("", ())


def test_an_event_that_is_filtered_out_is_not_counted_as_unreadable() -> None:
    reading = read([LESSON | {"filtered": True}])
    assert (reading.events, reading.unread) == ((), ())


@pytest.mark.parametrize(
    "changes",
    [
        {"startDate": 1793347200000 + HOUR, "endDate": 1793350800000 + HOUR},
        {"locations": [{"name": "Elsewhere"}]},
        {"timetableKeys": ["2027!module!9"]},
        {"staffMembers": ["somebody else"]},
        {"notes": "Bring a laptop", "draft": True},
        {"studentSets": ["B", "A"]},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_without_an_id_an_event_keeps_its_identity_when_this_changes(changes: dict[str, Any]) -> None:
    assert identity(**changes) == identity()


@pytest.mark.parametrize(
    "changes",
    [
        {"moduleCode": "M2"},
        {"activityDescription": "Wiskunde"},
        {"activityTypeName": "LAB"},
        {"studentSets": ["A"]},
        {"startDate": 1793347200000 + 24 * HOUR, "endDate": 1793350800000 + 24 * HOUR},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_without_an_id_an_event_is_another_one_where_this_differs(changes: dict[str, Any]) -> None:
    assert identity(**changes) != identity()


def test_an_id_is_the_identity_whatever_else_changes() -> None:
    moved = LESSON | {"id": "2026!A B-20261030", "startDate": 1793347200000 - 72 * HOUR, "moduleCode": "M9"}
    assert only(moved).identity == "2026!A B-20261030"


def test_equal_lessons_of_one_day_are_numbered_by_their_begin_and_not_by_their_place() -> None:
    later = LESSON | {"startDate": 1793354400000, "endDate": 1793358000000}
    forwards = {event.when: event.identity for event in read([LESSON, later]).events}
    backwards = {event.when: event.identity for event in read([later, LESSON]).events}
    assert forwards == backwards
    assert forwards[only(LESSON).when] == identity()
    assert forwards[only(later).when] == f"{identity()} #2"


def test_one_event_in_two_timetables_comes_once() -> None:
    with_id = LESSON | {"id": "2026!X-20261030"}
    for item in (LESSON, with_id):
        again = item | {"timetableKeys": ["2026!location!2"]}
        assert len(read([item], [again]).events) == 1


def test_the_second_of_two_equal_lessons_is_known_by_its_number_in_another_timetable_too() -> None:
    later = LESSON | {"startDate": 1793354400000, "endDate": 1793358000000}
    both = read([LESSON, later]).events
    assert set(read([LESSON, later], [later]).events) == set(both)


def test_an_id_that_returns_on_several_days_is_told_apart_by_the_day() -> None:
    series = [
        LESSON | {"id": "S", "startDate": 1793347200000 + n * 24 * HOUR, "endDate": 1793350800000 + n * 24 * HOUR}
        for n in range(3)
    ]
    names = [event.identity for event in read(series).events]
    assert names == ["S 2026-10-30", "S 2026-10-31", "S 2026-11-01"]


def test_what_somebody_wrote_in_html_is_text_and_the_identity_stays() -> None:
    told = {"activityDescription": "Logica <b>A</b> &amp; B", "notes": "Lees <a href='https://x.example/y'>dit</a>"}
    event = only(LESSON | told)
    assert (event.title, event.subject) == ("Logica A & B", "Logica A & B")
    assert event.notes == "Lees dit (https://x.example/y)"
    assert event.identity == only(LESSON | told | {"notes": None}).identity
    plain = {"activityDescription": "R&D: a <b, c> d", "notes": "1 < 2\n<3"}
    assert only(LESSON | plain).title == "R&D: a <b, c> d"
    assert only(LESSON | plain).notes == "1 < 2\n<3"


ITEMS = st.fixed_dictionaries(
    {
        "startDate": st.sampled_from([1793347200000 + n * HOUR for n in (0, 1, 5, 24, 48)]),
        "moduleCode": st.sampled_from([None, "M1", "M2"]),
        "locations": st.sampled_from([None, ["N-A02"], ["N-B12"]]),
        "staffMembers": st.sampled_from([[], ["X"], [{"name": "X", "key": "x"}]]),
    },
    optional={
        "id": st.sampled_from([None, "1", "2"]),
        "allDay": st.booleans(),
        "activityDescription": st.text("aB é\x00\n\ud800", max_size=4),
    },
)


@given(st.lists(ITEMS, max_size=12))
def test_every_event_has_an_identity_of_its_own_and_none_is_lost(items: list[dict[str, Any]]) -> None:
    events = read(items).events
    assert len({event.identity for event in events}) == len(events)
    for item in items:
        alone = only(item)
        assert any(
            event.when == alone.when and (item.get("id") or event.locations == alone.locations) for event in events
        )


@given(st.lists(ITEMS, max_size=8), st.randoms())
def test_the_order_of_an_answer_makes_no_difference(items: list[dict[str, Any]], random: Any) -> None:
    without_ids = [item | {"id": None} for item in items]
    shuffled = list(without_ids)
    random.shuffle(shuffled)
    assert set(read(without_ids).events) == set(read(shuffled).events)


def ms(local: str) -> int:
    return int(datetime.fromisoformat(local).replace(tzinfo=ZONE).timestamp()) * 1000
