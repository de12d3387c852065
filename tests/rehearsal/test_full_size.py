"""Trouble of the storage and of hosts at the length at which it once cost logins, while tokens are out."""

import asyncio
import os
import signal
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from sqlalchemy import make_url

from bridge.store.account import State
from bridge.store.credentials import MOST_EXCHANGES
from tests.club.place import Place, people_at_the_club
from tests.club.server import PEOPLE, TOKEN, Member
from tests.conftest import POSTGRES, new_postgres_database, slow
from tests.faults import as_usual
from tests.program import until
from tests.proxy import Proxy

AWAY, STANDS_STILL, LOCKED = 8, 30, 60
pytestmark = [
    pytest.mark.usefixtures("installed_club"),
    slow("a storage that is away or locked, and a host that stands still, for as long as once cost logins"),
]
needs_postgres = pytest.mark.skipif(
    POSTGRES not in os.environ, reason=f"needs a PostgreSQL server: {POSTGRES}=postgresql://…"
)
TEN = [Member(f"member{number}", f"Member {number}") for number in range(10)]


class Slowly:
    """Has the club answer to tokens when it may; `out` counts those that have come."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._may = asyncio.Event()
        self.out = 0
        place.club.log_out()
        place.club.stand_in.faults[TOKEN] = self._answer

    def let_go(self) -> None:
        """Answer all, and from now on at once."""
        self._may.set()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.out += 1
        answer = await as_usual(request)
        await self._may.wait()
        return answer


async def expect_no_login_lost(place: Place) -> None:
    """Everybody can still be refreshed, and no token came twice."""
    async with place.program.opened() as bridge:
        assert State.LOGIN_NEEDED not in {one.state for one in await bridge.store.accounts.all()}
    place.club.stand_in.faults.clear()
    place.club.log_out()
    assert {row["error"] for row in await place.refresh() if not row["ok"]} == set()
    assert place.club.replays == 0


@asynccontextmanager
async def ten_on_postgres(folder: Path, *, patience: str = "60s") -> AsyncIterator[tuple[Place, Proxy]]:
    """Ten members on PostgreSQL, and the proxy through which the service finds it."""
    async with new_postgres_database() as url:
        found = make_url(url)
        proxy = Proxy(found.host or "127.0.0.1", found.port or 5432)
        made = people_at_the_club(folder, url, members=TEN, interval="1s", timeout=patience)
        async with proxy.serve(), made as place:
            proxied = found.set(host="127.0.0.1", port=proxy.port).render_as_string(hide_password=False)
            place.program.configure({"storage": {"url": proxied}, "refresh": {"concurrency": len(TEN)}})
            yield place, proxy


@needs_postgres
async def test_postgresql_that_is_away_for_8_seconds_while_tokens_are_out_costs_no_login(tmp_path: Path) -> None:
    async with ten_on_postgres(tmp_path) as (place, proxy):
        slowly = Slowly(place)
        async with place.program.serve() as service:
            await until(lambda: slowly.out == MOST_EXCHANGES)
            proxy.cut()
            slowly.let_go()
            await until(lambda: "login.kept_in_memory" in service.told())
            await asyncio.sleep(AWAY)
            proxy.heal()
            await until(lambda: "storage.well" in service.told())
            await until(lambda: place.club.grants >= 2 * len(TEN))
            assert await service.stop() == 0
        await expect_no_login_lost(place)


@needs_postgres
@pytest.mark.parametrize("patience", ["60s", "10s"])
async def test_a_host_that_stands_still_for_30_seconds_while_tokens_are_out_costs_no_login(
    tmp_path: Path, patience: str
) -> None:
    """The answers come while it stands still, also for longer than it would wait for them."""
    async with ten_on_postgres(tmp_path, patience=patience) as (place, _):
        slowly = Slowly(place)
        async with place.program.serve() as first:
            await until(lambda: slowly.out == MOST_EXCHANGES)
            first.send(signal.SIGSTOP)
            slowly.let_go()
            async with place.program.serve() as second:
                await asyncio.sleep(STANDS_STILL)
                first.send(signal.SIGCONT)
                await until(lambda: place.club.grants >= 2 * len(TEN))
                assert await first.stop() == 0
                assert await second.stop() == 0
        await expect_no_login_lost(place)


def lock(file: Path, held: threading.Event, free: threading.Event) -> None:
    """Keep everybody else from writing to a SQLite file."""
    connection = sqlite3.connect(file, timeout=30)
    connection.execute("BEGIN EXCLUSIVE")
    held.set()
    free.wait()
    connection.rollback()
    connection.close()


async def test_a_sqlite_file_that_is_locked_for_60_seconds_while_tokens_are_out_costs_no_login(tmp_path: Path) -> None:
    file = tmp_path / "bridge.db"
    held, free = threading.Event(), threading.Event()
    async with people_at_the_club(tmp_path, f"sqlite:///{file}", interval="1s", timeout="20s") as place:
        slowly = Slowly(place)
        async with place.program.serve() as service:
            await until(lambda: slowly.out == 2)  # as many as are refreshed at once
            locking = asyncio.create_task(asyncio.to_thread(lock, file, held, free))
            await asyncio.to_thread(held.wait)
            slowly.let_go()
            await asyncio.sleep(LOCKED)
            assert "locked" in service.told()
            free.set()
            await locking
            await until(lambda: place.club.grants >= 2 * len(PEOPLE))
            assert await service.stop() == 0
        await expect_no_login_lost(place)
