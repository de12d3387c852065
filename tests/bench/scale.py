"""`make bench-scale`: what a crowd of accounts costs one process, `python -m tests.bench.scale ACCOUNTS`.

A school's accounts on SQLite with default settings, which are all read for the first time, twice without a change (an
hour of routine), and once after one lesson of everybody has changed. The stand-in answers from memory.
"""

import asyncio
import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from bridge.store.database import Database
from tests.bench.hosts.crowd import multiply
from tests.bench.installation import Installation, new_installation
from tests.bench.processes import Ended
from tests.bench.pupils import running_server
from tests.bench.refreshes import USUAL_LESSONS

_ROUTINE = 2  # refreshes of an account in an hour


async def _crowd(place: Installation, count: int) -> None:
    database = Database(f"sqlite:///{place.folder / 'data' / 'bridge.db'}")
    try:
        await database.upgrade(lambda connection: multiply(connection, count))
    finally:
        await database.close()


def _line(what: str, ended: Ended, count: int, times: int, place: Installation) -> str:
    cpu = ended.cpu * times
    return (
        f"{what:24}{cpu:10.1f} s of CPU, {1000 * cpu / count:.1f} ms an account; at most {ended.memory / 1e6:.0f} MB; "
        f"storage {place.stored_bytes() / 1e6:.0f} MB"
    )


def main(words: list[str]) -> int:
    """Measure, and print a line for each step."""
    count = int(words[0]) if words else 20_000
    with tempfile.TemporaryDirectory() as folder, running_server(1, USUAL_LESSONS) as server:
        place = new_installation(Path(folder) / "place", server, 1)
        asyncio.run(_crowd(place, count))
        load = os.getloadavg()[0]
        print(
            f"{datetime.now(UTC):%Y-%m-%d %H:%M}, {count} accounts, {os.cpu_count()} cores, load {load:.1f}", flush=True
        )
        print(_line("first import", place.run("--json", "refresh"), count, 1, place), flush=True)
        print(_line("an hour of routine", place.run("--json", "refresh"), count, _ROUTINE, place), flush=True)
        server.change_lessons()
        print(_line("a change for everybody", place.run("--json", "refresh"), count, 1, place), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
