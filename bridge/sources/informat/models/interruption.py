"""Interruptions of service: illness, leave, strikes."""

from bridge.sources.informat.models.fields import Filled, Flag, Guid, Hours, MaybeGuid, Span, Text


class Interruption(Span):
    """GET /employees/interruptions and /employees/{personId}/interruptions.

    `omschrijving` and both remarks can be health data. `staking` and `staking_uren` say when somebody was on strike.
    """

    do_id: MaybeGuid = ""
    person_id: Guid
    hfd: Text = ""
    code: Text = ""
    omschrijving: Filled = ""
    soort: Text = ""
    verstuurd_ag_o_di: Flag = None
    opm_secretariaat: Filled = ""
    opm_personeelslid: Filled = ""
    staking: Filled = ""
    staking_uren: Hours = None
    ziekteverlof_zonder_bezoldiging: Flag = None
