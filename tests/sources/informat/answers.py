"""Items in Informat's words, and what a source makes of them on its way to events."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from bridge.model.event import AllDay, Event
from bridge.sources.informat.extract import assignments_of, coverage_of, interruptions_of
from bridge.sources.informat.institute import Assignments
from bridge.sources.informat.listing import Listing
from bridge.sources.informat.mapping import read_assignments, read_interruptions
from bridge.sources.informat.models.assignment import Assignment
from bridge.sources.informat.models.employee import Employee
from bridge.sources.informat.models.interruption import Interruption
from bridge.sources.informat.register import Years, assignment_register, interruption_register
from bridge.sources.informat.staff import Staff, staff_of
from bridge.upstream.contract import Reading

JAN, LOTTE, ELS = (f"{number}" * 8 + "-0000-4000-8000-000000000000" for number in "abc")
ILLNESS = "d0000000-0000-4000-8000-000000000001"
OWN, COVER = "e0000000-0000-4000-8000-000000000001", "f0000000-0000-4000-8000-000000000001"
ORIGIN = "Sint-Jan"

Item = dict[str, Any]


def interruption(first: str = "2026-11-02", last: str = "2026-11-06", **changes: Any) -> Item:
    """Jan's illness, with some of it changed."""
    return {
        "doId": ILLNESS,
        "personId": JAN,
        "hfd": "311",
        "begindatum": f"{first}T00:00:00",
        "einddatum": f"{last}T00:00:00",
        "code": "1",
        "omschrijving": "Ziekteverlof",
        "opmSecretariaat": "Voelde zich grieperig",
        "staking": None,
        "stakingUren": None,
        **changes,
    }


def assignment(key: str = OWN, person: str = JAN, **changes: Any) -> Item:
    """An assignment of the whole year."""
    return {
        "id": key,
        "personId": person,
        "begindatum": "2026-09-01T00:00:00",
        "einddatum": "2027-08-31T00:00:00",
        "hfd": "311",
        "vervangingen": [],
        "prestatieUren": 4.0,
        "prestatieNoemer": 20,
        "ambt": "Leraar",
        "vak": "Wetenschappelijk werk",
        "vestiging": None,
        **changes,
    }


def employee(person: str, first: str, last: str, **changes: Any) -> Item:
    return {"personId": person, "voornaam": first, "naam": last, "isActive": True, **changes}


def staff(*employees: Item) -> Staff:
    chosen = employees or (employee(JAN, "Jan", "Wouters"), employee(LOTTE, "Lotte", "Claes"))
    return staff_of(Listing(chosen, Employee, ORIGIN).all())


def interruptions_in(*years: Sequence[Any]) -> Years[Interruption]:
    return Years(interruption_register(Listing(tuple(items), Interruption, ORIGIN)) for items in years)


def assignments_in(*years: Sequence[Any]) -> Assignments:
    found = [assignment_register(Listing(tuple(items), Assignment, ORIGIN)) for items in years]
    return Assignments(Years(register for register, _ in found), tuple(links for _, links in found))


def absences(person: str, *years: Sequence[Any]) -> Reading:
    """The interruptions of a person, from an institute's lists of some school years."""
    return read_interruptions(interruptions_of(person, interruptions_in(*years)))


def covered_absences(person: str, interruptions: Sequence[Any], assignments: Sequence[Any]) -> Reading:
    """The interruptions of a person, with the names of substitutes."""
    lists = interruptions_in(interruptions), assignments_in(assignments)
    found = coverage_of(person, *lists, [staff()])
    own = interruptions_of(person, lists[0])
    return read_interruptions(replace(own, substitutes=found.substitutes, covered=found.covered))


def work(person: str, interruptions: Sequence[Any], assignments: Sequence[Any], *staffs: Staff) -> Reading:
    """The assignments and substitutions of a person, from an institute's lists of one school year."""
    lists = interruptions_in(interruptions), assignments_in(assignments)
    return read_assignments(assignments_of(person, *lists, staffs or (staff(),)))


def days(first: str, last: str) -> AllDay:
    """Whole days; `last` is the last of them."""
    return AllDay(date.fromisoformat(first), date.fromisoformat(last) + timedelta(days=1))


def days_of(events: Sequence[Event]) -> set[date]:
    """Every day that one of the events takes."""
    found: set[date] = set()
    for event in events:
        assert isinstance(event.when, AllDay)
        length = (event.when.end - event.when.start).days
        found |= {event.when.start + timedelta(days=number) for number in range(length)}
    return found


def told(event: Event) -> dict[str, Any]:
    """What an event says, as the files in `expected` have it: no empty fields."""
    assert isinstance(event.when, AllDay)
    fields = {
        name: getattr(event, name)
        for name in (
            *("identity", "kind", "title", "subject", "label", "groups", "locations"),
            *("reason", "day_part", "hours", "full_hours", "colleague", "code", "notes", "private_notes"),
        )
    }
    span = f"{event.when.start} up to {event.when.end}"
    return json.loads(json.dumps({"when": span} | {name: value for name, value in fields.items() if value}))  # type: ignore[no-any-return]
