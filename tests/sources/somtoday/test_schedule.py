from typing import Any

import pytest

from bridge.errors import BadResponse
from bridge.model.event import Kind, Status, Timed, clean_event
from bridge.sources.somtoday.mapping.lessons import read_schedule
from tests.sources.bodies import body
from tests.sources.somtoday.answers import PUPIL, ZONE, appointment, item, links, only, page, schedule, utc, weeks

AMSTERDAM = "Europe/Amsterdam"


@pytest.mark.parametrize(
    ("start", "end", "begins"),
    [
        ("2026-10-23T08:30:00.000+02:00", "2026-10-23T09:20:00.000+02:00", utc(2026, 10, 23, 6, 30)),
        ("2026-10-26T08:30:00.000+01:00", "2026-10-26T09:20:00.000+01:00", utc(2026, 10, 26, 7, 30)),
        ("2026-10-23T08:30:00", "2026-10-23T09:20:00", utc(2026, 10, 23, 6, 30)),
        ("2026-10-26T08:30:00", "2026-10-26T09:20:00", utc(2026, 10, 26, 7, 30)),
        ("2026-10-23T06:30:00Z", "2026-10-23T07:20:00Z", utc(2026, 10, 23, 6, 30)),
    ],
    ids=["summer", "winter", "summer, no offset", "winter, no offset", "in UTC"],
)
def test_a_lesson_is_at_half_past_eight_on_both_sides_of_a_clock_change(start: str, end: str, begins: object) -> None:
    when = only(schedule(appointment(beginDatumTijd=start, eindDatumTijd=end))).when
    assert isinstance(when, Timed)
    assert (when.start, when.zone) == (begins, AMSTERDAM)
    assert when.start.astimezone(ZONE).strftime("%H:%M") == "08:30"
    assert (when.end - when.start).total_seconds() == 50 * 60


def test_a_lesson_over_the_hour_that_comes_twice_keeps_its_length() -> None:
    when = only(
        schedule(
            appointment(beginDatumTijd="2026-10-25T02:30:00.000+02:00", eindDatumTijd="2026-10-25T02:15:00.000+01:00")
        )
    ).when
    assert when == Timed(utc(2026, 10, 25, 0, 30), utc(2026, 10, 25, 1, 15), AMSTERDAM)


@pytest.mark.parametrize(
    ("key", "identity"),
    [
        (8849104409, "8849104409"),
        ("8849104409", "8849104409"),
        ("0008849104409", "8849104409"),
        (9_007_199_254_740_993, "9007199254740993"),
        (2**70, str(2**70)),
    ],
)
def test_an_id_is_the_same_as_a_number_and_as_text(key: object, identity: str) -> None:
    assert only(schedule(appointment(key))).identity == identity


def test_an_id_with_rel_koppeling_counts_where_there_is_no_self() -> None:
    coupled = appointment(**links(77, "koppeling"))
    assert only(schedule(coupled)).identity == "77"
    coupled["links"] += links(78)["links"]
    assert only(schedule(coupled)).identity == "78"


@pytest.mark.parametrize("none", [{"links": []}, {"links": None}, links(7, "other"), links(None)])
def test_a_lesson_without_an_id_has_a_stable_one_of_its_own(none: dict[str, Any]) -> None:
    first = appointment(**none)
    second = appointment(**none, titel="218 - A5nat - Abc")
    events = schedule(first, second).events
    assert len({event.identity for event in events}) == 2
    assert all(event.identity for event in events)
    assert schedule(second, first | {"locatie": "300"}).events[1].identity == events[0].identity


@pytest.mark.parametrize(
    "status",
    ["GEANNULEERD", "VERVALLEN", "UITVAL", "vervallen", "AFGELAST", "INGETROKKEN", "AFGEZEGD", "GAAT_NIET_DOOR"],
)
def test_a_lesson_that_the_school_calls_off_is_cancelled(status: str) -> None:
    event = only(schedule(appointment(afspraakStatus=status)))
    assert event.status is Status.CANCELLED
    assert event.notes == ""


@pytest.mark.parametrize("status", ["VERPLAATST", "GEWIJZIGD", "IETS_NIEUWS"])
def test_a_status_that_nobody_knows_is_shown_and_the_lesson_stays(status: str) -> None:
    event = only(schedule(appointment(afspraakStatus=status)))
    assert event.status is Status.CONFIRMED
    assert event.notes == f"Status: {status}"


