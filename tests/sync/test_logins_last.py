"""A login ends when the school refuses it, and for no other reason."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from bridge.model.clock import now_utc
from bridge.sources.somtoday.standin.server import make_server
from bridge.upstream.standin import StandIn
from tests.browser import logged_in
from tests.club.place import Place, people_at_the_club
from tests.club.server import LESSONS, PEOPLE, TOKEN
from tests.faults import as_usual
from tests.program import until

WAITS, WAIT = "waits for the school's answer", "wait for the school's answer"
KEPT_IN_MEMORY = "login.kept_in_memory"


@pytest.fixture
def storage_url(sqlite_url: str) -> str:
    """SQLite: tests/store/ tries the leases on both sorts of storage."""
    return sqlite_url


@pytest.fixture
async def place(tmp_path: Path, storage_url: str, installed_club: None) -> AsyncIterator[Place]:
    """Three users with an account each, whose access tokens have expired."""
    async with people_at_the_club(tmp_path, storage_url, timeout="20s") as made:
        made.club.log_out()
        yield made


async def test_a_new_token_that_comes_while_the_disk_is_full_is_kept_as_soon_as_there_is_room(place: Place) -> None:
    command = place.program.command("refresh", "--user", "anna", "--json")
    full = asyncio.Event()

    async def fill_the_disk(request: web.Request) -> web.StreamResponse:
        answer = await as_usual(request)
        command.limit_files(1)
        full.set()
        return answer

    place.club.stand_in.faults[TOKEN] = fill_the_disk
    await command.start()
    await full.wait()
    await asyncio.sleep(1)  # in which the disk stays full
    assert command.running
    command.limit_files(None)
    rows = (await command.outcome()).json
    assert [row["ok"] for row in rows] == [True] * len(rows)
    place.club.stand_in.faults.clear()
    place.club.log_out()
    assert all(row["ok"] for row in (await place.program.run("refresh", "--json")).json)
    assert place.club.replays == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_command_that_is_ended_keeps_what_comes_for_tokens_that_are_out_and_sends_no_others(
    place: Place, number: signal.Signals
) -> None:
    answers = asyncio.Event()
    inside = 0

    async def answer_late(request: web.Request) -> web.StreamResponse:
        nonlocal inside
        inside += 1
        answer = await as_usual(request)
        await answers.wait()
        return answer

    place.club.stand_in.faults[TOKEN] = answer_late
    async with place.program.start("refresh") as command:
        await until(lambda: inside == 2)  # as many as are refreshed at once
        command.send(number)
        await until(lambda: WAIT in command.told() or not command.running)
        answers.set()
        outcome = await command.outcome()
    assert (outcome.code, outcome.out) == (128 + number, b"")
    assert outcome.err == "2 logins wait for the school's answer.\n"
    assert inside == 2
    place.club.stand_in.faults.clear()
    assert all(row["ok"] for row in await place.refresh())
    assert place.club.replays == 0


async def test_a_token_that_comes_while_the_process_stands_still_for_longer_than_it_would_wait_is_kept(
    place: Place,
) -> None:
    place.program.configure({"sources.club": {"timeout": "1s"}})
    inside, answers = asyncio.Event(), asyncio.Event()

    async def answer_late(request: web.Request) -> web.StreamResponse:
        answer = await as_usual(request)
        inside.set()
        await answers.wait()
        return answer

    place.club.stand_in.faults[TOKEN] = answer_late
    async with place.program.start("refresh", "--user", "anna") as command:
        await inside.wait()
        command.send(signal.SIGSTOP)
        answers.set()
        await asyncio.sleep(2)
        command.send(signal.SIGCONT)
        assert (await command.outcome()).code == 0
    assert all(row["ok"] for row in await place.refresh())
    assert place.club.replays == 0


async def test_a_login_that_is_ended_while_the_school_is_slow_is_finished_first(place: Place) -> None:
    inside, answers = asyncio.Event(), asyncio.Event()

    async def answer_late(request: web.Request) -> web.StreamResponse:
        inside.set()
        answer = await as_usual(request)
        await answers.wait()
        return answer

    async with place.program.start("account", "login", "anna", "club", stdin=None) as command:
        await until(lambda: command.out().endswith("\n"))
        pasted = await logged_in(command.out().splitlines()[-1])
        place.club.stand_in.faults[TOKEN] = answer_late
        command.type(pasted + "\n")
        await inside.wait()
        command.send(signal.SIGTERM)
        await until(lambda: WAITS in command.told() or not command.running)
        answers.set()
        assert (await command.outcome()).code == 128 + signal.SIGTERM
    place.club.stand_in.faults.clear()
    del place.club.logins[0]  # the one from before
    assert all(row["ok"] for row in await place.refresh())
    assert place.club.replays == 0


def move(file: Path, to: Path) -> None:
    """Unless it has been moved."""
    if file.exists():
        file.rename(to)


async def test_a_command_that_fails_while_tokens_are_out_says_so_and_keeps_what_comes_for_them(
    place: Place, storage_url: str
) -> None:
    here = Path(storage_url.removeprefix("sqlite:///"))
    away = here.with_suffix(".away")
    command = place.program.command("refresh")
    waits = asyncio.Event()
    inside = 0

    async def answer_the_first_late(request: web.Request) -> web.StreamResponse:
        nonlocal inside
        inside += 1
        late = inside == 1
        answer = await as_usual(request)
        if late:
            await waits.wait()
        return answer

    async def take_the_storage_away(request: web.Request) -> web.StreamResponse:
        if inside == 2:
            move(here, away)
        return await as_usual(request)

    place.club.stand_in.faults |= {TOKEN: answer_the_first_late, LESSONS: take_the_storage_away}
    await command.start()
    await until(lambda: WAITS in command.told() or not command.running)
    waits.set()
    await until(lambda: KEPT_IN_MEMORY in command.told() or not command.running)
    move(away, here)
    outcome = await command.outcome()
    assert outcome.code == 1
    assert "is gone" in outcome.err
    place.club.stand_in.faults.clear()
    assert all(row["ok"] for row in await place.refresh())
    assert place.club.replays == 0


async def test_a_login_never_goes_to_another_system(place: Place, tmp_path: Path) -> None:
    standin = make_server(now_utc)
    stand_in = StandIn(
        source="somtoday", settings={"title": "Fortes"}, addresses=("api_url", "auth_url"), routes=standin.register
    )
    club = place.program.tables["sources.club"]
    async with stand_in.serve() as address:
        del place.program.tables["sources.club"]
        place.program.configure({"sources.club": stand_in.settings_at(address)})
        rows = (await place.program.run("refresh", "--user", "anna", "--json")).json
        assert {row["error"].partition(";")[0] for row in rows} == {
            "Fortes had the type club when this account was added, and has somtoday now"
        }
        again = await place.program.run("account", "add", "anna", "club")
        assert again.code == 1
        assert not stand_in.requests
        del place.program.tables["sources.club"]
        place.program.configure({"sources.club": club})
        assert all(row["ok"] for row in (await place.program.run("refresh", "--json")).json)
        assert place.club.replays == 0


async def test_a_stop_waits_for_tokens_that_are_out_and_sends_no_others(place: Place) -> None:
    inside = 0

    async def slow(request: web.Request) -> web.StreamResponse:
        nonlocal inside
        inside += 1
        answer = await as_usual(request)
        await asyncio.sleep(7)  # longer than a refresh may take to stop
        return answer

    place.club.stand_in.faults[TOKEN] = slow
    grants = place.club.grants
    async with place.program.start("serve") as service:
        await until(lambda: inside == 2)
        assert await service.stop() == 0
        assert "stopping.tokens_are_out" in service.told()
    assert place.club.grants == grants + 2
    place.club.stand_in.faults.clear()
    rows = (await place.program.run("refresh", "--json")).json
    assert all(row["ok"] for row in rows)
    assert len(rows) == 2 * len(PEOPLE)
    assert place.club.replays == 0
