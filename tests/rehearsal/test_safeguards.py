"""What safeguards beside those of logins are for: what happens with each, and without it."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from bridge.calendar.pattern import Pattern
from bridge.server.clients import Clients
from bridge.server.connections import ConnectionLimits, Connections, GuardedSite
from bridge.store.account import State
from tests.club.server import AHEAD, LESSONS, new_club
from tests.conftest import OpenSchool, SettableClock
from tests.faults import retelling
from tests.within import within

SLOW_FOR_BACKTRACKING = "*a" * 25 + "~"


@pytest.mark.parametrize("held_back", [True, False])
async def test_60_percent_of_rows_that_go_cancel_lessons_only_where_nothing_is_held_back(
    open_school: OpenSchool, clock: SettableClock, *, held_back: bool
) -> None:
    club = new_club(clock)
    async with open_school({"club": club.stand_in}) as school:
        await school.add("anna", "club")
        await school.refresh()
        await school.feed("anna", cancelled="status")
        club.stand_in.faults[LESSONS] = retelling(lambda rows: rows[: len(rows) * 2 // 5])
        await school.refresh(accept=not held_back)
        (account,) = await school.bridge.store.accounts.all()
        cancelled = (await school.ics("anna")).count("STATUS:CANCELLED")
        if held_back:
            assert (cancelled, account.state) == (0, State.HELD)
        else:
            assert cancelled > AHEAD // 2


def test_a_pattern_that_would_backtrack_for_ever_is_matched_at_once() -> None:
    regex = re.compile(re.escape(SLOW_FOR_BACKTRACKING).replace(r"\*", ".*"))
    with within(0.5):
        Pattern.parse(SLOW_FOR_BACKTRACKING).matches("a" * 100)
    with pytest.raises(AssertionError), within(0.5):
        regex.search("a" * 100)


@pytest.mark.parametrize("limited", [True, False])
async def test_silent_connections_keep_others_out_only_where_a_head_may_take_for_ever(*, limited: bool) -> None:
    limits = ConnectionLimits(most=4, head=0.2, rest=0.5, look_every=0.05) if limited else ConnectionLimits(4, 1e9, 1e9)
    async with served(limits) as (host, port):
        reader, writer = await asyncio.open_connection(host, port)
        try:
            ended = await asyncio.wait_for(reader.read(), 60 if limited else 3)
        except TimeoutError:
            ended = None
        assert (ended is not None) is limited
        writer.close()


@asynccontextmanager
async def served(limits: ConnectionLimits) -> AsyncIterator[tuple[str, int]]:
    runner = web.AppRunner(web.Application())
    await runner.setup()
    await GuardedSite(runner, "127.0.0.1", 0, Connections(limits, Clients(()))).start()
    try:
        yield runner.addresses[0][:2]
    finally:
        await runner.cleanup()
