"""Two hosts on one PostgreSQL ask an institute once for its lists."""

import os
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from bridge.app import open_bridge
from bridge.model.event import Part
from bridge.people.accounts import Wanted, add_account
from bridge.sources.informat import SOURCE
from bridge.sources.informat.standin.institute import CLAES, WOUTERS
from tests.conftest import NO_RETRY, POSTGRES, OpenSchool, SettableClock, new_postgres_database

pytestmark = pytest.mark.skipif(
    POSTGRES not in os.environ, reason=f"needs a PostgreSQL server: {POSTGRES}=postgresql://…"
)


@pytest.fixture
async def storage_url() -> AsyncIterator[str]:
    async with new_postgres_database() as url:
        yield url


async def test_the_lists_of_an_institute_are_asked_for_once_for_all_hosts(
    open_school: OpenSchool, clock: SettableClock
) -> None:
    stand_in = SOURCE.stand_in(clock)
    async with open_school({"institute": stand_in}, institute={"share_for": "15m"}) as school:
        one = school.bridge
        for user, person in (("anna", WOUTERS), ("bram", CLAES)):
            await one.store.users.add(user, "", clock())
            await add_account(one.store, one.sources["institute"], Wanted(user, identity=person.key), clock)
        anna, bram = await one.store.accounts.all()
        async with open_bridge(one.settings, clock=clock, retry=NO_RETRY) as other:
            stand_in.requests.clear()
            assert all(row.ok for row in await one.refresher.refresh(anna))
            asked = lists(stand_in.requests)
            assert asked
            assert all(row.ok for row in await other.refresher.refresh(bram))
            assert lists(stand_in.requests) == asked
            assert await other.store.events.of_part(bram.id, Part.ASSIGNMENTS)


def lists(requests: Counter[str]) -> dict[str, int]:
    """How often each list was asked for."""
    return {route: count for route, count in requests.items() if route.startswith("GET")}
