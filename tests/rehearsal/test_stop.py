"""A stop while many refreshes wait for tokens."""

import asyncio
import json
import re
import time
from pathlib import Path

from aiohttp import web

from bridge.store.locks import EXCHANGE_LEASE
from tests.club.server import TOKEN
from tests.conftest import slow
from tests.faults import as_usual
from tests.program import until
from tests.soak.soak import installation

REFRESHES, ANSWERS_TAKE = 50, 12.0


@slow("a stop with 50 refreshes under way and token answers of 12 s")
async def test_a_stop_with_50_refreshes_under_way_ends_in_the_time_that_it_says_and_loses_no_login(
    tmp_path: Path, installed_club: None
) -> None:
    inside = 0

    async def answer_late(request: web.Request) -> web.StreamResponse:
        nonlocal inside
        inside += 1
        answer = await as_usual(request)
        await asyncio.sleep(ANSWERS_TAKE)
        return answer

    made = installation(tmp_path, REFRESHES, "1s", patience="20s", concurrency=REFRESHES)
    async with made as (program, club, _):
        club.log_out()
        club.stand_in.faults[TOKEN] = answer_late
        async with program.serve() as service:
            await until(lambda: inside >= 8)
            started = time.monotonic()
            assert await service.stop(patience=60) == 0
            took = time.monotonic() - started
            told = re.search(r"at_most_seconds=([\d.]+)", service.told())
            assert told is not None
            assert took <= float(told[1]) + 10
        sent = inside
        club.stand_in.faults.clear()
        outcome = await program.run("refresh", "--json")
        assert [row for row in json.loads(outcome.out) if not row["ok"]] == []
        assert club.replays == 0
        assert sent < REFRESHES, "none was sent after the stop"
        assert EXCHANGE_LEASE.total_seconds() > took
