from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.model.event import Event, Kind
from bridge.upstream.contract import Reading, Unread
from tests.sources.informat.answers import (
    COVER,
    ELS,
    ILLNESS,
    JAN,
    LOTTE,
    OWN,
    assignment,
    days,
    days_of,
    employee,
    interruption,
    staff,
    work,
)

SECOND = "d0000000-0000-4000-8000-000000000002"
LINK = {"opdrachtId": COVER, "doId": ILLNESS}


def only(item: dict[str, Any]) -> Event:
    [event] = work(JAN, [], [item]).events
    return event


def substitutions(reading: Reading) -> list[Event]:
    return [event for event in reading.events if event.kind is Kind.SUBSTITUTION]


def covering(first: str, last: str, **changes: Any) -> dict[str, Any]:
    """Lotte's assignment in Jan's place."""
    return assignment(COVER, LOTTE, begindatum=first, einddatum=last, **changes)


def test_an_assignment_spans_its_days_and_tells_subject_function_hours_and_place() -> None:
    assert only(assignment(vestiging="Sporthal")) == Event(
        OWN,
        Kind.ASSIGNMENT,
        days("2026-09-01", "2027-08-31"),
        title="Wetenschappelijk werk",
        subject="Wetenschappelijk werk",
        label="Leraar",
        locations=("Sporthal",),
        hours=4.0,
        full_hours=20.0,
    )


@pytest.mark.parametrize("subject", [None, "", "0", " "])
def test_without_a_subject_the_function_is_the_title(subject: str | None) -> None:
    event = only(assignment(vak=subject, ambt="Directeur"))
    assert (event.title, event.subject, event.label) == ("Directeur", "", "")


@pytest.mark.parametrize("place", [None, "", "0", 7.5, []])
def test_an_empty_place_is_none(place: object) -> None:
    assert only(assignment(vestiging=place)).locations == ()


@pytest.mark.parametrize(
    ("hours", "full", "told"),
    [
        (4.0, 20, (4.0, 20.0)),
        ("4.500", "20", (4.5, 20.0)),
        (0, 0, (0.0, None)),
        (None, None, (None, None)),
        (-1, 1e308, (None, None)),
        (float("nan"), float("inf"), (None, None)),
        (True, "x", (None, None)),
    ],
)
def test_hours_that_make_no_sense_are_left_out(hours: object, full: object, told: tuple[object, object]) -> None:
    event = only(assignment(prestatieUren=hours, prestatieNoemer=full))
    assert (event.hours, event.full_hours) == told


def test_a_remark_on_an_assignment_is_shown_nowhere() -> None:
    assert only(assignment(opmerking="Neemt ontslag")) == only(assignment())


def test_an_assignment_of_two_school_years_is_one_and_each_key_counts_once() -> None:
    assert len(work(JAN, [], [assignment(), assignment(OWN.upper()), assignment(f" {{{OWN}}} ")]).events) == 1


def test_an_assignment_that_ends_before_it_begins_is_skipped_and_counted() -> None:
    reading = work(JAN, [], [assignment(), assignment(COVER, einddatum="2026-08-01")])
    assert (len(reading.events), reading.skipped) == (1, 1)


def test_who_replaces_a_colleague_has_the_interruptions_days_and_the_colleagues_name() -> None:
    reading = work(LOTTE, [interruption()], [assignment(vervangingen=[LINK]), covering("2026-09-01", "2027-06-30")])
    when = days("2026-11-02", "2026-11-06")
    name = f"{JAN} {ILLNESS}"
    [event] = substitutions(reading)
    assert (event.identity, event.when, event.title, event.colleague) == (name, when, "", "Jan Wouters")
    assert [event.kind for event in reading.events] == [Kind.ASSIGNMENT, Kind.SUBSTITUTION]


def test_a_substitution_tells_subject_class_place_and_hours_of_the_assignment_that_covers() -> None:
    cover = covering(
        "2026-09-01", "2027-06-30", prestatieUren=6, vak="Chemie", vestiging="Labo", graad="3", onderwijsvorm="ASO"
    )
    [event] = substitutions(work(LOTTE, [interruption()], [assignment(vervangingen=[LINK]), cover]))
    assert (event.subject, event.label, event.groups) == ("Chemie", "Leraar", ("3e graad ASO",))
    assert (event.locations, event.hours) == (("Labo",), 6.0)


