import random
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bridge.errors import BadResponse
from bridge.model.event import Cover, DayPart, Event, Kind
from bridge.upstream.contract import Reading, Unread
from tests.sources.informat.answers import (
    COVER,
    ILLNESS,
    JAN,
    LOTTE,
    absences,
    assignment,
    covered_absences,
    days,
    days_of,
    interruption,
)

OTHER = "d0000000-0000-4000-8000-000000000002"
STRIKE = {"code": "45", "omschrijving": "Staking"}


def only(*items: Any) -> Event:
    [event] = absences(JAN, items).events
    return event


def test_an_interruption_takes_whole_days_with_its_last() -> None:
    event = only(interruption("2026-11-02", "2026-11-06"))
    assert event == Event(ILLNESS, Kind.INTERRUPTION, days("2026-11-02", "2026-11-06"), "", reason="Ziekteverlof")


def test_remarks_and_codes_are_in_no_field_that_a_feed_shows() -> None:
    event = only(interruption(opmSecretariaat="Voelde zich grieperig", opmPersoneelslid="Koorts"))
    for text in (event.title, event.notes, event.private_notes, event.code, event.label, event.subject):
        assert text == ""
    assert event.reason == "Ziekteverlof"


@pytest.mark.parametrize(
    "changes",
    [{"omschrijving": "Te laat toegekomen"}, {"code": "19"}, {"code": "019", "omschrijving": "Ander ambt"}],
    ids=str,
)
def test_who_comes_late_or_has_another_post_is_not_away(changes: dict[str, Any]) -> None:
    assert absences(JAN, [interruption(**changes)]) == Reading(())


def test_one_absence_in_two_structures_is_one_event() -> None:
    both = [interruption(hfd="111"), interruption(hfd="211   ", doId=OTHER)]
    assert only(*both) == only(*reversed(both)) == only(both[0]) == replace(only(both[1]), identity=ILLNESS)


def test_it_stays_the_same_event_while_the_records_are_prolonged_one_after_the_other() -> None:
    short, long = interruption(hfd="111"), interruption(last="2026-11-13", hfd="211", doId=OTHER)
    assert only(short, long).identity == only(short).identity
    assert only(short, long).when == days("2026-11-02", "2026-11-13")


def test_it_is_known_by_every_key_and_as_earlier_versions_called_it() -> None:
    both = [
        interruption(hfd="111", **STRIKE, staking="VM"),
        interruption(hfd="211", **STRIKE, staking="VM", doId=OTHER),
    ]
    assert absences(JAN, both).also == {ILLNESS: (OTHER, "2026-11-02 45 morning", "2026-11-02 45")}


def test_without_a_key_it_is_known_by_its_first_day() -> None:
    assert absences(JAN, [interruption(doId="", code="")]).also == {"2026-11-02": ()}


@pytest.mark.parametrize(
    "changes",
    [
        {"code": "144"},
        {"begindatum": "2026-11-03T00:00:00"},
        {"staking": "VM"},
        {"staking": "Uren", "stakingUren": 2},
    ],
    ids=str,
)
def test_absences_that_differ_in_this_are_two(changes: dict[str, Any]) -> None:
    assert len(absences(JAN, [interruption(), interruption(doId=OTHER, **changes)]).events) == 2


@pytest.mark.parametrize(
    ("staking", "hours", "part", "told"),
    [
        ("Dag", None, DayPart.WHOLE, None),
        ("VM", None, DayPart.MORNING, None),
        ("NM", None, DayPart.AFTERNOON, None),
        ("Uren", 2.0, DayPart.HOURS, 2.0),
        ("Uren", "2.50", DayPart.HOURS, 2.5),
        ("Uren", 0, DayPart.HOURS, None),
        ("Uren", None, DayPart.HOURS, None),
        (" uren ", 1, DayPart.HOURS, 1.0),
        ("vm", 3, DayPart.MORNING, None),
        ("Avond", 2, None, None),
        ("0", 0, None, None),
        (None, 2, None, None),
    ],
)
def test_a_strike_tells_the_part_of_the_day_and_invents_no_hours(
    staking: str | None, hours: Any, part: DayPart | None, told: float | None
) -> None:
    event = only(interruption("2026-11-02", "2026-11-02", **STRIKE, staking=staking, stakingUren=hours))
    assert (event.day_part, event.hours) == (part, told)
    assert event.when == days("2026-11-02", "2026-11-02")


