"""Answers of 8 MB and more: who reads a calendar meanwhile does not wait, and memory stays bounded."""

import asyncio
import json
import os
import re
import statistics
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from bridge.model.clock import now_utc
from tests.club.server import LESSONS
from tests.conftest import slow
from tests.faults import Handler, as_usual, bombing
from tests.program import Program, until
from tests.soak.soak import EVENTS, installation

LARGE = 8_000_000
MOST_MEMORY = 200_000_000 // 1024
"""In KiB, of the whole service."""
TIMES = 3


def lessons(title: str) -> Handler:
    """So many that the answer is just small enough to be read. Those that stood there before are among them."""

    async def answer(request: web.Request) -> web.StreamResponse:
        usual = await as_usual(request)
        assert isinstance(usual, web.Response)
        assert isinstance(usual.body, bytes)
        there: list[dict[str, object]] = json.loads(usual.body)["lessons"]
        lesson = {"room": "A1", "match": False, "cancelled": False, "title": title}
        start = now_utc().replace(microsecond=0)
        lesson |= {"start": start.isoformat(), "end": (start + timedelta(hours=1)).isoformat()}
        count = LARGE // len(json.dumps(lesson | {"id": "12345"}))
        return web.json_response({"lessons": [*there, *(lesson | {"id": str(number)} for number in range(count))]})

    return answer


@slow("answers of 8 MB and a gzip bomb while feeds are read")
@pytest.mark.parametrize(
    ("answer", "most"),
    [
        (lessons("<!-- \u202e *?*?~ " * 20), EVENTS + 10_000),
        (lessons("*?" * 5000), EVENTS),
        (lessons("L"), 0),
        (bombing, 0),
    ],
    ids=["hostile titles", "long titles", "too many lessons", "a gzip bomb"],
)
async def test_nobody_waits_for_large_answers_and_memory_is_bounded(
    tmp_path_factory: pytest.TempPathFactory, answer: Handler, most: int, installed_club: None
) -> None:
    """Every second all is asked for again, and the calendars of all these lessons are made meanwhile.

    How much memory that takes depends on what meets what: the least of three times counts.
    """
    peaks: list[int] = []
    while len(peaks) < TIMES and (not peaks or min(peaks) >= MOST_MEMORY):
        peaks.append(await memory_while_reading(tmp_path_factory.mktemp("large"), answer, most))
    assert min(peaks) < MOST_MEMORY, peaks


async def memory_while_reading(folder: Path, answer: Handler, most: int) -> int:
    """The most memory of a service, in KiB, while its feeds are read."""
    made = installation(folder, 2, "1s", patience="20s")
    async with made as (program, club, tokens), whole_service(program) as (status, address):
        club.stand_in.faults[LESSONS] = answer
        asked = club.stand_in.requests[f"GET {LESSONS}"]
        took = []
        async with aiohttp.ClientSession(address) as session:

            async def read_until_asked_again() -> bool:
                started = time.monotonic()
                async with session.get(f"/f/{tokens[0]}.ics") as reply:
                    calendar = await reply.read()
                took.append(time.monotonic() - started)
                events = calendar.count(b"BEGIN:VEVENT")
                assert events >= EVENTS
                return club.stand_in.requests[f"GET {LESSONS}"] > asked + 4 and events > most

            await until(read_until_asked_again, patience=180)
        assert statistics.quantiles(took, n=4)[0] < 0.2  # the rest waited for other work of the machine, perhaps
        print(f"{len(took)} reads, slowest {max(took):.3f} s, {memory(status) // 1024} MiB at most")  # noqa: T201
        return memory(status)


@asynccontextmanager
async def whole_service(program: Program) -> AsyncIterator[tuple[Path, str]]:
    """The service in a process that has imported nothing but itself; gives the status of that, and the address."""
    told = program.folder / "service.log"
    with told.open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bridge", "serve"),
            cwd=program.folder,
            env={**os.environ, **program.environment},
            stderr=log,
        )
    try:
        await until(lambda: "serving" in told.read_text("utf-8"))
        (address,) = re.findall(r"address=(\S+)", told.read_text("utf-8"))
        yield Path(f"/proc/{process.pid}/status"), address
    finally:
        process.terminate()
        await process.wait()


def memory(status: Path) -> int:
    """The most memory that the process has had, in KiB."""
    return int(status.read_text("utf-8").partition("VmHWM:")[2].split()[0])