@pytest.mark.parametrize(
    ("grade", "year", "form", "told"),
    [
        ("3", "0", "ASO", ("3e graad ASO",)),
        ("3", "5", "-", ("5e leerjaar",)),
        ("0", "0", "0", ()),
        (None, None, None, ()),
    ],
)
def test_an_assignment_tells_for_which_classes(
    grade: object, year: object, form: object, told: tuple[str, ...]
) -> None:
    assert only(assignment(graad=grade, leerjaar=year, onderwijsvorm=form)).groups == told


def test_it_tells_nothing_of_the_reason() -> None:
    reading = work(LOTTE, [interruption()], [assignment(vervangingen=[LINK]), covering("2026-09-01", "2027-06-30")])
    assert "Ziekte" not in repr(reading)
    assert "griep" not in repr(reading)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2026-11-03", "2027-06-30", ("2026-11-03", "2026-11-06")),
        ("2026-09-01", "2026-11-04", ("2026-11-02", "2026-11-04")),
        ("2026-11-04", "2026-11-04", ("2026-11-04", "2026-11-04")),
        ("2026-11-06", "2026-12-24", ("2026-11-06", "2026-11-06")),
    ],
)
def test_a_substitution_is_cut_to_the_substitutes_assignment(first: str, last: str, expected: tuple[str, str]) -> None:
    reading = work(LOTTE, [interruption()], [assignment(vervangingen=[LINK]), covering(first, last)])
    assert [event.when for event in substitutions(reading)] == [days(*expected)]


def test_an_assignment_outside_of_the_interruption_is_no_substitution() -> None:
    reading = work(LOTTE, [interruption()], [assignment(vervangingen=[LINK]), covering("2026-11-09", "2026-11-13")])
    assert substitutions(reading) == []
    assert reading.skipped == 0


def test_the_absent_colleague_and_others_replace_nobody() -> None:
    items = [assignment(vervangingen=[LINK]), covering("2026-09-01", "2027-06-30")]
    assert substitutions(work(JAN, [interruption()], items)) == []
    assert work(ELS, [interruption()], items) == Reading(())


def test_keys_are_matched_however_they_are_written() -> None:
    link = {"OpdrachtId": f" {COVER.upper()}", "DoId": f"{{{ILLNESS.upper()}}}"}
    reading = work(LOTTE, [interruption()], [assignment(vervangingen=[link]), covering("2026-09-01", "2027-06-30")])
    assert len(substitutions(reading)) == 1


@pytest.mark.parametrize(
    "link",
    [
        {"opdrachtId": COVER, "doId": "unknown"},
        {"opdrachtId": "unknown", "doId": ILLNESS},
        {"opdrachtId": COVER, "doId": None},
        {},
        None,
        "x",
    ],
    ids=str,
)
def test_a_link_that_leads_nowhere_is_no_substitution(link: object) -> None:
    items = [assignment(vervangingen=[link]), covering("2026-09-01", "2027-06-30")]
    reading = work(LOTTE, [interruption()], items)
    assert [event.kind for event in reading.events] == [Kind.ASSIGNMENT]
    assert reading.skipped == 0


def test_what_cannot_be_read_of_a_substitution_says_whose_it_is() -> None:
    items = [assignment(vervangingen=[LINK]), covering("2026-09-01", "2027-06-30"), assignment("e2", ELS)]
    odd = interruption(begindatum=None)
    assert work(LOTTE, [odd, *others()], items).unread == (Unread(JAN),)
    cover = covering("soon", "2027-06-30")
    assert work(LOTTE, [interruption()], [items[0], cover, items[2]]).unread == (Unread(COVER), Unread(JAN))
    link = assignment(vervangingen=[LINK], einddatum=None)
    assert len(substitutions(work(LOTTE, [interruption()], [link, *items[1:]]))) == 1


def others() -> list[dict[str, Any]]:
    """Interruptions of somebody else, so that most of the list can be read."""
    return [interruption(personId=ELS, doId=f"d{number}") for number in range(2)]


def test_a_colleague_whom_the_staff_does_not_know_is_replaced_without_a_name() -> None:
    items = [assignment(vervangingen=[LINK]), covering("2026-09-01", "2027-06-30")]
    [event] = substitutions(work(LOTTE, [interruption()], items, staff(employee(LOTTE, "Lotte", "Claes"))))
    assert event.colleague == ""


