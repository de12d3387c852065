"""What a stand-in says that can be made to happen shows in a feed: that of the person whom it names."""

import pytest

from bridge.model.event import SHOWN_BY_DEFAULT
from bridge.upstream.discovery import discover
from tests.conftest import OpenSchool, SettableClock

WITH_CONTROLS = [name for name, found in discover().items() if found.stand_in(SettableClock()).shown_to]


@pytest.fixture
def storage_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.mark.parametrize("source", WITH_CONTROLS)
async def test_what_can_be_made_to_happen_shows_in_the_feed_that_is_named(
    open_school: OpenSchool, clock: SettableClock, source: str
) -> None:
    async with open_school() as school:
        stand_in = school.stand_ins[source]
        for user in set(stand_in.shown_to.values()):
            known = {name: one for name, at in school.stand_ins.items() for one in at.people if one.user == user}
            for name in known:
                await school.add(user, name)
            await school.feed(user, kinds=[*SHOWN_BY_DEFAULT, *(kind for one in known.values() for kind in one.kinds)])
        await school.refresh()
        for control, user in stand_in.shown_to.items():
            before = await school.ics(user)
            stand_in.controls[control]()
            clock.forward(seconds=20)
            await school.refresh()
            assert await school.ics(user) != before, control


def test_there_is_something_to_see_at_every_system_with_people() -> None:
    for name, found in discover().items():
        stand_in = found.stand_in(SettableClock())
        assert not stand_in.people or stand_in.shown_to, name
        assert stand_in.shown_to.keys() <= stand_in.controls.keys()
