"""A feed whose account stands still says so, on today, until it is well again."""

from collections.abc import AsyncIterator, Mapping

import pytest
from icalendar import Calendar

from bridge.calendar.lint.linter import lint
from bridge.model.event import Kind
from bridge.store.feed import NewFeed
from tests.club.server import API, Club, Member, new_club
from tests.conftest import OpenSchool, School, SettableClock
from tests.faults import saying

ANNA = Member("anna", "Anna")


@pytest.fixture
def club(clock: SettableClock) -> Club:
    return new_club(clock, (ANNA,))


@pytest.fixture
async def school(open_school: OpenSchool, club: Club) -> AsyncIterator[School]:
    async with open_school({"club": club.stand_in}) as opened:
        await opened.add("anna", "club")
        yield opened


async def add_feed(school: School, options: Mapping[str, str], name: str = "default") -> None:
    await school.bridge.store.feeds.add("anna", NewFeed(name, kinds=[Kind.LESSON], options=options), school.clock())


async def alerts(school: School, name: str = "default") -> list[tuple[str, str, str]]:
    """Day, title and description of what the feed says of itself."""
    calendar = await school.bridge.store.renderings.calendar("anna", name)
    assert calendar is not None
    assert not lint(calendar)
    return [
        (str(event.decoded("dtstart")), str(event["summary"]), str(event["description"]))
        for event in Calendar.from_ical(calendar).walk("VEVENT")
        if b"CATEGORIES:Bericht" in event.to_ical()
    ]


async def test_a_feed_says_once_a_day_that_it_stands_still_and_stops_when_it_is_well(
    school: School, club: Club, clock: SettableClock
) -> None:
    await add_feed(school, {})
    await add_feed(school, {"alerts": "off"}, "silent")
    await school.refresh()
    assert await alerts(school) == []
    club.stand_in.faults[API] = saying(500)
    clock.forward(hours=1)
    await school.refresh()
    assert await alerts(school) == []
    clock.forward(hours=23, minutes=5)
    await school.bridge.publisher.publish_wanted()
    [(day, title, notes)] = await alerts(school)
    assert day == str(clock().date())
    assert title.endswith(" staat stil")
    assert notes.startswith("Sinds ")
    assert await alerts(school, "silent") == []

    clock.forward(days=1)
    await school.bridge.publisher.publish_wanted()
    assert [found[0] for found in await alerts(school)] == [str(clock().date())]

    club.stand_in.faults.clear()
    clock.forward(minutes=5)
    await school.refresh()
    assert await alerts(school) == []


async def test_an_account_that_fails_for_an_hour_alarms_nobody(
    school: School, club: Club, clock: SettableClock
) -> None:
    await add_feed(school, {})
    await school.refresh()
    for _ in range(30):
        club.stand_in.faults[API] = saying(500)
        clock.forward(hours=1)
        await school.refresh()
        club.stand_in.faults.clear()
        await school.refresh()
        assert await alerts(school) == []


async def test_whoever_has_to_log_in_again_is_told_so(school: School, club: Club, clock: SettableClock) -> None:
    await add_feed(school, {"language": "nl"})
    await school.refresh()
    club.stand_in.faults["/oauth2/token"] = saying(400, '{"error": "invalid_grant"}')
    clock.forward(hours=2)
    await school.refresh()
    clock.forward(days=1, hours=1)
    await school.bridge.publisher.publish_wanted()
    [(_, _, notes)] = await alerts(school)
    assert "Log opnieuw in" in notes