def test_a_name_that_changed_is_told_as_the_latest_school_year_has_it() -> None:
    items = [assignment(vervangingen=[LINK]), covering("2026-09-01", "2027-06-30")]
    before, after = staff(employee(JAN, "Jan", "Peeters")), staff(employee(JAN, "Jan", "Wouters"))
    [event] = substitutions(work(LOTTE, [interruption()], items, before, after))
    assert event.colleague == "Jan Wouters"


def test_several_assignments_over_one_absence_are_one_substitution() -> None:
    items = [
        assignment(vervangingen=[LINK, {"opdrachtId": "f2", "doId": ILLNESS}]),
        assignment("e2", vervangingen=[{"opdrachtId": "f3", "doId": ILLNESS}]),
        covering("2026-09-01", "2027-06-30"),
        assignment("f2", LOTTE, begindatum="2026-11-03", einddatum="2026-11-04"),
        assignment("f3", LOTTE),
    ]
    [event] = substitutions(work(LOTTE, [interruption()], items))
    assert event.when == days("2026-11-02", "2026-11-06")
    assert (event.subject, event.hours) == ("Wetenschappelijk werk", 12.0)


def test_an_absence_in_two_structures_is_replaced_once() -> None:
    items = [
        assignment(vervangingen=[LINK]),
        assignment("e2", hfd="211", vervangingen=[{"opdrachtId": "f2", "doId": SECOND}]),
        covering("2026-09-01", "2027-06-30"),
        assignment("f2", LOTTE, hfd="211"),
    ]
    both = [interruption(), interruption(doId=SECOND, hfd="211")]
    for absences in (both, both[:1], both[1:]):
        [event] = substitutions(work(LOTTE, absences, items))
        assert event.identity.startswith(f"{JAN} d0000000-")


def test_two_interruptions_of_one_colleague_are_two_substitutions() -> None:
    items = [
        assignment(vervangingen=[LINK, {"opdrachtId": COVER, "doId": SECOND}]),
        covering("2026-09-01", "2027-06-30"),
    ]
    absences = [interruption(), interruption("2026-11-07", "2026-11-20", doId=SECOND)]
    assert [event.when for event in substitutions(work(LOTTE, absences, items))] == [
        days("2026-11-02", "2026-11-06"),
        days("2026-11-07", "2026-11-20"),
    ]


def test_an_absence_may_have_two_substitutes() -> None:
    items = [
        assignment(vervangingen=[LINK, {"opdrachtId": "f2", "doId": ILLNESS}]),
        covering("2026-09-01", "2026-11-03"),
        assignment("f2", ELS, begindatum="2026-11-04"),
    ]
    [one] = substitutions(work(LOTTE, [interruption()], items))
    [other] = substitutions(work(ELS, [interruption()], items))
    assert (one.when, other.when) == (days("2026-11-02", "2026-11-03"), days("2026-11-04", "2026-11-06"))


FIRST = date(2026, 11, 1)
SPANS = st.tuples(st.integers(0, 20), st.integers(0, 8)).map(
    lambda span: (FIRST + timedelta(days=span[0]), FIRST + timedelta(days=span[0] + span[1]))
)


@given(st.lists(st.tuples(SPANS, SPANS), max_size=6))
def test_every_day_that_is_covered_shows_and_no_other(pairs: list[tuple[Any, Any]]) -> None:
    absences, links, covers = [], [], []
    expected: set[date] = set()
    for number, ((first, last), (begin, end)) in enumerate(pairs):
        absences.append(interruption(first.isoformat(), last.isoformat(), doId=f"d{number}"))
        links.append({"opdrachtId": f"f{number}", "doId": f"d{number}"})
        covers.append(assignment(f"f{number}", LOTTE, begindatum=begin.isoformat(), einddatum=end.isoformat()))
        expected |= {
            day
            for day in (FIRST + timedelta(days=step) for step in range(40))
            if first <= day <= last and begin <= day <= end
        }
    found = substitutions(work(LOTTE, absences, [assignment(vervangingen=links), *covers]))
    assert days_of(found) == expected
    assert len({event.identity for event in found}) == len(found)
