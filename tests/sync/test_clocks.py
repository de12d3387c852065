"""Hosts whose clocks differ."""

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise

from aiohttp import web

from bridge.app import Bridge, open_bridge
from tests.club.server import LESSONS, new_club
from tests.conftest import NO_RETRY, OpenSchool, SettableClock
from tests.faults import as_usual

APART, INTERVAL = timedelta(minutes=5), timedelta(minutes=30)


async def refresh_due(bridge: Bridge) -> None:
    for claim in await bridge.store.claims.claim(bridge.clock(), ["club"], limit=9):
        await bridge.refresher.refresh_claimed(claim)


async def test_two_hosts_whose_clocks_are_five_minutes_apart_ask_for_each_account_once_in_an_interval(
    open_school: OpenSchool, clock: SettableClock
) -> None:
    club = new_club(clock)
    asked: defaultdict[str, list[datetime]] = defaultdict(list)

    async def note(request: web.Request) -> web.StreamResponse:
        asked[request.query["member"]].append(clock())
        return await as_usual(request)

    async with open_school({"club": club.stand_in}, interval="30m") as school:
        for person in ("anna", "bram"):
            await school.add(person, "club")
        club.stand_in.faults[LESSONS] = note
        settings = school.bridge.settings
        async with open_bridge(settings, clock=lambda: clock() + APART, retry=NO_RETRY) as ahead:
            for minute in range(180):
                hosts = (school.bridge, ahead)
                for host in hosts if minute % 2 else hosts[::-1]:
                    await refresh_due(host)
                clock.forward(minutes=1)
    assert set(asked) == {"anna", "bram"}
    for moments in asked.values():
        waits = [later - sooner for sooner, later in pairwise(moments)]
        assert len(waits) >= 4
        assert min(waits) >= INTERVAL * 0.8 - APART
        assert max(waits) <= INTERVAL * 1.2 + APART
