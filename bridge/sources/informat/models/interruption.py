"""Interruptions of service: illness, leave, strikes."""

from bridge.sources.informat.models.fields import Filled, Guid, Hours, MaybeGuid, Span, Text


class Interruption(Span):
    """GET /employees/interruptions.

    `hfd` is the structure that recorded it. `omschrijving` can be health data.
    `staking` and `staking_uren` say when somebody was on strike.
    """

    do_id: MaybeGuid = ""
    hfd: Filled = ""
    person_id: Guid
    code: Text = ""
    omschrijving: Filled = ""
    staking: Filled = ""
    staking_uren: Hours = None
