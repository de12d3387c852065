"""The staff of an institute."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bridge.sources.informat.models.employee import Employee, EmployeeV1
from bridge.upstream.capabilities import Person

_AT_SCHOOL = "school"


@dataclass(frozen=True, slots=True)
class Staff:
    """The employees of one or more school years by personId, and their personIds by school address in lower case.

    `numbered` is true if the API has only numbers of them (version 1), which no other call has.
    """

    people: Mapping[str, Person]
    addresses: Mapping[str, tuple[str, ...]]
    numbered: bool = False

    def at_address(self, address: str) -> list[Person]:
        """The people with a school address, in upper or lower case."""
        return [self.people[person] for person in self.addresses.get(address.strip().casefold(), ())]


def staff_of(employees: Iterable[Employee]) -> Staff:
    """The staff in a list of version 2: names, school addresses and groups."""
    return _staff(
        (
            Person(
                employee.person_id,
                _title(employee),
                active=employee.is_active is not False and not employee.is_overleden,
                groups=tuple(dict.fromkeys(group.naam for group in employee.personeelsgroepen if group.naam)),
            ),
            [found.email for found in employee.emailadressen if found.type.casefold() == _AT_SCHOOL],
        )
        for employee in employees
    )


def numbered_staff_of(employees: Iterable[EmployeeV1]) -> Staff:
    """The staff in a list of version 1: names and school addresses by number."""
    found = (
        (Person(employee.person_id, _title(employee), active=employee.is_active is not False), employee.email)
        for employee in employees
    )
    return _staff(found, numbered=True)


def joined(staffs: Iterable[Staff]) -> Staff:
    """Join several school years. For each person the latest is used."""
    people: dict[str, Person] = {}
    addresses: dict[str, tuple[str, ...]] = {}
    numbered = False
    for staff in staffs:
        people |= staff.people
        for address, persons in staff.addresses.items():
            addresses[address] = tuple(dict.fromkeys((*addresses.get(address, ()), *persons)))
        numbered = numbered or staff.numbered
    return Staff(people, addresses, numbered)


def _staff(found: Iterable[tuple[Person, Sequence[str]]], *, numbered: bool = False) -> Staff:
    people: dict[str, Person] = {}
    addresses: dict[str, tuple[str, ...]] = {}
    for person, emails in found:
        own = [email for email in emails if "@" in email]
        people[person.identity] = Person(
            person.identity, person.title, own[0] if own else "", person.active, person.groups
        )
        for email in own:
            others = addresses.get(email.casefold(), ())
            addresses[email.casefold()] = tuple(dict.fromkeys((*others, person.identity)))
    return Staff(people, addresses, numbered)


def _title(employee: Employee | EmployeeV1) -> str:
    return f"{employee.voornaam} {employee.naam}".strip()
