"""What an institute's lists say of one person, and nothing of anybody else but who replaces whom."""

from collections.abc import Iterator, Sequence

from bridge.source import Answer
from bridge.sources.informat.institute import Assignments
from bridge.sources.informat.models import Interruption, Span
from bridge.sources.informat.register import Years, canonical
from bridge.sources.informat.staff import Staff

INTERRUPTIONS, SUBSTITUTES = "interruptions", "substitutes"
ASSIGNMENTS, SUBSTITUTIONS = "assignments", "substitutions"


def interruptions_of(person: str, interruptions: Years[Interruption]) -> Answer:
    """A person's interruptions, as they came."""
    return Answer(((INTERRUPTIONS, interruptions.own(person)),))


def substitutes_of(
    person: str, interruptions: Years[Interruption], assignments: Assignments, staffs: Sequence[Staff]
) -> Answer:
    """A person's interruptions, as they came, and who covers each."""
    names = sorted(
        (interruption.do_id, name)
        for interruption in interruptions.readable(person)
        for key in assignments.covering(interruption.do_id)
        if key in assignments.items
        and (substitute := assignments.items[key].person_id) != person
        and (name := _name(substitute, staffs))
    )
    told = [{"doId": key, "colleague": name} for key, name in dict.fromkeys(names)]
    return Answer(((INTERRUPTIONS, interruptions.own(person)), (SUBSTITUTES, canonical(told).encode())))


def assignments_of(
    person: str, interruptions: Years[Interruption], assignments: Assignments, staffs: Sequence[Staff]
) -> Answer:
    """A person's assignments, as they came, and the days of each colleague's interruption that one of them covers.

    Of the colleague no more is told than the personId, the name and the days.
    """
    told = sorted(canonical(found) for found in _covered(person, interruptions, assignments, staffs))
    return Answer(
        ((ASSIGNMENTS, assignments.items.own(person)), (SUBSTITUTIONS, f"[{','.join(dict.fromkeys(told))}]".encode()))
    )


def _covered(
    person: str, interruptions: Years[Interruption], assignments: Assignments, staffs: Sequence[Staff]
) -> Iterator[dict[str, object]]:
    for assignment in assignments.items.readable(person):
        for key in assignments.covered(assignment.id):
            if key in interruptions and (absent := interruptions[key]).person_id != person:
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
