"""What concerns two persons, put together from an institute's lists."""

from bridge.sources.informat.models.fields import Filled, Guid, Record, Span


class Substitute(Record):
    """Who covers an interruption."""

    do_id: Guid
    colleague: Filled = ""


class Substitution(Record):
    """Whom somebody replaces: the days of the colleague's interruption, and of the assignment that covers it."""

    person_id: Guid
    colleague: Filled = ""
    interruption: Span
    assignment: Span
