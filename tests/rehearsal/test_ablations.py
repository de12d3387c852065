"""A process that stands still with an answer; and safeguards of logins: without one, a rehearsal fails."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web

from tests.club.server import LESSONS, TOKEN
from tests.conftest import slow
from tests.program import until
from tests.rehearsal.life import Life, Parent, new_life

Rehearsal = Callable[[Life], Awaitable[None]]
OVERWRITTEN, SPENT = "what was newer is overwritten", "a spent token is kept"
REPLAYED = "a token came after its answer was kept"
SEED = 2
"""Of a life whose school forgives a token that comes twice; without a safeguard it fails."""


async def kills(life: Life) -> None:
    for _ in range(100):  # the first that loses something ends it
        await life.interrupt("refresh")
        await life.check()
    await life.recover()


def stop_at(path: str) -> Rehearsal:
    """A process that stands still once it was answered at a path, while another takes over and a lesson moves."""

    async def rehearsal(life: Life) -> None:
        life.place.program.configure({"refresh": {"concurrency": 1}})  # so that nobody else holds the storage then
        life.place.club.log_out()
        life.place.club.move(minutes=1)
        child = 0
        others: list[asyncio.Task[None]] = []
        usual = life.place.club.stand_in.faults[TOKEN if path == TOKEN else "/api"]

        async def answer_and_stop(request: web.Request) -> web.StreamResponse:
            answer = await usual(request)  # an access token that is refused is raised
            life.place.club.stand_in.faults[path] = usual
            os.kill(child, signal.SIGSTOP)
            others.append(asyncio.ensure_future(take_over(life, child)))
            return answer

        async def begin(process: int) -> None:
            nonlocal child
            child = process
            faults = life.place.club.stand_in.faults
            life.place.club.stand_in.faults = {
                path: answer_and_stop,
                **{at: one for at, one in faults.items() if at != path},
            }

        await life.interrupt_at(1, "refresh", begin)
        await asyncio.gather(*others)
        assert others
        assert await life.starts() == life.latest, OVERWRITTEN
        await life.check()
        for account in await life.bridge.store.accounts.all():
            login = await life.bridge.store.credentials.get(account.credential_id or 0)
            assert login.secret in {known.refresh_token for known in life.place.club.logins}, SPENT

    return rehearsal


async def stop_before_sending(life: Life) -> None:
    """A process that stands still when it is about to send a token, while another takes over."""
    life.place.program.configure({"refresh": {"concurrency": 1}})
    life.place.club.log_out()
    others: list[asyncio.Task[None]] = []

    async def begin(process: int) -> None:
        others.append(asyncio.ensure_future(take_over_once_it_stands_still(life, process)))

    await life.interrupt_at(1, "refresh", begin)
    await asyncio.gather(*others)
    await life.check()


async def take_over_once_it_stands_still(life: Life, child: int) -> None:
    await until(lambda: "(stopped)" in Path(f"/proc/{child}/status").read_text("utf-8"))
    await take_over(life, child)


async def take_over(life: Life, child: int) -> None:
    try:
        life.place.club.move(minutes=1)
        rows = await life.bridge.refresher.refresh_all(await life.bridge.store.accounts.all())
        assert all(row.ok for row in rows)
        life.latest = await life.starts()
    finally:
        os.kill(child, signal.SIGCONT)


@pytest.mark.parametrize("path", [TOKEN, LESSONS])
async def test_a_process_that_stands_still_with_an_answer_overwrites_nothing(
    tmp_path: Path, path: str, installed_club: None
) -> None:
    async with Parent.start() as parent, new_life(tmp_path, parent, f"sqlite:///{tmp_path / 'b.db'}", SEED) as life:
        await stop_at(path)(life)


async def test_a_process_that_stood_still_sends_no_token_that_another_has_sent(
    tmp_path: Path, installed_club: None
) -> None:
    async with Parent.start() as parent, new_life(tmp_path, parent, f"sqlite:///{tmp_path / 'b.db'}", SEED) as life:
        life.without = "nothing, but it stands still"
        await stop_before_sending(life)
        assert life.place.club.replays == 0


@slow("each safeguard taken out, to see that a rehearsal fails then")
@pytest.mark.parametrize(
    ("without", "rehearsal", "says"),
    [
        ("generation", stop_at(TOKEN), SPENT),
        ("durable before use", kills, REPLAYED),
        ("fence", stop_at(LESSONS), OVERWRITTEN),
        ("half of the lease", stop_before_sending, REPLAYED),
    ],
)
async def test_without_a_safeguard_a_rehearsal_fails(
    tmp_path: Path, without: str, rehearsal: Rehearsal, says: str, installed_club: None
) -> None:
    async with Parent.start() as parent, new_life(tmp_path, parent, f"sqlite:///{tmp_path / 'b.db'}", SEED) as life:
        life.without = without
        with pytest.raises(AssertionError, match=says):
            await rehearsal(life)
