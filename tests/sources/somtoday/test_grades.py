"""Grades, for those who ask for them."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bridge.model.event import AllDay, Kind, Part
from bridge.sources.somtoday.mapping.grades import read_grades
from bridge.sync.snapshot import Delivered
from bridge.upstream.contract import Reading, Source, Unread
from bridge.upstream.standin import StandIn
from tests.sources.bodies import body
from tests.sources.somtoday.answers import PUPIL, links, only, page
from tests.sources.somtoday.conftest import PERSON, WINDOW, Fetch, KeptLogin

SAMPLE = Path(__file__).parent / "samples" / "resultaten.json"
ASKED = "GET /rest/v1/resultaten/huidigVoorLeerling/{id}"


def grade(key: object = 1, **changes: Any) -> dict[str, Any]:
    return {
        **links(key),
        "type": "Toetskolom",
        "geldendResultaat": "7.9",
        "datumInvoer": "2026-09-10T13:41:11.805+02:00",
        "vak": {"afkorting": "ckv", "naam": "culturele en kunstzinnige vorming"},
        "leerling": links(int(PUPIL)),
        **changes,
    }


def read(*items: object, with_marks: bool = False) -> Reading:
    return read_grades([page(*items)], pupil=PUPIL, with_marks=with_marks, origin="Fortes")


def test_a_grade_is_a_notice_of_its_day_and_subject() -> None:
    event = only(read(grade()))
    assert (event.kind, event.title) == (Kind.NOTICE, "Nieuw cijfer: culturele en kunstzinnige vorming")
    assert event.when == AllDay(date(2026, 9, 10), date(2026, 9, 11))
    assert "7.9" not in repr(event)


def test_the_mark_is_told_only_where_it_was_asked_for() -> None:
    assert only(read(grade(), with_marks=True)).notes == "Cijfer: 7.9"
    assert only(read(grade(geldendResultaat=None, resultaat="6.0"), with_marks=True)).notes == "Cijfer: 6.0"
    assert only(read(grade(geldendResultaat=None, resultaatLabel="Goed"), with_marks=True)).notes == "Cijfer: Goed"


@pytest.mark.parametrize("row", [{"geldendResultaat": None}, {"geldendResultaat": ""}, {"toetsNietGemaakt": True}])
def test_a_test_without_a_result_is_no_grade(row: dict[str, Any]) -> None:
    assert read(grade(**row)) == Reading(())
    assert read(grade(**row)).skipped == 0


def test_a_grade_tells_of_which_test_it_is() -> None:
    told = grade(omschrijving="Hoofdstuk 3 &amp; 4", toetscode="T1", additionalObjects={"toetssoortnaam": "Proefwerk"})
    assert only(read(told, with_marks=True)).notes == "Toets: Proefwerk: Hoofdstuk 3 & 4\nCijfer: 7.9"
    assert only(read(grade(toetscode="T1"))).notes == "Toets: T1"
    assert only(read(grade(toetsNietGemaakt=False))).notes == ""


def test_a_grade_without_a_day_of_entry_shows_on_none_and_stops_nothing_else() -> None:
    reading = read(grade(1, datumInvoer=None), grade(2))
    assert ([event.identity for event in reading.events], reading.skipped) == (["cijfer:2"], 0)


@pytest.mark.parametrize(
    "sort", ["ToetssoortGemiddeldeKolom", "PeriodeGemiddeldeKolom", "RapportCijferKolom", "RapportGemiddeldeKolom"]
)
def test_what_is_computed_from_grades_is_no_new_grade(sort: str) -> None:
    assert read(grade(type=sort)) == Reading(())


def test_the_sample_is_an_average() -> None:
    assert read_grades([body(SAMPLE.read_bytes())], pupil="1234", with_marks=True, origin="Fortes") == Reading(())


def test_another_childs_grade_does_not_show_and_a_nameless_subject_does() -> None:
    assert read(grade(leerling=links(99))) == Reading(())
    assert only(read(grade(vak=None))).title == "Nieuw cijfer"
    assert read(grade(1), grade(2), grade(3, datumInvoer="x")).unread == (Unread("cijfer:3"),)


@pytest.mark.parametrize(("choice", "marks"), [("on", False), ("marks", True)])
async def test_grades_are_asked_for_where_the_settings_want_them(fetch: Fetch, choice: str, *, marks: bool) -> None:
    outcome = (await fetch(grades=choice))[Part.NOTICES]
    assert isinstance(outcome, Delivered)
    assert outcome.events
    assert all("Toets: Proefwerk: Hoofdstuk 2" in event.notes for event in outcome.events)
    assert all(("Cijfer: " in event.notes) is marks for event in outcome.events)


async def test_grades_are_not_asked_for_otherwise(
    make: Callable[..., Source], stand_in: StandIn, login: KeptLogin
) -> None:
    answers = await make(grades=None).fetch(PERSON, login, WINDOW)
    assert Part.NOTICES not in answers
    assert ASKED not in stand_in.requests