@pytest.mark.parametrize("status", ["ACTIEF", None, ""])
def test_an_active_lesson_has_no_word_on_its_status(status: str | None) -> None:
    event = only(schedule(appointment(afspraakStatus=status)))
    assert (event.status, event.notes) == (Status.CONFIRMED, "")


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        ("Toets", "Toets wiskunde B"),
        ("TOETS", "TOETS wiskunde B"),
        ("GROTE_TOETS", "GROTE_TOETS wiskunde B"),
        ("Grote toets", "Grote toets wiskunde B"),
        ("Schoolexamen", "Schoolexamen wiskunde B"),
    ],
)
def test_a_test_is_an_exam_and_says_in_what(kind: str, title: str) -> None:
    event = only(schedule(appointment(kind=kind)))
    assert (event.kind, event.title, event.label) == (Kind.EXAM, title, "")


@pytest.mark.parametrize("kind", ["Toetsbespreking", "Toetsinzage", "TOETS_INZAGE", "Toetstraining"])
def test_talking_about_a_test_or_looking_into_it_is_a_lesson(kind: str) -> None:
    told = appointment(kind=kind)
    told["afspraakType"]["categorie"] = "Toets"
    assert only(schedule(told)).kind is Kind.LESSON
    assert only(weeks(item(afspraakItemType=kind.upper()))).kind is Kind.LESSON
    assert only(schedule(appointment(titel="Toets bespreken"))).kind is Kind.LESSON


def test_a_teachers_html_is_text_in_a_lesson() -> None:
    event = only(schedule(appointment(omschrijving="<p>Neem je <b>atlas</b> mee &amp; een pen</p>", titel="A &amp; B")))
    assert event.notes == "Neem je atlas mee & een pen"
    assert only(weeks(item(omschrijving="<ul><li>een</li><li>twee</li></ul>"))).notes == "• een\n• twee"
    assert only(schedule(appointment(omschrijving="<i>Les</i>", titel="Les"))).notes == ""


def test_a_lesson_says_at_which_of_several_sites_it_is_and_nothing_where_there_is_one() -> None:
    north, south = {"vestiging": {"naam": "Noord"}}, {"vestiging": {"naam": "Zuid &amp; West"}}
    events = schedule(appointment(1, **north), appointment(2, **south), appointment(3, vestiging=7)).events
    assert [(event.locations, event.site) for event in events] == [
        (("217",), "Noord"),
        (("217",), "Zuid & West"),
        (("217",), ""),
    ]
    assert [event.site for event in weeks(item("1", **north), item("2", **south)).events] == ["Noord", "Zuid & West"]
    assert [event.site for event in schedule(appointment(1, **north), appointment(2, **north)).events] == ["", ""]


def test_a_lesson_whose_title_says_that_it_is_a_test_is_an_exam() -> None:
    event = only(schedule(appointment(titel="Toets Duits")))
    assert (event.kind, event.title) == (Kind.EXAM, "Toets Duits")


@pytest.mark.parametrize("kind", ["Mentoruur", "Keuzewerktijd"])
def test_what_is_no_test_is_a_lesson_and_only_an_unusual_sort_is_named(kind: str) -> None:
    event = only(schedule(appointment(kind=kind)))
    assert (event.kind, event.title, event.label) == (Kind.LESSON, "wiskunde B", kind)
    assert only(schedule(appointment(kind="Les"))).label == ""


@pytest.mark.parametrize(
    "missing",
    ["additionalObjects", "afspraakType", "locatie", "beginLesuur", "eindLesuur", "titel", "omschrijving", "links"],
)
def test_a_lesson_is_shown_whatever_else_is_missing(missing: str) -> None:
    item = appointment()
    del item[missing]
    when = only(schedule(item)).when
    assert when == Timed(utc(2026, 9, 7, 9, 15), utc(2026, 9, 7, 10), AMSTERDAM)
    assert only(schedule(appointment(**{missing: None}))).when == when


@pytest.mark.parametrize("hour", ["4a", 4.5, "", [], {}, True])
def test_an_hour_that_is_no_number_does_not_cost_the_lesson(hour: object) -> None:
    event = only(schedule(appointment(beginLesuur=hour, eindLesuur=hour)))
    assert event.periods is None


