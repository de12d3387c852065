"""VTIMEZONEs against the IANA database, hour by hour."""

import re
from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from icalendar import Calendar, Component

from bridge.calendar.timezone import is_repeated, timezone_block
from tests.calendar.entries import between, entry, rendered, week

ZONES = [
    "Europe/Amsterdam",
    "Europe/Brussels",
    "America/Curacao",
    "America/New_York",
    "Europe/Dublin",
    "Australia/Lord_Howe",
]
YEARS = (2024, 2030)


def parsed(block: bytes) -> Any:
    return Component.from_ical(block)


def offset_of(component: Any, name: str) -> timedelta:
    offset: timedelta = component[name].td
    return offset


class Clock:
    """Reads a VTIMEZONE as RFC 5545 (3.6.5) says: the observance that began last holds."""

    def __init__(self, block: bytes, until: int) -> None:
        onsets = []
        for observance in parsed(block).subcomponents:
            start = observance["dtstart"].dt
            before, after = (offset_of(observance, f"tzoffset{side}") for side in ("from", "to"))
            moments = [start]
            if "rrule" in observance:
                rule = rrulestr(observance["rrule"].to_ical().decode(), dtstart=start)
                moments = rule.between(start, datetime(until + 1, 1, 1), inc=True)  # noqa: DTZ001 - local
            onsets += [((moment - before).replace(tzinfo=UTC), after) for moment in moments]
        self.onsets = sorted(onsets)
        self.moments = [moment for moment, _ in self.onsets]

    def offset(self, moment: datetime) -> timedelta:
        return self.onsets[bisect_right(self.moments, moment) - 1][1]


@pytest.mark.parametrize("zone", ZONES)
def test_every_hour_of_seven_years_is_as_the_database_says(zone: str) -> None:
    first, last = YEARS
    block = timezone_block(zone, first, last)
    assert block is not None
    clock, tz = Clock(block, last), ZoneInfo(zone)
    moment = datetime(first, 1, 1, tzinfo=UTC)
    wrong = []
    while moment.year <= last:
        if clock.offset(moment) != moment.astimezone(tz).utcoffset():
            wrong.append(moment)
        moment += timedelta(hours=1)
    assert wrong == []


@pytest.mark.parametrize("zone", ZONES)
def test_a_timezone_begins_in_1970_and_goes_on_by_rule(zone: str) -> None:
    block = timezone_block(zone, *YEARS)
    assert block is not None
    assert b"RDATE" not in block
    for observance in parsed(block).subcomponents:
        assert observance["dtstart"].dt.year == 1970
        assert ("rrule" in observance) == (zone != "America/Curacao")


@pytest.mark.parametrize("zone", ZONES)
def test_daylight_time_is_the_one_that_is_ahead(zone: str) -> None:
    block = timezone_block(zone, *YEARS)
    assert block is not None
    for observance in parsed(block).subcomponents:
        ahead = offset_of(observance, "tzoffsetto") > offset_of(observance, "tzoffsetfrom")
        assert ahead == (observance.name == "DAYLIGHT")


@pytest.mark.parametrize("zone", ["Africa/Casablanca", "Asia/Gaza"])
def test_a_zone_without_a_yearly_rule_has_none(zone: str) -> None:
    assert timezone_block(zone, *YEARS) is None


def test_a_zone_that_gave_up_its_rule_within_the_years_has_none() -> None:
    assert timezone_block("America/Sao_Paulo", 2017, 2021) is None
    assert timezone_block("America/Sao_Paulo", 2020, 2026) is not None


def test_a_zone_that_changed_its_offset_at_new_year_has_none() -> None:
    assert timezone_block("Asia/Kolkata", 1940, 1950) is None


@pytest.mark.parametrize("year", range(2024, 2031))
def test_the_years_in_use_do_not_change_the_rule(year: int) -> None:
    for zone in ZONES:
        assert timezone_block(zone, year, year) == timezone_block(zone, *YEARS)


def test_every_zone_that_is_named_is_told_once() -> None:
    entries = [entry(zone, when=between(datetime(2026, 9, 7, 8, tzinfo=UTC), 60, zone)) for zone in [*ZONES, "UTC"]]
    calendar = rendered(*week(), *entries)
    named = set(re.findall(rb"TZID=([^:;]+):", calendar))
    told = [str(block["tzid"]).encode() for block in Calendar.from_ical(calendar).walk("VTIMEZONE")]
    assert sorted(told) == sorted(named)


@pytest.mark.parametrize("zone", [*ZONES, "Africa/Casablanca", "Pacific/Apia", "UTC"])
def test_a_time_is_repeated_where_the_database_has_it_twice(zone: str) -> None:
    tz = ZoneInfo(zone)
    moment = datetime(2023, 12, 25, tzinfo=UTC)
    while moment.year < 2027:
        local = moment.astimezone(tz)
        twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
        assert is_repeated(moment, zone) is twice, moment
        moment += timedelta(minutes=30)
