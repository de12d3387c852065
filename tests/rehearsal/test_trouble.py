"""A process that is stopped and goes on, a disk that is full, a storage that cannot be reached: nothing is lost."""

import asyncio
import os
import resource
import signal
import sqlite3
from collections.abc import Callable, Coroutine
from contextlib import closing, suppress
from pathlib import Path

import pytest
from sqlalchemy import make_url

from bridge.errors import StorageError
from tests.conftest import POSTGRES, SLOW, new_postgres_database, slow
from tests.proxy import Proxy
from tests.rehearsal.life import Life, Parent, new_life

SEEDS, OFTEN = (range(2), 20) if SLOW else (range(1), 3)
FOR_A_WHILE = 0.4
WORKS = ("refresh", "refresh", "refresh", "login", "publish")
Trouble = Callable[[Life, int], Coroutine[None, None, None]]


async def stop_and_go_on(life: Life, process: int) -> None:
    """Another process takes over while this one stands still for longer than any lease, and what it wrote stays."""
    os.kill(process, signal.SIGSTOP)
    try:
        async with asyncio.timeout(1 if _is_held(life) else 30):
            life.place.club.move(minutes=1)
            rows = await life.bridge.refresher.refresh_all(await life.bridge.store.accounts.all())
            if all(row.ok for row in rows):
                life.latest = await life.starts()
    except (TimeoutError, StorageError):
        pass  # it holds the storage itself
    finally:
        os.kill(process, signal.SIGCONT)


def _is_held(life: Life) -> bool:
    """Whether somebody is writing to the storage, so that nobody else can."""
    file = life.bridge.store.database.file
    assert file is not None
    with closing(sqlite3.connect(file, timeout=0)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
    return False


async def fill_the_disk(_: Life, process: int) -> None:
    """No file can grow for a while."""
    before = resource.prlimit(process, resource.RLIMIT_FSIZE)
    resource.prlimit(process, resource.RLIMIT_FSIZE, (1, before[1]))
    await asyncio.sleep(FOR_A_WHILE)
    with suppress(ProcessLookupError):
        resource.prlimit(process, resource.RLIMIT_FSIZE, before)


async def in_trouble(life: Life, trouble: Trouble, *, times: int = OFTEN) -> None:
    """Let the trouble come over and over, and check after each time."""
    troubles: list[asyncio.Task[None]] = []

    async def then(process: int) -> None:
        troubles.append(asyncio.ensure_future(trouble(life, process)))
        await asyncio.sleep(0)  # it has begun then

    for _ in range(times):
        await life.interrupt(life.chance.choice(WORKS), then)
        await asyncio.gather(*troubles)
        troubles.clear()
        await life.check()
        if life.latest:
            assert await life.starts() == life.latest, "what was newer is overwritten"
            life.latest.clear()
    await life.recover()


@pytest.mark.parametrize(("trouble", "sent_again"), [(stop_and_go_on, True), (fill_the_disk, False)])
async def test_a_process_in_trouble_loses_nothing(
    tmp_path: Path, trouble: Trouble, installed_club: None, *, sent_again: bool
) -> None:
    """What a process that stands still had sent may be sent again by another: its lease has ended."""
    async with Parent.start() as parent:
        for seed in SEEDS:
            folder = tmp_path / str(seed)
            async with new_life(folder, parent, f"sqlite:///{folder / 'bridge.db'}", seed) as life:
                await in_trouble(life, trouble)
                assert sent_again or life.place.club.replays == 0


def _delay(proxy: Proxy) -> None:
    proxy.delay = 0.03


@pytest.mark.skipif(POSTGRES not in os.environ, reason=f"needs a PostgreSQL server: {POSTGRES}")
@pytest.mark.parametrize(
    "fault",
    [
        Proxy.cut,
        *(
            pytest.param(fault, marks=slow("processes that are interrupted beside a storage that is slow or cut off"))
            for fault in (_delay, Proxy.halve, Proxy.swallow)
        ),
    ],
)
async def test_a_server_of_the_storage_in_trouble_loses_nothing(
    tmp_path: Path, fault: Callable[[Proxy], None], installed_club: None
) -> None:
    async with new_postgres_database() as url, Parent.start() as parent:
        found = make_url(url)
        proxy = Proxy(found.host or "127.0.0.1", found.port or 5432)

        async def for_a_while(_: Life, __: int) -> None:
            fault(proxy)
            await asyncio.sleep(FOR_A_WHILE)
            proxy.delay = 0.0
            proxy.heal()

        async with proxy.serve():
            proxied = found.set(host="127.0.0.1", port=proxy.port).render_as_string(hide_password=False)
            async with new_life(tmp_path, parent, url, 1, proxied=proxied) as life:
                await in_trouble(life, for_a_while)
                assert life.place.club.replays == 0


@pytest.mark.skipif(POSTGRES not in os.environ, reason=f"needs a PostgreSQL server: {POSTGRES}")
@pytest.mark.parametrize("seed", range(1, 11 if SLOW else 2))
async def test_killed_at_any_moment_nothing_is_lost_on_a_server(
    tmp_path: Path, seed: int, installed_club: None
) -> None:
    async with (
        new_postgres_database() as url,
        Parent.start() as parent,
        new_life(tmp_path, parent, url, seed) as life,
    ):
        for _ in range(30 if SLOW else 5):
            await life.interrupt(life.chance.choice(WORKS))
            await life.check()
        await life.recover()
