"""The lists of an institute by school year, each requested once for all accounts."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

from bridge.errors import BadResponse, TooLarge
from bridge.sources.informat.client import InformatClient, RefusedRequest
from bridge.sources.informat.listing import Listing, Model
from bridge.sources.informat.models.assignment import Assignment
from bridge.sources.informat.models.interruption import Interruption
from bridge.sources.informat.register import Replacements, Years, assignment_register, interruption_register
from bridge.sources.informat.settings import InformatSettings
from bridge.sources.informat.staff import Staff, numbered_staff_of, staff_of
from bridge.upstream.shared_fetch import SharedFetch

_READ = TypeVar("_READ")


@dataclass(frozen=True, slots=True)
class Assignments:
    """The assignments of some school years, with who replaces whom."""

    items: Years[Assignment]
    replacements: tuple[Replacements, ...]

    def covered(self, assignment: str) -> frozenset[str]:
        """The interruptions that an assignment of a substitute covers."""
        return frozenset().union(*(found.covered.get(assignment, ()) for found in self.replacements))

    def covering(self, interruption: str) -> frozenset[str]:
        """The assignments of substitutes that cover an interruption."""
        return frozenset().union(*(found.covering.get(interruption, ()) for found in self.replacements))


class Institute:
    """The lists of an institute for some school years. Each raises SourceError if one of them fails.

    A list that is too large for one answer is requested person by person.
    """

    def __init__(self, client: InformatClient, shared: SharedFetch, settings: InformatSettings) -> None:
        self._client = client
        self._shared = shared
        self._settings = settings

    async def staff(self, years: Sequence[str]) -> tuple[Staff, ...]:
        """The employees, in the order of the years.

        Raises:
            BadResponse: there are none, which no institute has: its other lists cannot be trusted either.
        """
        staffs = [await self._shared.get(("employees", year), partial(self._staff, year)) for year in years]
        if not any(staff.people for staff in staffs):
            raise BadResponse(f"{self._client.origin} has nobody on the staff of this institute.")
        return tuple(staffs)

    async def employs(self, person: str, year: str) -> bool:
        """Whether a person exists, if the list of employees has only numbers."""
        try:
            return await self._client.employee(person, year) is not None
        except RefusedRequest:
            return False

    async def interruptions(self, years: Sequence[str], after: datetime | None = None) -> Years[Interruption]:
        """The interruptions of everybody, asked for after a moment if that is given.

        An empty list is accepted only if the institute has staff.
        """
        ask = self._client.interruptions, self._client.interruptions_of
        found = Years(
            [await self._list("interruptions", year, interruption_register, *ask, after=after) for year in years]
        )
        if not found:
            await self.staff(years)
        return found

    async def assignments(self, years: Sequence[str]) -> Assignments:
        """The assignments of everybody.

        Raises:
            BadResponse: there are none, which no institute has.
        """
        ask = self._client.assignments, self._client.assignments_of
        found = [await self._list("assignments", year, assignment_register, *ask) for year in years]
        items = Years(register for register, _ in found)
        if not items:
            raise BadResponse(f"{self._client.origin} has no assignments of this institute.")
        return Assignments(items, tuple(links for _, links in found))

    async def _staff(self, year: str) -> Staff:
        """Version 2 of the list of employees, or version 1 if the API has no other and a structure is set."""
        try:
            return staff_of((await self._client.employees(year)).all())
        except RefusedRequest:
            if not self._settings.structure:
                raise
        return numbered_staff_of((await self._client.employees_v1(year)).all())

    async def _list(
        self,
        name: str,
        year: str,
        read: Callable[[Listing[Model]], _READ],
        everybody: Callable[[str], Awaitable[Listing[Model]]],
        somebody: Callable[[str, str], Awaitable[Listing[Model]]],
        after: datetime | None = None,
    ) -> _READ:
        """A list, in one answer or one for each person. That it is too large is remembered as long as a list is."""

        async def whole() -> _READ | None:
            try:
                return read(await everybody(year))
            except TooLarge:
                return None

        found = await self._shared.get((name, year), whole, after=after)
        if found is not None:
            return found
        (staff,) = await self.staff((year,))
        if staff.numbered:
            raise TooLarge(f"{self._client.origin} sends a list that is too large; set the structure.")

        async def each() -> _READ:
            first, *others = [await somebody(person, year) for person in sorted(staff.people)]
            return read(first.joined(others))

        return await self._shared.get((name, year, "by person"), each, after=after)
