"""The days of a feed are those of its own sources' zone, wherever these stand in the settings."""

from collections.abc import AsyncIterator

import pytest

from bridge.model.event import Kind
from bridge.store.feed import Members, NewFeed
from tests.club.server import Member, new_club
from tests.conftest import OpenSchool, School, SettableClock

ANNA, BRAM = Member("anna", "Anna"), Member("bram", "Bram")


@pytest.fixture
async def schools(open_school: OpenSchool, clock: SettableClock) -> AsyncIterator[School]:
    """Anna at the second club, abroad; Bram at both."""
    clubs = {name: new_club(clock, (ANNA, BRAM)).stand_in for name in ("here", "there")}
    async with open_school(clubs, there={"timezone": "Pacific/Auckland"}) as opened:
        await opened.add("anna", "there")
        await opened.add("bram", "there")
        await opened.add("bram", "here")
        await opened.refresh()
        yield opened


async def zone_of(school: School, user: str, name: str = "default") -> str:
    """The zone that a feed without any time names."""
    (line,) = (line for line in (await school.ics(user, name)).splitlines() if line.startswith("X-WR-TIMEZONE:"))
    return line.partition(":")[2]


async def test_a_feed_takes_the_zone_of_its_own_school(schools: School) -> None:
    await schools.feed("anna", kinds=[Kind.NOTICE])
    await schools.feed("bram", kinds=[Kind.NOTICE])
    assert await zone_of(schools, "anna") == "Pacific/Auckland"
    assert await zone_of(schools, "bram") == "Europe/Amsterdam"


async def test_a_feed_of_chosen_sources_takes_theirs(schools: School) -> None:
    await schools.bridge.store.feeds.add("bram", NewFeed(kinds=[Kind.NOTICE], sources=["there"]), schools.clock())
    await schools.bridge.publisher.publish_wanted()
    assert await zone_of(schools, "bram") == "Pacific/Auckland"


async def test_a_team_takes_that_of_its_members(schools: School) -> None:

    await schools.bridge.store.users.add("team", "Team", schools.clock())
    for name, members in {"anna": Members(users=("anna",)), "class": Members(source="there", group="4V")}.items():
        await schools.bridge.store.feeds.add(
            "team", NewFeed(name, kinds=[Kind.ABSENCE], members=members), schools.clock()
        )
    await schools.bridge.publisher.publish_wanted()
    assert await zone_of(schools, "team", "anna") == "Pacific/Auckland"
    assert await zone_of(schools, "team", "class") == "Pacific/Auckland"
