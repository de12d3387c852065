"""Lessons of another source that have the names of the stand_in."""

from dataclasses import replace

from bridge.upstream.discovery import discover
from bridge.upstream.standin import StandIn
from tests.club.server import new_club
from tests.conftest import OpenSchool, SettableClock
from tests.faults import saying

WEEK = "GET /rest/v1/afspraakitems/{id}/jaar/{year}/week/{week}"
NEAR = 4
"""Weeks that are read each time."""


async def test_titles_follow_the_register_with_their_sequence_and_stay_when_it_is_away(
    stand_in: StandIn, open_school: OpenSchool, clock: SettableClock
) -> None:
    club = new_club(clock)
    club.put(replace(club.ahead()[0], title="wisB"))
    names = {"names_for": ["club"]}
    async with open_school({"club": club.stand_in, "register": stand_in}, register=names) as school:
        await school.add("anna", "club")
        await school.feed("anna")
        rows = await school.refresh()
        assert [(row.user, row.part, row.ok, row.changed) for row in rows if row.source == "register"] == [
            (None, "names", True, 0)
        ]
        first = await school.ics("anna")
        assert "X-WR-CALNAME:Anna · Fortes Lyceum" in first
        assert "SUMMARY:Wiskunde B" in first

        stand_in.faults["/"] = saying(503)
        assert [row.ok for row in await school.refresh() if row.source == "register"] == [False]
        assert await school.ics("anna") == first

        stand_in.faults.clear()
        stand_in.controls["rename-subject"]()
        clock.forward(hours=1)
        rows = await school.refresh()
        assert [row.changed for row in rows if row.source == "register"] == [1]
        assert [row.changed for row in rows if row.part == "schedule"] == [1]
        after = await school.ics("anna")
        assert after.count("SEQUENCE:1") == 1
        assert "SUMMARY:Wiskunde B\r\n" not in after


async def test_a_subject_that_a_register_renames_is_renamed_in_far_weeks_too(
    stand_in: StandIn, open_school: OpenSchool, clock: SettableClock
) -> None:
    fortes, names = discover()["somtoday"].stand_in(clock), {"names_for": ["fortes"]}
    async with open_school({"fortes": fortes, "register": stand_in}, register=names) as school:
        await school.add("anna", "fortes")
        await school.feed("anna")
        await school.refresh()
        before = (await school.ics("anna")).count("SUMMARY:Wiskunde B\r\n")
        stand_in.controls["rename-subject"]()
        clock.forward(hours=1)
        assert all(row.ok for row in await school.refresh())
        after = await school.ics("anna")
        assert after.count("SUMMARY:Wiskunde B\r\n") == 0 < before
        fortes.requests.clear()
        clock.forward(hours=1)
        await school.refresh()
        assert fortes.requests[WEEK] == NEAR, "far weeks are not due again"
