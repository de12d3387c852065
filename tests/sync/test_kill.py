"""Killing the process at any moment loses nothing, and the next start goes on by itself."""

import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from sqlalchemy import update

from bridge.app import Bridge
from bridge.model.clock import now_utc
from bridge.store.account import State
from bridge.store.database import execute
from bridge.store.feed import NewFeed
from bridge.store.schema import leases
from tests.club.place import Place, people_at_the_club
from tests.club.server import API, PEOPLE, TOKEN
from tests.faults import as_usual


@pytest.fixture
async def place(storage_url: str, tmp_path: Path, installed_club: None) -> AsyncIterator[Place]:
    """Three users with an account and a feed each, refreshed once."""
    async with people_at_the_club(tmp_path, storage_url, interval="1s") as made:
        async with made.program.opened() as bridge:
            for person in PEOPLE:
                await bridge.store.feeds.add(person.user, NewFeed(), now_utc())
            for account in await bridge.store.accounts.all():
                assert all(row.ok for row in await bridge.refresher.refresh(account))
            await bridge.publisher.publish_wanted()
        yield made


async def what_there_is(bridge: Bridge) -> tuple[list[str], list[tuple[str | None, str]], list[str], list[int]]:
    """Users, accounts, feed tokens, and how many events each feed has."""
    users = [user.name for user in await bridge.store.users.all()]
    accounts = [(account.user, account.source) for account in await bridge.store.accounts.all()]
    tokens = [await bridge.store.feeds.token(user, "default") for user in users]
    events = [(await bridge.store.renderings.calendar(user, "default")).count(b"BEGIN:VEVENT") for user in users]
    return users, accounts, tokens, events


@pytest.mark.parametrize(("forgiving", "state"), [(True, State.OK), (False, State.LOGIN_NEEDED)])
async def test_killed_before_the_token_answer_is_kept_the_token_is_tried_once_more_and_only_a_refusal_ends_it(
    place: Place, storage_url: str, *, forgiving: bool, state: State
) -> None:
    place.club.forgiving = forgiving
    async with place.program.opened() as bridge:
        before = await what_there_is(bridge)
    place.club.log_out()
    command = place.program.command("refresh", "--user", "anna")

    async def answer_and_kill(request: web.Request) -> web.StreamResponse:
        command.send(signal.SIGSTOP)  # or the answer might be kept before the end comes
        answer = await as_usual(request)
        await answer.prepare(request)
        await answer.write_eof()
        command.kill()
        return answer

    place.club.stand_in.faults[TOKEN] = answer_and_kill
    await command.start()
    assert (await command.outcome()).code == -9
    place.club.stand_in.faults.clear()
    if storage_url.startswith("postgresql"):  # where a process that has ended cannot be told from one that hangs
        async with place.program.opened() as bridge:
            await bridge.store.database.write(execute, update(leases).values(until=1.0))
    for _ in range(2):
        rows = await place.refresh()
        assert place.club.replays == 1
        assert {row["user"] for row in rows if row["ok"]} >= {"bram", "bakker"}
    async with place.program.opened() as bridge:
        (anna,) = await bridge.store.accounts.all(user="anna")
        assert anna.state is state
        assert await what_there_is(bridge) == before


async def test_killed_with_a_new_token_in_use_the_next_process_goes_on_with_it(place: Place) -> None:
    place.club.log_out()
    grants = place.club.grants
    command = place.program.command("refresh", "--user", "anna")

    async def kill(request: web.Request) -> web.StreamResponse:
        if place.club.grants > grants:
            command.kill()
            await command.outcome()
        return await as_usual(request)

    place.club.stand_in.faults[API] = kill
    await command.start()
    assert (await command.outcome()).code == -9
    place.club.stand_in.faults.clear()
    rows = await place.refresh()
    assert len(rows) == 2 * len(PEOPLE), "two parts each"
    assert [row for row in rows if not row["ok"]] == []
    assert place.club.replays == 0
    assert place.club.grants == grants + len(PEOPLE)
