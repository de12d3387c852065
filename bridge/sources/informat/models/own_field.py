"""Fields that a school has added itself."""

from bridge.sources.informat.models.fields import Count, Guid, MaybeGuid, Record, Text


class OwnField(Record):
    """GET /employees/ownfields and /employees/{personId}/ownfields. `rubriek`: 1 personalia, 2 employment."""

    person_id: Guid
    vv_id: MaybeGuid = ""
    naam: Text = ""
    waarde: Text = ""
    data_type: Text = ""
    rubriek: Count = None
