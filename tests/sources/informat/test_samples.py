"""The vendor's own examples, and what was written down by hand that they should become."""

import json
from pathlib import Path
from typing import Any

import pytest

from bridge.sources.informat.listing import Listing
from bridge.sources.informat.models.assignment import Assignment
from bridge.sources.informat.models.employee import Employee, EmployeeV1
from bridge.sources.informat.staff import numbered_staff_of, staff_of
from bridge.upstream.capabilities import Person
from tests.sources.informat.answers import ORIGIN, absences, told, work

HERE = Path(__file__).parent
EXPECTED = sorted((HERE / "expected").glob("*.json"))


def sample(name: str) -> list[Any]:
    return json.loads((HERE / "samples" / f"{name}.json").read_bytes())  # type: ignore[no-any-return]


@pytest.mark.parametrize("path", EXPECTED, ids=lambda path: path.stem)
def test_a_sample_gives_each_person_the_events_that_were_written_down(path: Path) -> None:
    items = sample(path.stem)
    expected = json.loads(path.read_bytes())
    assert {item["personId"].strip() for item in items} == set(expected)
    for person, events in expected.items():
        reading = work(person, [], items) if path.stem == "assignments" else absences(person, items)
        assert reading.skipped == 0
        assert sorted(map(told, reading.events), key=lambda event: event["when"]) == events


def test_the_two_lists_of_interruptions_tell_the_same_strike_once() -> None:
    person = "bc334b17-58af-48cc-9fd5-1344acf33ab5"
    both = absences(person, sample("interruptions_all"), sample("interruptions_employee"))
    assert [event.reason for event in both.events] == ["Staking"], "coming late and another post are no absences"


def test_the_sample_employee_has_a_name_an_address_at_school_and_groups() -> None:
    staff = staff_of(Listing(tuple(sample("employees_v2")), Employee, ORIGIN).all())
    key = "67e4c91d-0407-4759-a6a7-c427a4784f47"
    groups = ("Mechelen", "leerkrachten 1ste graad")
    address = "andere.spropger.miamella@informat.be"
    assert staff.people == {key: Person(key, "Mia Mella spropger", address, groups=groups)}
    assert [person.identity for person in staff.at_address(address.upper())] == [key]
    assert staff.at_address("spropger.miamella@informat.be") == [], "a private address is nobody's business"


def test_the_sample_employees_of_version_1_are_known_by_number() -> None:
    staff = numbered_staff_of(Listing(tuple(sample("employees_v1")), EmployeeV1, ORIGIN).all())
    assert staff.numbered
    assert list(staff.people.values()) == [
        Person("4074", "Tommy Porter"),
        Person("4481", "Lotte Luten", "lotte.luten@school.be"),
    ]


def test_of_the_sample_employee_no_more_is_read_than_a_calendar_needs() -> None:
    (employee,) = Listing(tuple(sample("employees_v2")), Employee, ORIGIN).all()
    assert (employee.naam, employee.is_active, employee.is_overleden) == ("spropger", True, False)
    read = employee.model_dump_json()
    assert not [private for private in ("57021612345", "BE33343536370048", "Merckx", "1957") if private in read]


def test_the_sample_assignment_names_the_interruption_that_it_covers() -> None:
    (found,) = Listing(tuple(sample("assignments")), Assignment, ORIGIN).all()
    assert {one.do_id for one in found.vervangingen} == {"fd179d48-ebf3-4e0c-8111-4149bffa7757"}
