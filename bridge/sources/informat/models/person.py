"""What concerns one person, put together from an institute's lists; `skipped` items of theirs cannot be read."""

from dataclasses import dataclass

from bridge.model.event import AllDay
from bridge.sources.informat.models.assignment import Assignment
from bridge.sources.informat.models.interruption import Interruption


@dataclass(frozen=True, slots=True)
class Substitute:
    """Who covers the interruption `do_id`."""

    do_id: str
    colleague: str


@dataclass(frozen=True, slots=True)
class OwnInterruptions:
    """A person's interruptions, and who covers them where that is to be shown."""

    interruptions: tuple[Interruption, ...]
    skipped: int
    substitutes: tuple[Substitute, ...] = ()


@dataclass(frozen=True, slots=True)
class Substitution:
    """Whom somebody replaces, and when: the days of the interruption on which the assignment that covers it runs."""

    person_id: str
    colleague: str
    days: AllDay


@dataclass(frozen=True, slots=True)
class OwnAssignments:
    """A person's assignments, and the absences of colleagues that they cover."""

    assignments: tuple[Assignment, ...]
    skipped: int
    substitutions: tuple[Substitution, ...]
