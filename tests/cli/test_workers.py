"""`roosterbridge serve --workers`: several processes on one port, and what becomes of them."""

import os
import re
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.club.place import Place, people_at_the_club
from tests.conftest import slow
from tests.program import Command, until

pytestmark = pytest.mark.usefixtures("installed_club")
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")


def children(pid: int) -> list[int]:
    """The processes that a process has started and that have not ended."""
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split()]


def running(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat")
    return state.exists() and state.read_text("utf-8").rpartition(") ")[2][0] != "Z"


@asynccontextmanager
async def serving(place: Place, count: int) -> AsyncIterator[Command]:
    """Workers that all serve."""
    async with place.program.start("serve", "--workers", str(count)) as service:
        await until(lambda: not service.running or service.told().count("serving") >= count)
        found = set(_ADDRESS.findall(service.told()))
        assert len(found) == 1, service.told()
        (service.address,) = found
        yield service


async def answers(address: str) -> Counter[int]:
    """The statuses of many requests, each over a connection of its own."""
    found: Counter[int] = Counter()
    connector = aiohttp.TCPConnector(force_close=True)
    async with aiohttp.ClientSession(connector=connector) as session:
        for _ in range(20):
            async with session.get(f"{address}/readyz") as response:
                found[response.status] += 1
    return found


async def test_workers_share_a_port_and_one_that_is_killed_is_started_again(tmp_path: Path, sqlite_url: str) -> None:
    async with people_at_the_club(tmp_path, sqlite_url, interval="1h") as place, serving(place, 2) as service:
        first = children(service.number)
        assert len(first) == 2
        assert await answers(service.address) == {200: 20}
        os.kill(first[0], signal.SIGKILL)
        await until(lambda: service.told().count("serving") == 3)
        assert set(children(service.number)) & set(first) == {first[1]}
        assert await answers(service.address) == {200: 20}
        workers = children(service.number)
        assert await service.stop() == 0
        assert not any(map(running, workers))


@slow("workers of one service")
async def test_each_account_is_refreshed_by_one_of_the_workers(tmp_path: Path, storage_url: str) -> None:
    async with people_at_the_club(tmp_path, storage_url, interval="1h") as place:
        before = place.club.stand_in.requests.copy()
        async with serving(place, 3) as service:
            lessons = "GET /api/lessons"
            await until(lambda: place.club.stand_in.requests[lessons] - before[lessons] >= 3)
            assert await service.stop() == 0
        assert place.club.stand_in.requests[lessons] - before[lessons] == 3


@slow("workers of one service")
async def test_workers_end_when_the_process_that_keeps_them_is_killed(tmp_path: Path, sqlite_url: str) -> None:
    async with people_at_the_club(tmp_path, sqlite_url, interval="1h") as place, serving(place, 2) as service:
        workers = children(service.number)
        service.kill()
        await until(lambda: not any(map(running, workers)))


@slow("workers of one service")
async def test_workers_on_a_port_that_another_program_has_are_refused_with_a_sentence(
    tmp_path: Path, sqlite_url: str
) -> None:
    async with people_at_the_club(tmp_path, sqlite_url, interval="1h") as place, serving(place, 2) as service:
        place.program.configure({"server": {"port": int(service.address.rpartition(":")[2])}})
        other = await place.program.run("serve", "--workers", "2")
        assert other.code == 1
        assert "a program already listens there" in other.err