def test_several_teachers_come_as_text_or_as_a_list() -> None:
    for given in ("Stk, Abc", ["Stk", " Abc "], "Stk;Abc", ["Stk", None, "Abc"]):
        item = appointment(additionalObjects={"docentAfkortingen": given})
        assert only(schedule(item)).teachers == ("Stk", "Abc")


def test_a_title_of_other_pieces_names_no_group() -> None:
    for title in ("wisB", "217 - Stk", "217 - A5wisB_2 - extra - Stk"):
        assert only(schedule(appointment(titel=title))).groups == ()


def test_a_description_is_a_note_unless_it_repeats_the_title() -> None:
    assert only(schedule(appointment(omschrijving="Neem je atlas mee"))).notes == "Neem je atlas mee"
    assert only(schedule(appointment())).notes == ""


def test_a_description_of_room_group_and_teacher_is_no_note_under_a_title_in_words() -> None:
    told = {"titel": "Toets aardrijkskunde", "omschrijving": "h005 - A5ak - Ghi"}
    assert only(weeks(item(**told))).notes == ""
    assert only(weeks(item(**told | {"omschrijving": "h005 - A5ak - atlas mee"}))).notes == "h005 - A5ak - atlas mee"


def test_a_lesson_without_a_length_is_a_lesson() -> None:
    at, then = utc(2026, 9, 7, 8, 30), utc(2026, 9, 7, 8, 31)
    in_weeks = only(weeks(item(eindDatumTijd="2026-09-07T10:30:00")))
    on_pages = only(schedule(appointment(beginDatumTijd=at.isoformat(), eindDatumTijd=at.isoformat())))
    assert in_weeks.when == on_pages.when == Timed(at, then, AMSTERDAM)


def test_a_lesson_that_begins_after_it_ends_is_skipped_and_counted() -> None:
    wrong = appointment(2, beginDatumTijd="2026-09-07T12:30:00.000+02:00")
    reading = schedule(appointment(1), wrong, appointment(3))
    assert [event.identity for event in reading.events] == ["1", "3"]
    assert reading.skipped == 1


@pytest.mark.parametrize("item", [None, 42, "text", [], {}, {"links": 7}, {"beginDatumTijd": 1793347200}])
def test_what_is_no_lesson_is_skipped_and_counted(item: object) -> None:
    reading = schedule(appointment(), item)
    assert (len(reading.events), reading.skipped) == (1, 1)


def test_an_answer_of_which_most_cannot_be_read_is_refused() -> None:
    with pytest.raises(BadResponse, match="3 items, of which 2 could not be read"):
        schedule(appointment(), {}, None)


@pytest.mark.parametrize("told", [b"[]", b"{}", b"null", b'"text"', b"42", b'{"items": {}}', b'{"items": null}'])
def test_an_answer_that_is_no_list_is_refused(told: bytes) -> None:
    with pytest.raises(BadResponse, match=r"^Fortes sent no list of items\.$"):
        read_schedule([body(told)], pupil=PUPIL, zone=ZONE, origin="Fortes")


def test_an_empty_list_is_no_lessons() -> None:
    assert schedule().events == ()
    assert read_schedule([], pupil=PUPIL, zone=ZONE, origin="Fortes").events == ()


def test_a_parent_sees_only_the_lessons_of_the_chosen_child() -> None:
    own = appointment(1)
    other = appointment(2, additionalObjects={"leerlingen": {"items": [links(99)]}})
    both = appointment(3, additionalObjects={"leerlingen": {"items": [links(99), links(int(PUPIL))]}})
    assert [event.identity for event in schedule(own, other, both).events] == ["1", "3"]
    assert [event.identity for event in schedule(own, other, both, pupil="99").events] == ["2", "3"]


def test_a_page_of_what_came_before_is_refused_but_lessons_without_ids_are_not_alike() -> None:
    first = page(appointment(1), appointment(2))
    with pytest.raises(BadResponse, match="same page again"):
        read_schedule([first, page(appointment(2), appointment(1))], pupil=PUPIL, zone=ZONE, origin="Fortes")
    nameless = [page(appointment(links=[], titel=title)) for title in ("a", "b", "c")]
    assert len(read_schedule(nameless, pupil=PUPIL, zone=ZONE, origin="Fortes").events) == 3


def test_words_with_control_characters_become_words_without() -> None:
    event = clean_event(only(schedule(appointment(locatie="21\u0000\ud8007\n", titel="x\u2028y"))))
    assert event.locations == ("217",)
