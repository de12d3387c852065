"""Write a VTIMEZONE (RFC 5545, 3.6.5) with rules since 1970, the form that all calendar programs understand."""

from collections.abc import Iterable
from datetime import date, datetime

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard, vRecur

from bridge.calendar.observance import Observance, day_of

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_FIRST_YEAR = 1970


def write_timezone(zone: str, observances: Iterable[Observance]) -> bytes:
    """The VTIMEZONE of `zone`, with its observances in this order."""
    block = Timezone()
    block.add("tzid", zone)
    for one in observances:
        block.add_component(_component(one))
    return bytes(block.to_ical())


def _component(observance: Observance) -> TimezoneStandard | TimezoneDaylight:
    component = TimezoneDaylight() if observance.after > observance.before else TimezoneStandard()
    component.add("tzname", observance.name)
    component.add("tzoffsetfrom", observance.before)
    component.add("tzoffsetto", observance.after)
    first = date(_FIRST_YEAR, 1, 1) if observance.rule is None else day_of(_FIRST_YEAR, observance.rule)
    component.add("dtstart", datetime.combine(first, observance.at))
    if observance.rule is not None:
        month, nth, weekday = observance.rule
        component.add("rrule", vRecur(FREQ="YEARLY", BYMONTH=month, BYDAY=f"{nth}{_DAYS[weekday]}"))
    return component
