"""The address of the school, where a pupil has lessons at several sites of it."""

from typing import Any

from bridge.sources.somtoday import SOURCE
from bridge.sources.somtoday.standin.school import SCHOOL
from tests.conftest import OpenSchool, School, SettableClock
from tests.faults import Handler, retelling
from tests.sources.faults import FAULTS

WEEK = "GET /rest/v1/afspraakitems/{id}/jaar/{year}/week/{week}"
ASKED = "GET /rest/v1/{id}/schoolgegevens"
HERE, THERE = {"vestiging": {"naam": SCHOOL}}, {"vestiging": {"naam": "Gymzaal Zuid"}}
ANSWERS = {"an object", "not found"}
"""Faults that say that there is no address."""
ADDRESS = "Kerkstraat 1, 3511 AB Utrecht"


def at_two_sites() -> Handler:
    """The timetable with every second lesson at another site."""

    def placed(items: Any) -> Any:
        return [
            one | (THERE, HERE)[number % 2] if isinstance(one, dict) and "titel" in one else one
            for number, one in enumerate(items)
        ]

    return retelling(placed)


async def places(school: School) -> set[str]:
    """The places of lessons, without rooms."""
    text = (await school.ics("anna")).replace("\r\n ", "").replace("\\,", ",")
    return {line.partition(", ")[2] for line in text.splitlines() if line.startswith("LOCATION:")}


async def test_a_lesson_at_one_of_several_sites_says_its_address_once_a_week_asked_for(
    open_school: OpenSchool, clock: SettableClock
) -> None:
    async with open_school({"fortes": SOURCE.stand_in(clock)}) as school:
        stand_in = school.stand_ins["fortes"]
        await school.add("anna", "fortes")
        await school.refresh()
        await school.feed("anna")
        assert await places(school) == {""}, "one site needs no name"
        stand_in.faults[WEEK] = at_two_sites()
        assert all(row.ok and not row.error for row in await school.refresh())
        assert await places(school) >= {f"{SCHOOL}, {ADDRESS}", "Gymzaal Zuid"}
        assert stand_in.requests[ASKED] == 1


async def test_an_address_that_does_not_come_takes_no_lesson_and_is_told(
    open_school: OpenSchool, clock: SettableClock
) -> None:
    async with open_school({"fortes": SOURCE.stand_in(clock)}) as school:
        faults = school.stand_ins["fortes"].faults
        await school.add("anna", "fortes")
        for name in sorted(FAULTS, key=lambda name: name in ANSWERS):
            faults[ASKED] = FAULTS[name]
            [row] = [row for row in await school.refresh() if row.part == "schedule"]
            assert row.ok, name
            assert row.events
            assert bool(row.error) == (name not in ANSWERS), name
