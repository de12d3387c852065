"""Assignments, and who replaces whom in them."""

from typing import Annotated

from bridge.sources.informat.models.fields import Filled, Guid, Hours, Items, MaybeGuid, Record, Span


class Replacement(Record):
    """An item of `vervangingen`: the assignment of a substitute and the interruption that it covers."""

    opdracht_id: MaybeGuid = ""
    do_id: MaybeGuid = ""


class Assignment(Span):
    """GET /employees/assignments: `prestatie_uren` hours; a full-time position has `prestatie_noemer`.

    `hfd` is the structure of the position. `graad`, `leerjaar` and `onderwijsvorm` (such as ASO) say for which classes.
    """

    id: Guid
    person_id: Guid
    hfd: Filled = ""
    vervangingen: Annotated[tuple[Replacement, ...], Items] = ()
    prestatie_uren: Hours = None
    prestatie_noemer: Hours = None
    ambt: Filled = ""
    vak: Filled = ""
    vestiging: Filled = ""
    graad: Filled = ""
    leerjaar: Filled = ""
    onderwijsvorm: Filled = ""