def test_a_morning_and_an_afternoon_of_strike_are_two_events() -> None:
    both = [
        interruption(**STRIKE, staking="VM"),
        interruption(**STRIKE, staking="NM", doId=OTHER),
    ]
    assert {event.day_part for event in absences(JAN, both).events} == {DayPart.MORNING, DayPart.AFTERNOON}


@pytest.mark.parametrize("written", [f" {JAN}", f"{{{JAN.upper()}}}", f"{JAN.upper()}  "])
def test_a_person_is_known_however_the_key_is_written(written: str) -> None:
    assert only(interruption(personId=written)) == only(interruption())


def test_names_of_fields_may_be_in_any_case() -> None:
    assert only({name.upper(): value for name, value in interruption().items()}) == only(interruption())


@pytest.mark.parametrize("written", ["2026-11-02", "2026-11-02T00:00:00.000", " 2026-11-02T23:00:00+01:00"])
def test_a_date_is_what_its_first_ten_characters_say(written: str) -> None:
    assert only(interruption(begindatum=written)) == only(interruption())


def test_what_ends_before_it_begins_is_skipped_and_counted() -> None:
    wrong = interruption("2026-11-06", "2026-11-02", doId=OTHER)
    others = [interruption(personId=LOTTE, doId=f"x{number}") for number in range(2)]
    reading = absences(JAN, [interruption(), wrong, *others])
    assert (len(reading.events), reading.skipped) == (1, 1)
    assert absences(JAN, [wrong, *others]) == Reading((), (Unread(OTHER),)), "also where it is all that somebody has"
    assert absences(LOTTE, [wrong, *others]).skipped == 0, "and for nobody else"


@pytest.mark.parametrize(
    "changes",
    [
        {"begindatum": None},
        {"einddatum": "soon"},
        {"einddatum": "0"},
        {"begindatum": 20261102},
        {"begindatum": "2026-02-30"},
        {"einddatum": "9999-12-31"},
    ],
    ids=str,
)
def test_what_cannot_be_read_is_skipped_and_counted(changes: dict[str, Any]) -> None:
    reading = absences(JAN, [interruption(), interruption(doId=OTHER, **changes)])
    assert (len(reading.events), reading.skipped) == (1, 1)


def test_a_list_of_which_most_cannot_be_read_is_refused() -> None:
    with pytest.raises(BadResponse, match="3 items, of which 2"):
        absences(JAN, [interruption(), {}, "interruption"])


@pytest.mark.parametrize("item", [7, None, "x", [], {"personId": " "}, interruption(personId=None)], ids=str)
def test_an_item_that_is_nobodys_is_left_out(item: object) -> None:
    others = [interruption(personId=LOTTE, doId=f"x{number}") for number in range(2)]
    assert absences(JAN, [interruption(), item, *others]) == absences(JAN, [interruption()])


def test_an_interruption_of_somebody_else_is_nobodys_business() -> None:
    assert absences(LOTTE, [interruption()]) == Reading(())


def test_an_interruption_in_two_school_years_is_one() -> None:
    spanning = interruption("2026-08-20", "2026-09-10")
    assert absences(JAN, [spanning], [spanning]) == absences(JAN, [spanning])


def test_what_the_later_year_says_counts_where_the_same_key_differs() -> None:
    [event] = absences(JAN, [interruption("2026-08-20")], [interruption("2026-08-21")]).events
    assert event.when == days("2026-08-21", "2026-11-06")


def test_an_interruption_without_key_is_still_an_absence() -> None:
    reading = absences(JAN, [interruption(doId=None), interruption("2026-12-01", "2026-12-02", doId=" ")])
    assert (len(reading.events), reading.skipped) == (2, 0)


def test_the_absent_persons_own_event_names_the_substitute_and_no_one_twice() -> None:
    link = {"opdrachtId": COVER, "doId": ILLNESS.upper()}
    work = [assignment(vervangingen=[link]), assignment(COVER, LOTTE)]
    again = [assignment("e2", vervangingen=[{"opdrachtId": "f2", "doId": ILLNESS}]), assignment("f2", LOTTE)]
    [event] = covered_absences(JAN, [interruption()], [*work, *again]).events
    assert event.colleague == "Lotte Claes"


