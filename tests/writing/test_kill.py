"""Processes that are killed around a write: nothing is written twice, lost, or called done without being there."""

import asyncio
import random
import secrets
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pytest
from aiohttp import web

from bridge.model.clock import now_utc
from bridge.sources.informat.standin.institute import MAES
from bridge.sources.informat.standin.server import InformatServer, make_server, stand_in_of
from bridge.store.outbox import Outgoing, WriteState
from bridge.upstream.writing import Deed
from tests.conftest import SLOW
from tests.faults import as_usual
from tests.program import Command, Program, new_program

KILLS = 200 if SLOW else 20
_PUT = "PUT /employees/{personId}/interruptions/{id}"
_WORDS = ("absence", "report", "sofie", "sintjan")


@dataclass
class Killer:
    """Kills the command at a moment of a report, or lets it go."""

    command: Command | None = None
    mode: str = ""
    told: Counter[str] = field(default_factory=Counter)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Kill before the school has it, or after that and before it answers."""
        if self.command is None or self.mode == "time":
            return await as_usual(request)
        answer = await as_usual(request) if self.mode == "after" else web.Response(status=503)
        self.command.kill()
        return answer


@pytest.fixture
def informat() -> InformatServer:
    return make_server(now_utc)


@pytest.fixture
async def program(tmp_path: Path, informat: InformatServer) -> AsyncIterator[Program]:
    async with AsyncExitStack() as stack:
        made = await stack.enter_async_context(new_program(tmp_path / "service"))
        stand_in = made.stand_ins["sintjan"] = stand_in_of(informat)
        address = await stack.enter_async_context(stand_in.serve())
        made.configure({"sources.sintjan": stand_in.settings_at(address)})
        await made.json("user", "add", "sofie")
        await made.json("account", "add", "sofie", "sintjan", "--identity", MAES.key)
        yield made


async def go_on(program: Program) -> list[Outgoing]:
    """Do what the next process does: send what is left. Gives everything in the outbox."""
    async with program.opened() as bridge:
        for account in await bridge.sender.due(but=[]):
            await bridge.sender.send(account)
        [account] = await bridge.store.accounts.all(user="sofie")
        return await bridge.store.outbox.of_account(account.id)


async def test_a_process_that_is_killed_around_a_write_neither_loses_nor_doubles_it(
    program: Program, informat: InformatServer
) -> None:
    seed = secrets.randbelow(2**32)
    sys.stdout.write(f"{KILLS} kills with the seed {seed}\n")
    chance = random.Random(seed)  # noqa: S311 - moments, not secrets
    killer = Killer()
    program.stand_ins["sintjan"].faults[_PUT] = killer.answer
    day = informat.institute.today + timedelta(days=30)
    outbox: list[Outgoing] = []
    for _ in range(KILLS):
        day += timedelta(days=2)
        day = day if day < date(day.year, 8, 30) or day.month > 8 else informat.institute.today + timedelta(days=31)
        killer.mode = chance.choice(("time", "before", "after"))
        async with program.start(*_WORDS, "--from", day.isoformat(), "--to", day.isoformat()) as command:
            killer.command = command
            if killer.mode == "time":
                await asyncio.sleep(chance.uniform(0.2, 2.5))
                command.kill()
            await command.outcome()
        killer.command = None
        before = {one.id for one in outbox}
        outbox = await go_on(program)
        assert before <= {one.id for one in outbox}
        killer.told[f"{killer.mode} {'kept' if len(outbox) > len(before) else 'not kept'}"] += 1
    sys.stdout.write(f"{dict(killer.told)}\n")
    reports = [one for one in outbox if one.write.deed is Deed.REPORT_ABSENCE]
    assert {one.state for one in reports} <= {WriteState.DONE}
    assert {one.write.about["id"] for one in reports} == set(informat.records.written)
    days = Counter(item["begindatum"] for item in informat.institute.interruptions if MAES.key in item["personId"])
    assert max(days.values()) == 1
    assert killer.told["after kept"] + killer.told["before kept"] > 0
