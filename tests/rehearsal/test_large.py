"""Answers of 8 MB and more: who reads a calendar meanwhile does not wait, and memory stays bounded."""

import json
import statistics
import time
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from bridge.model.clock import now_utc
from tests.club.server import LESSONS
from tests.conftest import slow
from tests.faults import Handler, bombing
from tests.program import until
from tests.soak.soak import EVENTS, installation

LARGE = 8_000_000
MOST_MEMORY = 200 * 1024
"""In KiB, above what the service has anyway."""


async def many_lessons(_: web.Request) -> web.StreamResponse:
    """So many that the answer is just small enough to be read."""
    start = now_utc().replace(microsecond=0)
    lesson = {"room": "A1", "match": False, "cancelled": False, "title": "<!-- \u202e *?*?~ " * 20}
    lesson |= {"start": start.isoformat(), "end": (start + timedelta(hours=1)).isoformat()}
    count = LARGE // len(json.dumps(lesson | {"id": "12345"}))
    return web.json_response({"lessons": [lesson | {"id": str(number)} for number in range(count)]})


@slow("answers of 8 MB and a gzip bomb while feeds are read")
@pytest.mark.parametrize("answer", [many_lessons, bombing])
async def test_nobody_waits_for_large_answers_and_memory_is_bounded(
    tmp_path: Path, answer: Handler, installed_club: None
) -> None:
    async with installation(tmp_path, 2, "1s", patience="20s") as (program, club, tokens), program.serve() as service:
        status = Path(f"/proc/{service.number}/status")
        before = memory(status)
        club.stand_in.faults[LESSONS] = answer
        asked = club.stand_in.requests[f"GET {LESSONS}"]
        took = []
        async with aiohttp.ClientSession(service.address) as session:

            async def read_until_asked_again() -> bool:
                started = time.monotonic()
                async with session.get(f"/f/{tokens[0]}.ics") as reply:
                    assert (await reply.text()).count("BEGIN:VEVENT") >= EVENTS
                took.append(time.monotonic() - started)
                return club.stand_in.requests[f"GET {LESSONS}"] > asked + 4

            await until(read_until_asked_again)
        assert statistics.quantiles(took, n=4)[0] < 0.2  # the rest waited for other work of the machine, perhaps
        assert memory(status) - before < MOST_MEMORY
        print(f"{len(took)} reads, slowest {max(took):.3f} s, {memory(status) // 1024} MiB at most")  # noqa: T201


def memory(status: Path) -> int:
    """The most memory that the process has had, in KiB."""
    return int(status.read_text("utf-8").partition("VmHWM:")[2].split()[0])
