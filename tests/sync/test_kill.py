"""Killing the process at any moment loses nothing, and the next start goes on by itself."""

import asyncio
import json
import os
import random
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bridge.app import Bridge, now_utc, open_bridge
from bridge.model.event import SHOWN_BY_DEFAULT
from bridge.people.accounts import add_account
from bridge.settings.load import load_settings
from bridge.store.accounts import State
from bridge.upstream.discovery import discover
from tests.conftest import KEY
from tests.fortes import API, TOKEN, Fortes, as_usual, fortes

USERS = {"anna": None, "bram": None, "bakker": "119373"}


@dataclass
class Place:
    """A settings file and the school that it names."""

    server: Fortes
    config: Path
    environment: dict[str, str]

    async def run(self, *arguments: str) -> asyncio.subprocess.Process:
        """A command of ours, in a process of its own."""
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bridge", "--config", str(self.config), *arguments, "--json"),
            env={**os.environ, **self.environment},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def refresh(self) -> list[dict[str, Any]]:
        """The rows of a `refresh` that nobody kills."""
        out, _ = await (await self.run("refresh")).communicate()
        rows: list[dict[str, Any]] = json.loads(out)
        return rows

    def opened(self) -> Any:
        types = {name: found.settings for name, found in discover().items()}
        return open_bridge(load_settings(self.config, types, self.environment))


@pytest.fixture
async def place(storage_url: str, tmp_path: Path) -> AsyncIterator[Place]:
    """Three users with an account and a feed each, refreshed once."""
    server = fortes(now_utc)
    async with server.stand_in.serve() as address:
        config = tmp_path / "bridge.toml"
        config.write_text(
            f'[storage]\nurl = "{storage_url}"\n[sources.fortes]\ntype = "somtoday"\nrequests_per_second = 1000\n'
            f'api_url = "{address}"\nauth_url = "{address}"\ninterval = "1s"\n'
        )
        found = Place(server, config, {"BRIDGE_SECURITY__SECRET_KEY": KEY})
        async with found.opened() as bridge:
            for user, identity in USERS.items():
                await bridge.store.users.add(user, user, datetime.now(UTC))
                await add_account(
                    bridge.store,
                    bridge.sources["fortes"],
                    user,
                    identity=identity,
                    secret=f"refresh-{user}",
                    options={},
                    clock=now_utc,
                )
                await bridge.store.feeds.add(
                    user, "default", title="", kinds=SHOWN_BY_DEFAULT, sources=None, options={}, now=now_utc()
                )
            for account in await bridge.store.accounts.all():
                assert all(row.ok or row.forbidden for row in await bridge.refresher.refresh(account))
        yield found


async def what_there_is(bridge: Bridge) -> tuple[list[str], list[tuple[str | None, str]], list[str], list[int]]:
    """Users, accounts, feed tokens, and how many events each feed has."""
    users = [user.name for user in await bridge.store.users.all()]
    accounts = [(account.user, account.source) for account in await bridge.store.accounts.all()]
    tokens = [await bridge.store.feeds.token(user, "default") for user in users]
    events = [(await bridge.store.feeds.plain(user, "default")).count(b"BEGIN:VEVENT") for user in users]
    return users, accounts, tokens, events


def ok(row: dict[str, Any]) -> bool:
    return row["ok"] or "does not show" in row["error"]


async def test_killed_right_after_the_token_answer_no_spent_token_is_ever_sent(place: Place) -> None:
    async with place.opened() as bridge:
        before = await what_there_is(bridge)
    place.server.log_out()
    processes: list[asyncio.subprocess.Process] = []

    async def answer_and_kill(request: web.Request) -> web.StreamResponse:
        answer = await as_usual(request)
        await answer.prepare(request)
        await answer.write_eof()
        processes[0].kill()
        return answer

    place.server.stand_in.faults[TOKEN] = answer_and_kill
    processes.append(await place.run("refresh", "--user", "anna"))
    await processes[0].communicate()
    assert processes[0].returncode == -9
    place.server.stand_in.faults.clear()
    for _ in range(2):
        rows = await place.refresh()
        assert place.server.standin.replays == 0
        assert all(ok(row) for row in rows if row["user"] != "anna")
    async with place.opened() as bridge:
        (anna,) = await bridge.store.accounts.all(user="anna")
        assert anna.state in {State.OK, State.LOGIN_NEEDED}
        assert await what_there_is(bridge) == before


async def test_killed_with_a_new_token_in_use_the_next_process_goes_on_with_it(place: Place) -> None:
    place.server.log_out()
    grants = place.server.standin.grants
    processes: list[asyncio.subprocess.Process] = []

    async def kill(request: web.Request) -> web.StreamResponse:
        if place.server.standin.grants > grants:
            processes[0].kill()
            await processes[0].wait()
        return await as_usual(request)

    place.server.stand_in.faults[API] = kill
    processes.append(await place.run("refresh", "--user", "anna"))
    await processes[0].communicate()
    assert processes[0].returncode == -9
    place.server.stand_in.faults.clear()
    rows = await place.refresh()
    assert len(rows) == len(USERS) * 4, "four parts each"
    assert [row for row in rows if not ok(row)] == []
    assert place.server.standin.replays == 0
    assert place.server.standin.grants == grants + len(USERS)


async def test_killed_at_random_moments_nothing_is_lost(place: Place) -> None:
    async with place.opened() as bridge:
        before = await what_there_is(bridge)
    assert all(count > 10 for count in before[-1])
    chance = random.Random(7)  # noqa: S311 - the same moments each time
    for _ in range(4):
        place.server.log_out()
        place.server.move(minutes=1)
        process = await place.run("refresh")
        left = chance.randint(1, 20)

        async def kill_later(request: web.Request) -> web.StreamResponse:
            nonlocal left
            left -= 1
            answer = await as_usual(request)
            if left == 0:
                process.kill()  # noqa: B023 - the fault is replaced in each round
            return answer

        place.server.stand_in.faults["/"] = kill_later
        await process.communicate()
        assert process.returncode is not None
        assert place.server.standin.replays == 0
        async with place.opened() as bridge:
            assert await what_there_is(bridge) == before
    place.server.stand_in.faults.clear()
    await place.refresh()
    async with place.opened() as bridge:
        assert {account.state for account in await bridge.store.accounts.all()} <= {State.OK, State.LOGIN_NEEDED}
        assert await what_there_is(bridge) == before
    assert place.server.standin.replays == 0
