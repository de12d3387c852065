"""What an institute's lists have about one person, and of others only who replaces whom.

The result does not depend on the order of the lists.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from bridge.model.event import AllDay
from bridge.sources.informat.institute import Assignments
from bridge.sources.informat.models.interruption import Interruption
from bridge.sources.informat.models.person import OwnAssignments, OwnInterruptions, Substitute, Substitution
from bridge.sources.informat.register import Years
from bridge.sources.informat.staff import Staff

_DAY = timedelta(days=1)


def interruptions_of(person: str, interruptions: Years[Interruption]) -> OwnInterruptions:
    """The interruptions of a person."""
    own = interruptions.own(person)
    return OwnInterruptions(own.items, own.unread)


def substitutes_of(
    person: str, interruptions: Years[Interruption], assignments: Assignments, staffs: Sequence[Staff]
) -> OwnInterruptions:
    """The interruptions of a person, and who covers each of them."""
    found = {
        Substitute(interruption.do_id, name)
        for interruption in interruptions.keyed(person)
        for key in assignments.covering(interruption.do_id)
        if (cover := assignments.items.get(key))
        and cover.person_id != person
        and (name := _name(cover.person_id, staffs))
    }
    own = interruptions.own(person)
    return OwnInterruptions(own.items, own.unread, tuple(sorted(found, key=repr)))


def assignments_of(
    person: str, interruptions: Years[Interruption], assignments: Assignments, staffs: Sequence[Staff]
) -> OwnAssignments:
    """The assignments of a person, and the days of colleagues' absences that they cover.

    Of a colleague it has only the personId, the name and the days; the assignments are the person's own.
    """
    own = assignments.items.own(person)
    found = set(_covered(person, interruptions, assignments, staffs))
    hidden = set(_hidden(person, interruptions, assignments))
    return OwnAssignments(own.items, own.unread, tuple(sorted(found, key=repr)), tuple(sorted(hidden)))


def _covered(
    person: str, interruptions: Years[Interruption], assignments: Assignments, staffs: Sequence[Staff]
) -> Iterator[Substitution]:
    for assignment in assignments.items.keyed(person):
        for key in assignments.covered(assignment.id):
            if (absent := interruptions.get(key)) and absent.person_id != person:
                first = max(absent.begindatum, assignment.begindatum)
                last = min(absent.einddatum, assignment.einddatum)
                if first <= last:
                    days = AllDay(first, last + _DAY)
                    yield Substitution(absent.person_id, _name(absent.person_id, staffs), days, assignment)


def _hidden(person: str, interruptions: Years[Interruption], assignments: Assignments) -> Iterator[str]:
    """The colleagues of whom an interruption, or the assignment that covers it, cannot be read."""
    for assignment in assignments.items.keys(person):
        for key in assignments.covered(assignment):
            if absent := interruptions.lost(key):
                yield absent
            elif (interruption := interruptions.get(key)) and assignments.items.lost(assignment):
                yield interruption.person_id


def _name(person: str, staffs: Sequence[Staff]) -> str:
    """The name of a person in the latest school year that has them; empty if none has."""
    return next((staff.people[person].title for staff in reversed(staffs) if person in staff.people), "")
