from datetime import date, timedelta

import pytest

from bridge.errors import BadResponse
from bridge.model.event import AllDay, Kind, Timed
from tests.sources.somtoday.answers import absences, links, observation, only, report, utc, vacation, vacations

AMSTERDAM = "Europe/Amsterdam"


def test_an_absence_in_both_lists_shows_once_with_its_reason() -> None:
    event = only(absences([report()], [observation()]))
    assert (event.kind, event.reason) == (Kind.ABSENCE, "Tandarts")
    assert event.when == Timed(utc(2026, 9, 7, 9, 15), utc(2026, 9, 7, 10), AMSTERDAM)


def test_two_lessons_of_one_reported_absence_show_once() -> None:
    later = {"beginDatumTijd": "2026-09-07T12:00:00.000+02:00", "eindDatumTijd": "2026-09-07T12:45:00.000+02:00"}
    whole = report(eindDatumTijd=later["eindDatumTijd"])
    assert only(absences([whole], [observation(1), observation(2, **later)])).identity == "melding:1234567890123"


def test_an_absence_that_nobody_reported_shows_beside_the_reported_one() -> None:
    other = observation(beginDatumTijd="2026-09-07T12:00:00.000+02:00", eindDatumTijd="2026-09-07T12:45:00.000+02:00")
    events = absences([report()], [other]).events
    assert [event.identity for event in events] == ["melding:1234567890123", "waarneming:2234567890123"]


@pytest.mark.parametrize("sort", ["Aanwezig", None, "", "Onbekend"])
def test_only_being_seen_absent_is_an_absence(sort: str | None) -> None:
    reading = absences([], [observation(waarnemingSoort=sort)])
    assert (reading.events, reading.skipped) == ((), 0)


@pytest.mark.parametrize("sort", ["Afwezig", "AFWEZIG", "afwezig"])
def test_being_seen_absent_is_an_absence_in_any_case(sort: str) -> None:
    assert only(absences([], [observation(waarnemingSoort=sort)])).kind is Kind.ABSENCE


@pytest.mark.parametrize(
    ("start", "until"),
    [
        ("2026-09-07T11:15:00.000+02:00", utc(2026, 9, 7, 22)),
        ("2026-12-07T11:15:00.000+01:00", utc(2026, 12, 7, 23)),
        ("2026-09-07T23:30:00.000Z", utc(2026, 9, 8, 22)),
    ],
)
def test_a_report_that_is_still_open_lasts_to_the_end_of_its_day(start: str, until: object) -> None:
    when = only(absences([report(beginDatumTijd=start, eindDatumTijd=None)])).when
    assert isinstance(when, Timed)
    assert when.end == until


def test_a_late_arrival_of_no_length_is_shown_as_a_minute() -> None:
    late = "2026-09-07T11:20:00.000+02:00"
    when = only(absences([report(beginDatumTijd=late, eindDatumTijd=late)])).when
    assert isinstance(when, Timed)
    assert when.end - when.start == timedelta(minutes=1)


def test_an_absence_that_begins_after_it_ends_is_skipped_and_counted() -> None:
    wrong = report(2, beginDatumTijd="2026-09-07T13:00:00.000+02:00")
    reading = absences([report(1), wrong])
    assert ([event.identity for event in reading.events], reading.skipped) == (["melding:1"], 1)


def test_either_list_of_which_most_cannot_be_read_is_refused() -> None:
    for reports, observations in (([{}], [observation()]), ([report()], [{}, None])):
        with pytest.raises(BadResponse):
            absences(reports, observations)


def test_a_report_and_an_observation_of_one_number_are_two_things() -> None:
    other = observation(
        5, beginDatumTijd="2026-09-08T12:00:00.000+02:00", eindDatumTijd="2026-09-08T12:45:00.000+02:00"
    )
    assert len({event.identity for event in absences([report(5)], [other]).events}) == 2


def test_a_parent_sees_only_the_absences_of_the_chosen_child() -> None:
    other = {"leerling": links(99)}
    own_reports, others_reports = report(1), report(2, **other)
    own_seen = observation(3, beginDatumTijd="2026-09-08T12:00:00", eindDatumTijd="2026-09-08T12:45:00")
    others_seen = own_seen | links(4) | other
    both = ([own_reports, others_reports], [own_seen, others_seen])
    assert [event.identity for event in absences(*both).events] == ["melding:1", "waarneming:3"]
    assert [event.identity for event in absences(*both, pupil="99").events] == ["melding:2", "waarneming:4"]


def test_another_childs_report_hides_no_absence() -> None:
    assert only(absences([report(leerling=links(99))], [observation()])).identity == "waarneming:2234567890123"


def test_the_sort_of_absence_is_the_reason_where_nothing_more_is_told() -> None:
    assert only(absences([report(absentieReden={"absentieSoort": "Te laat"})])).reason == "Te laat"
    assert only(absences([report(absentieReden=None)])).reason == ""


@pytest.mark.parametrize("offset", ["+02:00", "+00:00", "Z", "-11:00", "+14:00", ""])
def test_a_vacations_days_are_those_that_are_written_whatever_the_offset(offset: str) -> None:
    told = vacation(beginDatum=f"2026-10-17T00:00:00.000{offset}", eindDatum=f"2026-10-25T00:00:00.000{offset}")
    assert only(vacations(told)).when == AllDay(date(2026, 10, 17), date(2026, 10, 26))


def test_a_vacation_of_a_date_only_lasts_that_day() -> None:
    told = vacation(beginDatum="2026-10-17", eindDatum="2026-10-17")
    assert only(vacations(told)).when == AllDay(date(2026, 10, 17), date(2026, 10, 18))


def test_a_vacation_that_begins_after_it_ends_is_skipped_and_counted() -> None:
    reading = vacations(vacation(1), vacation(2, eindDatum="2026-10-16T00:00:00.000+02:00"))
    assert ([event.identity for event in reading.events], reading.skipped) == (["1"], 1)


def test_a_vacation_without_an_id_is_known_by_name_and_first_day() -> None:
    nameless = vacation(links=[])
    longer = nameless | {"eindDatum": "2026-10-26T00:00:00.000+02:00"}
    other = nameless | {"naam": "Kerstvakantie"}
    assert only(vacations(nameless)).identity == only(vacations(longer)).identity
    assert only(vacations(nameless)).identity != only(vacations(other)).identity