def test_it_tells_who_does_what_and_what_nobody_does() -> None:
    link = {"opdrachtId": COVER, "doId": ILLNESS}
    work = [
        assignment(vervangingen=[link], hfd="311"),
        assignment("e2", vak="Chemie", prestatieUren=None),
        assignment("e3", vak="Fysica", hfd="211"),
        assignment("e4", vak="Oud", einddatum="2026-10-01T00:00:00"),
        assignment(COVER, LOTTE, begindatum="2026-11-04T00:00:00", prestatieUren=3),
    ]
    [event] = covered_absences(JAN, [interruption(last="2026-11-08")], work).events
    assert set(event.cover) == {
        Cover("Wetenschappelijk werk", days("2026-11-02", "2026-11-03"), "", 4.0),
        Cover("Wetenschappelijk werk", days("2026-11-04", "2026-11-08"), "Lotte Claes", 3.0),
        Cover("Chemie", days("2026-11-02", "2026-11-06")),
    }


@pytest.mark.parametrize("substitute", [JAN, "somebody unknown"])
def test_the_absent_person_and_somebody_unknown_are_no_substitutes(substitute: str) -> None:
    work = [assignment(vervangingen=[{"opdrachtId": COVER, "doId": ILLNESS}]), assignment(COVER, substitute)]
    [event] = covered_absences(JAN, [interruption()], work).events
    assert event.colleague == ""


FIRST = date(2026, 11, 1)
RECORDS = st.builds(
    lambda start, length, code, structure, number: interruption(
        (FIRST + timedelta(days=start)).isoformat(),
        (FIRST + timedelta(days=start + length)).isoformat(),
        code=code,
        omschrijving=f"code {code}",
        hfd=structure,
        doId=f"{number}-{structure}",
    ),
    st.integers(0, 12),
    st.integers(0, 6),
    st.sampled_from(["1", "144"]),
    st.sampled_from(["111", "211"]),
    st.integers(0, 5),
)


def taken(items: list[dict[str, Any]]) -> set[tuple[str, date]]:
    """The days of absence by code, of the records as they count: of one key the last."""
    found = set()
    for item in {item["doId"]: item for item in items}.values():
        first, last = (date.fromisoformat(item[name][:10]) for name in ("begindatum", "einddatum"))
        found |= {(item["omschrijving"], first + timedelta(days=number)) for number in range((last - first).days + 1)}
    return found


@given(st.lists(RECORDS, max_size=12))
def test_no_day_of_absence_is_lost_or_invented_and_none_shows_twice(items: list[dict[str, Any]]) -> None:
    events = absences(JAN, items).events
    shown = {(event.reason, day) for event in events for day in days_of([event])}
    assert shown == taken(items)
    assert len({event.identity for event in events}) == len(events)
    assert len({(event.when, event.reason) for event in events}) == len(events)


@given(st.lists(RECORDS, max_size=12, unique_by=lambda item: item["doId"]), st.integers(0, 2**32))
def test_the_order_of_a_list_makes_no_difference(items: list[dict[str, Any]], seed: int) -> None:
    shuffled = random.Random(seed).sample(items, len(items))  # noqa: S311 - an order, not a secret
    assert set(absences(JAN, items).events) == set(absences(JAN, shuffled).events)


@given(st.lists(RECORDS, min_size=1, max_size=6, unique_by=lambda item: item["doId"]))
def test_a_record_that_comes_or_goes_in_the_other_structure_changes_no_event(items: list[dict[str, Any]]) -> None:
    double = items[0] | {"doId": "of the other structure", "hfd": "999"}
    before, both, after = (
        {replace(event, identity="") for event in absences(JAN, found).events}
        for found in (items, [*items, double], [*items[1:], double])
    )
    assert before == both == after


@given(st.dates(date(1900, 1, 1), date(2199, 12, 30)), st.integers(0, 800))
def test_days_come_out_as_they_went_in(first: date, length: int) -> None:
    last = first + timedelta(days=length)
    [event] = absences(JAN, [interruption(first.isoformat(), last.isoformat())]).events
    assert event.when == days(first.isoformat(), last.isoformat())
