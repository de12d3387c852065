"""How unchanged refreshes grow with the hosts: `python -m tests.bench.hosts [SHARE] [ACCOUNTS]`.

One, two and three hosts on one PostgreSQL, each held to a share of a core (half, if not given), read accounts that are
all due all the time. It needs the PostgreSQL server that the tests use.
"""

import asyncio
import os
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from sqlalchemy import text

from bridge.model.clock import now_utc
from bridge.store.database import Database
from tests.bench.hosts.crowd import multiply
from tests.bench.hosts.held import Held, cpu_seconds
from tests.bench.installation import Installation, new_installation
from tests.bench.pupils import RunningServer, running_server
from tests.bench.refreshes import USUAL_LESSONS
from tests.conftest import POSTGRES, postgres_database

_HOSTS = (1, 2, 3)
_ROUNDS = 2
_WARM, _SECONDS = 5.0, 15.0
_LEAST = 0.8  # of the hosts: so much more should be refreshed


@dataclass(frozen=True, slots=True)
class Pace:
    """Unchanged refreshes a second, and the cores that they took: of all hosts, and of PostgreSQL's sessions."""

    refreshes: float
    hosts: float
    database: float

    def __str__(self) -> str:
        of_hosts, of_database = (1000 * cores / self.refreshes for cores in (self.hosts, self.database))
        return (
            f"{self.refreshes:.1f} refreshes/s on {self.hosts:.2f} cores and {self.database:.2f} of PostgreSQL "
            f"({of_hosts:.1f} + {of_database:.1f} ms each)"
        )


def _prepare(folder: Path, server: RunningServer, url: str) -> tuple[Installation, int]:
    """A place with one account that was read, which is always due; and the requests of an unchanged refresh."""
    place = new_installation(folder, server, 1, f'[storage]\nurl = "{url}"', '[refresh]\ninterval = "1s"')
    place.run("refresh")
    server.count_requests()
    place.run("refresh")
    return place, server.count_requests()


async def _crowd(url: str, count: int) -> None:
    database = Database(url)
    try:
        await database.upgrade(lambda connection: multiply(connection, count))
        await database.upgrade(lambda connection: connection.execute(text("ANALYZE")))  # as autovacuum does by itself
    finally:
        await database.close()


async def _sessions(url: str) -> list[int]:
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    finally:
        await connection.close()
    return [row["pid"] for row in rows]


def _cpu(pids: list[int]) -> dict[int, float]:
    """The processor time of each of those that have not ended."""
    found = {}
    for pid in pids:
        with suppress(OSError):
            found[pid] = cpu_seconds(pid)
    return found


def _since(before: dict[int, float]) -> float:
    return sum(used - before[pid] for pid, used in _cpu(list(before)).items())


async def _pace(place: Installation, server: RunningServer, url: str, hosts: int, share: float, each: float) -> Pace:
    with ExitStack() as stack:
        pids = [stack.enter_context(place.serving())[0].pid for _ in range(hosts)]
        stack.enter_context(Held(pids, share))
        await asyncio.sleep(_WARM)
        sessions = await _sessions(url)
        before, base, began = _cpu(pids), _cpu(sessions), time.monotonic()
        server.count_requests()
        await asyncio.sleep(_SECONDS)
        requests, took = server.count_requests(), time.monotonic() - began
        return Pace(requests / each / took, _since(before) / took, _since(base) / took)


def _measure(share: float, count: int) -> int:
    with (
        asyncio.Runner() as runner,
        postgres_database(runner) as url,
        tempfile.TemporaryDirectory() as folder,
        running_server(1, USUAL_LESSONS) as server,
    ):
        place, each = _prepare(Path(folder) / "place", server, url)
        runner.run(_crowd(url, count))
        print(f"{now_utc():%Y-%m-%d %H:%M}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {count} accounts,")
        print(f"{each} requests of an unchanged refresh, each host held to {share:g} of a core.")
        return runner.run(_compare(place, server, url, share, each))


async def _compare(place: Installation, server: RunningServer, url: str, share: float, each: int) -> int:
    alone = 0.0
    kept = True
    for hosts in _HOSTS:
        paces = [await _pace(place, server, url, hosts, share, each) for _ in range(_ROUNDS)]
        best = max(paces, key=lambda pace: pace.refreshes)
        alone = alone or best.refreshes
        growth = best.refreshes / alone
        kept &= growth >= _LEAST * hosts
        print(f"{hosts} hosts: {best}, {growth:.2f} times one host's", flush=True)
    return 0 if kept else 1


def main(words: list[str]) -> int:
    """Measure; gives 1 where refreshes do not grow with the hosts."""
    if POSTGRES not in os.environ:
        print(f"This needs a PostgreSQL server: {POSTGRES}=postgresql://USER@HOST/DATABASE")
        return 2
    share, count = float(words[0]) if words else 0.5, int(words[1]) if words[1:] else 2000
    return _measure(share, count)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
