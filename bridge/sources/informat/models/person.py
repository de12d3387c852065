"""What the lists of an institute have about a person.

`unread` are the keys of items that cannot be read, empty for one without a key.
"""

from dataclasses import dataclass

from bridge.model.event import AllDay
from bridge.sources.informat.models.assignment import Assignment
from bridge.sources.informat.models.interruption import Interruption


@dataclass(frozen=True, slots=True)
class Substitute:
    """The person who covers the interruption `do_id`."""

    do_id: str
    colleague: str


@dataclass(frozen=True, slots=True)
class Covered:
    """What of a person's work is done during the interruption `do_id`, and by whom; by nobody if `by` is empty."""

    do_id: str
    what: str
    days: AllDay
    by: str
    hours: float | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """Who covers the interruptions of a person, and what of the person's work."""

    substitutes: tuple[Substitute, ...] = ()
    covered: tuple[Covered, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnInterruptions:
    """The interruptions of a person, who covers them if that is shown, and what of the person's work is covered."""

    interruptions: tuple[Interruption, ...]
    unread: tuple[str, ...]
    substitutes: tuple[Substitute, ...] = ()
    covered: tuple[Covered, ...] = ()


@dataclass(frozen=True, slots=True)
class Substitution:
    """The colleague whom a person replaces, in which assignment, and the days of the interruption on which it runs."""

    do_id: str
    person_id: str
    colleague: str
    days: AllDay
    assignment: Assignment


@dataclass(frozen=True, slots=True)
class OwnAssignments:
    """The assignments of a person, and the absences of colleagues that they cover.

    `hidden` are the colleagues whose substitution may be missing since something of it cannot be read.
    """

    assignments: tuple[Assignment, ...]
    unread: tuple[str, ...]
    substitutions: tuple[Substitution, ...]
    hidden: tuple[str, ...] = ()
