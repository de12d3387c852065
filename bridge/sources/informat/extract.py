"""What an institute's lists say of one person, and nothing of anybody else but who replaces whom."""

from collections.abc import Iterator, Sequence

from bridge.sources.informat.institute import Assignments
from bridge.sources.informat.models.fields import Span
from bridge.sources.informat.models.interruption import Interruption
from bridge.sources.informat.register import Years, canonical, canonical_list
from bridge.sources.informat.staff import Staff
from bridge.upstream.contract import Answer

INTERRUPTIONS, SUBSTITUTES = "interruptions", "substitutes"
ASSIGNMENTS, SUBSTITUTIONS = "assignments", "substitutions"


def interruptions_of(person: str, interruptions: Years[Interruption]) -> Answer:
    """A person's interruptions, as they came."""
    return Answer(((INTERRUPTIONS, interruptions.own(person)),))


def substitutes_of(
    person: str, interruptions: Years[Interruption], assignments: Assignments, staffs: Sequence[Staff]
) -> Answer:
    """A person's interruptions, as they came, and who covers each."""
    told = (
        {"doId": interruption.do_id, "colleague": name}
        for interruption in interruptions.readable(person)
        for key in assignments.covering(interruption.do_id)
        if (found := assignments.items.get(key))
        and found.person_id != person
        and (name := _name(found.person_id, staffs))
    )
    return Answer(((INTERRUPTIONS, interruptions.own(person)), (SUBSTITUTES, canonical_list(map(canonical, told)))))


def assignments_of(
    person: str, interruptions: Years[Interruption], assignments: Assignments, staffs: Sequence[Staff]
) -> Answer:
    """A person's assignments, as they came, and the days of each colleague's interruption that one of them covers.

    Of the colleague no more is told than the personId, the name and the days.
    """
    told = map(canonical, _covered(person, interruptions, assignments, staffs))
    return Answer(((ASSIGNMENTS, assignments.items.own(person)), (SUBSTITUTIONS, canonical_list(told))))


def _covered(
    person: str, interruptions: Years[Interruption], assignments: Assignments, staffs: Sequence[Staff]
) -> Iterator[dict[str, object]]:
    for assignment in assignments.items.readable(person):
        for key in assignments.covered(assignment.id):
            if (absent := interruptions.get(key)) and absent.person_id != person:
                yield {
                    "personId": absent.person_id,
                    "colleague": _name(absent.person_id, staffs),
                    "interruption": _days(absent),
                    "assignment": _days(assignment),
                }


def _days(span: Span) -> dict[str, str]:
    return {"begindatum": span.begindatum.isoformat(), "einddatum": span.einddatum.isoformat()}


def _name(person: str, staffs: Sequence[Staff]) -> str:
    """What the latest school year calls somebody; nothing where none knows them."""
    return next((staff.people[person].title for staff in reversed(staffs) if person in staff.people), "")
