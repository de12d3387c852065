"""Several hosts on one PostgreSQL share the work, and one that dies or sleeps is replaced."""

import os
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from aiohttp import web

from tests.club.place import Place, people_at_the_club
from tests.club.server import LESSONS, Member
from tests.conftest import POSTGRES, new_postgres_database, slow
from tests.faults import as_usual
from tests.program import until

pytestmark = [
    pytest.mark.skipif(POSTGRES not in os.environ, reason=f"needs a PostgreSQL server: {POSTGRES}=postgresql://…"),
    slow("three hosts that share a school for a minute, of which one is killed, stopped or slowed down"),
]
HOSTS, ACCOUNTS, INTERVAL = 3, 20, 10.0


class Asked:
    """When each member was asked for."""

    def __init__(self, place: Place) -> None:
        self._moments: list[tuple[float, str]] = []
        place.club.stand_in.faults[LESSONS] = self._note

    async def _note(self, request: web.Request) -> web.StreamResponse:
        self._moments.append((time.monotonic(), request.query["member"]))
        return await as_usual(request)

    def since(self, moment: float) -> Counter[str]:
        """How often each was asked for since."""
        return Counter(member for at, member in self._moments if at >= moment)


@pytest.fixture
async def place(tmp_path: Path, installed_club: None) -> AsyncIterator[Place]:
    members = [Member(f"member{number}", f"Member {number}") for number in range(ACCOUNTS)]
    async with (
        new_postgres_database() as url,
        people_at_the_club(tmp_path, url, members=members, interval=f"{INTERVAL:g}s") as made,
    ):
        yield made


async def test_three_hosts_ask_for_each_account_once_in_an_interval(place: Place) -> None:
    asked = Asked(place)
    async with AsyncExitStack() as stack:
        for _ in range(HOSTS):
            await stack.enter_async_context(place.program.serve())
        await until(lambda: len(asked.since(0)) == ACCOUNTS)
        began = time.monotonic()
        await until(lambda: time.monotonic() > began + 60)
        share = asked.since(began).total() / (ACCOUNTS * 60 / INTERVAL)
    assert 0.9 <= share <= 1.1
