"""Assignments, and who replaces whom in them."""

from typing import Annotated

from bridge.sources.informat.models.fields import Count, Filled, Flag, Guid, Hours, Items, MaybeGuid, Record, Span, Text


class Replacement(Record):
    """One of `vervangingen`: the substitute's assignment, and the interruption that it covers."""

    opdracht_id: MaybeGuid = ""
    do_id: MaybeGuid = ""


class Assignment(Span):
    """GET /employees/assignments and /employees/{personId}/assignments.

    `prestatie_uren` of `prestatie_noemer` hours, a full-time position.
    """

    id: Guid
    person_id: Guid
    hfd: Text = ""
    vervangingen: Annotated[tuple[Replacement, ...], Items] = ()
    prestatie_uren: Hours = None
    prestatie_noemer: Hours = None
    uren_tbs_o_b: Hours = None
    ato: Text = ""
    afstand_wachtgeld: Hours = None
    reaff_wedertew: Text = ""
    bekwaamheidsbewijs: Filled = ""
    graad: Filled = ""
    leerjaar: Filled = ""
    onderwijsvorm: Filled = ""
    opleidingsvorm: Text = ""
    ambt_code: Text = ""
    ambt: Filled = ""
    vak_code: Text = ""
    vak: Filled = ""
    vak_rubriek: Text = ""
    gelijkgesteld_vak_code: Text = ""
    gelijkgesteld_vak: Filled = ""
    gelijkgesteld_vak_rubriek: Text = ""
    is_ambtvak: Flag = None
    aanstellingscode: Count = None
    is_tao: Flag = None
    is_vacature: Flag = None
    mandaat_code: Text = ""
    omkadering_code: Text = ""
    omkadering: Filled = ""
    opmerking: Filled = ""
    vestiging: Filled = ""
    barema_code: Text = ""
    barema: Filled = ""
    vwo_studiegebied_code: Text = ""
    vwo_studiegebied: Filled = ""
    vwo_opleiding_code: Text = ""
    vwo_opleiding: Filled = ""
    vwo_module_code: Text = ""
    vwo_module: Filled = ""
    uren_van_scholengem: Flag = None
    uren_van_andere_school: Flag = None
    opdracht_type: Count = None
