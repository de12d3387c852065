"""What an institute's lists have about one person, and of others only who replaces whom.

The result does not depend on the order of the lists.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from bridge.model.event import AllDay
from bridge.sources.informat.institute import Assignments
from bridge.sources.informat.models.fields import Span
from bridge.sources.informat.models.interruption import Interruption
from bridge.sources.informat.models.person import (
    Coverage,
    Covered,
    OwnAssignments,
    OwnInterruptions,
    Substitute,
    Substitution,
)
from bridge.sources.informat.register import Years
from bridge.sources.informat.staff import Staff

_DAY = timedelta(days=1)
_SATURDAY = 5


def interruptions_of(person: str, interruptions: Years[Interruption]) -> OwnInterruptions:
    """The interruptions of a person."""
    own = interruptions.own(person)
    return OwnInterruptions(own.items, own.unread)


def coverage_of(
    person: str, interruptions: Years[Interruption], assignments: Assignments, staffs: Sequence[Staff]
) -> Coverage:
    """Who covers each interruption of a person, and what of the person's work is done, or is not."""
    found = {
        Substitute(interruption.do_id, name)
        for interruption in interruptions.keyed(person)
        for key in assignments.covering(interruption.do_id)
        if (cover := assignments.items.get(key))
        and cover.person_id != person
        and (name := _name(cover.person_id, staffs))
    }
    covered = set(_work_during(person, interruptions, assignments, staffs))
    return Coverage(tuple(sorted(found, key=repr)), tuple(sorted(covered, key=repr)))


def _work_during(
    person: str, interruptions: Years[Interruption], assignments: Assignments, staffs: Sequence[Staff]
) -> Iterator[Covered]:
    """For each assignment of a person during an interruption: who does it, and the days on which nobody does."""
    for interruption in interruptions.keyed(person):
        for own in assignments.items.own(person).items:
            days = _common(interruption, own)
            if days is None or (interruption.hfd and own.hfd and interruption.hfd != own.hfd):
                continue
            what, spans = own.vak or own.ambt, []
            for link in own.vervangingen:
                cover = assignments.items.get(link.opdracht_id) if link.do_id == interruption.do_id else None
                if cover and cover.person_id != person and (span := _common(interruption, own, cover)):
                    spans.append(span)
                    name = _name(cover.person_id, staffs)
                    yield Covered(interruption.do_id, what, span, name, cover.prestatie_uren)
            for gap in _gaps(days, spans):
                yield Covered(interruption.do_id, what, gap, "", own.prestatie_uren)


def _common(*spans: Span) -> AllDay | None:
    """The days that all of these have in common."""
    first, last = max(span.begindatum for span in spans), min(span.einddatum for span in spans)
    return AllDay(first, last + _DAY) if first <= last else None


def _gaps(days: AllDay, covered: Iterable[AllDay]) -> Iterator[AllDay]:
    """The days that are not covered, without weekends at either end."""
    start = days.start
    for span in (*sorted(covered, key=lambda span: span.start), AllDay(days.end, days.end + _DAY)):
        first, end = start, span.start
        while first < end and first.weekday() >= _SATURDAY:
            first += _DAY
        while first < end and (end - _DAY).weekday() >= _SATURDAY:
            end -= _DAY
        if first < end:
            yield AllDay(first, end)
        start = max(start, span.end)


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
            absent = interruptions.get(key)
            if absent and absent.person_id != person and (days := _common(absent, assignment)):
                yield Substitution(key, absent.person_id, _name(absent.person_id, staffs), days, assignment)


def _hidden(person: str, interruptions: Years[Interruption], assignments: Assignments) -> Iterator[str]:
    """The colleagues of whom an interruption, or the assignment that covers it, cannot be read."""
    for assignment in assignments.items.keys(person):
        for key in assignments.covered(assignment):
            if absent := interruptions.lost(key):
                yield absent
            elif (interruption := interruptions.get(key)) and assignments.items.lost(assignment):
                yield interruption.person_id


def names_of(persons: Iterable[str], staffs: Sequence[Staff]) -> dict[str, str]:
    """The names of these people."""
    return {person: name for person in sorted(persons) if (name := _name(person, staffs))}


def named(own: OwnAssignments, names: Mapping[str, str]) -> OwnAssignments:
    """`own` with the names of the colleagues."""
    return replace(
        own, substitutions=tuple(replace(one, colleague=names.get(one.person_id, "")) for one in own.substitutions)
    )


def _name(person: str, staffs: Sequence[Staff]) -> str:
    """The name of a person in the latest school year that has them; empty if none has."""
    return next((staff.people[person].title for staff in reversed(staffs) if person in staff.people), "")
