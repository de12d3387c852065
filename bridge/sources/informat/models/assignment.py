"""Assignments, and who replaces whom in them."""

from typing import Annotated

from bridge.sources.informat.models.fields import Filled, Guid, Hours, Items, MaybeGuid, Record, Span


class Replacement(Record):
    """One of `vervangingen`: the substitute's assignment, and the interruption that it covers."""

    opdracht_id: MaybeGuid = ""
    do_id: MaybeGuid = ""


class Assignment(Span):
    """GET /employees/assignments: `prestatie_uren` of `prestatie_noemer` hours, a full-time position."""

    id: Guid
    person_id: Guid
    vervangingen: Annotated[tuple[Replacement, ...], Items] = ()
    prestatie_uren: Hours = None
    prestatie_noemer: Hours = None
    ambt: Filled = ""
    vak: Filled = ""
    vestiging: Filled = ""
