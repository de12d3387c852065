"""Employees in both versions of the API."""

from typing import Annotated

from bridge.sources.informat.models.fields import Filled, Flag, Guid, Items, Record, Text, Texts


class EmployeeV1(Record):
    """GET /employees, Api-Version 1. `person_id` is a number that no other call has; `email` is of the school."""

    person_id: Text
    naam: Filled = ""
    voornaam: Filled = ""
    is_active: Flag = None
    email: Texts = ()


class EmailAddress(Record):
    """An item of `emailadressen`. `type` is School, Privé, Eigen or another."""

    type: Filled = ""
    email: Filled = ""


class StaffGroup(Record):
    """An item of `personeelsgroepen`."""

    naam: Filled = ""


class Employee(Record):
    """GET /employees, Api-Version 2, and /employees/{personId} in any version."""

    person_id: Guid
    naam: Filled = ""
    voornaam: Filled = ""
    is_active: Flag = None
    is_overleden: Flag = None
    emailadressen: Annotated[tuple[EmailAddress, ...], Items] = ()
    personeelsgroepen: Annotated[tuple[StaffGroup, ...], Items] = ()
