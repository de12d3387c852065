"""What becomes of refreshes, counted by quarter of an hour."""

from bridge.store.activity import QUARTER
from tests.club.server import CLOSED, new_club
from tests.conftest import OpenSchool, SettableClock
from tests.faults import saying


async def test_refreshes_and_requests_are_counted_by_source_and_quarter_of_an_hour(
    open_school: OpenSchool, clock: SettableClock
) -> None:
    club = new_club(clock)
    async with open_school({"club": club.stand_in}) as school:
        bridge = school.bridge
        await school.add("anna", "club")
        began = clock()
        await bridge.tally.keep()
        await school.refresh()
        clock.forward(minutes=15)
        club.stand_in.faults[CLOSED] = saying(500)
        await school.refresh()
        del club.stand_in.faults[CLOSED]
        club.lessons.clear()
        await school.refresh()
        for _ in range(2):
            await bridge.sweeper.sweep()
        good, rest = await bridge.store.activity.since(began)
        assert (good.source, good.good, good.failed, good.held) == ("club", 1, 0, 0)
        assert (rest.good, rest.failed, rest.held) == (0, 1, 1)
        assert rest.starts - good.starts == QUARTER
        assert good.requests >= 2
        await school.refresh()
        await bridge.sweeper.sweep()
        assert (await bridge.store.activity.since(began))[-1].held == 2, "it is added to what is kept"
        clock.forward(days=3)
        await bridge.sweeper.sweep()
        assert await bridge.store.activity.since(began) == []
