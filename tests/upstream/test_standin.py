"""A stand-in run by hand: what it prints is all that it takes."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from bridge.settings.load import load_settings
from bridge.settings.schema import SourceSettings
from bridge.standin import describe
from bridge.upstream.discovery import discover
from bridge.upstream.standin import SamplePerson, StandIn
from tests.club.server import PEOPLE, new_club
from tests.club.source import ENVIRONMENT
from tests.conftest import KEY, SettableClock, slow
from tests.faults import hanging

LAST_CONTROL = "move-lesson"


@contextmanager
def running(source: str, until: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A stand-in in a process of its own, and what it prints up to the line that holds `until`."""
    command = [sys.executable, "-m", "bridge.standin", source, "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | ENVIRONMENT) as process:
        try:
            assert process.stdout is not None
            printed = ""
            for line in process.stdout:
                printed += line
                if until in line:
                    break
            yield process, printed
        finally:
            process.kill()


def shell(script: str, **environment: str) -> str:
    """Run commands as a person would, with `roosterbridge` being the one that is tested."""
    command = f'set -e\nroosterbridge() {{ "{sys.executable}" -m bridge "$@"; }}\n{script}'
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        env=os.environ | ENVIRONMENT | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def commands_of(printed: str, word: str) -> list[str]:
    return [line.removeprefix("# ") for line in printed.splitlines() if line.startswith("# ") and word in line]


@slow("the commands of README and those that a stand-in prints, typed as they stand")
async def test_its_settings_and_commands_work_as_they_are_printed(tmp_path: Path) -> None:
    with running("club", LAST_CONTROL) as (process, printed):
        config = tmp_path / "bridge.toml"
        storage = f'[storage]\nurl = "sqlite:///{tmp_path / "bridge.db"}"\n\n'
        config.write_text(storage + printed, "utf-8")
        known = {"BRIDGE_CONFIG": str(config), "BRIDGE_SECURITY__SECRET_KEY": KEY}
        assert len(commands_of(printed, "roosterbridge")) == 2 * len(PEOPLE)
        shell("\n".join(commands_of(printed, "bakker")), **known)
        rows = json.loads(shell("roosterbridge refresh --json", **known))
        assert [(row["user"], row["ok"], row["events"] > 0) for row in rows] == [("bakker", True, True)] * 2

        for control in commands_of(printed, "curl"):
            match = re.fullmatch(r"curl -X POST (\S+)", control)
            assert match is not None
            async with aiohttp.ClientSession() as session, session.post(match[1]) as reply:
                assert reply.status == 200
                assert (await reply.text()).startswith(("cancelled: ", "moved: "))
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0


def test_a_source_without_a_server_prints_its_settings_and_ends() -> None:
    with running("holidays", "no such line") as (process, printed):
        assert process.wait(30) == 0
    assert printed.startswith("[sources.holidays]\n")
    assert "curl" not in printed


def test_an_address_may_have_a_path_of_its_own_after_it() -> None:
    stand_in = StandIn("eduv", addresses=("api_url", "token_url"), paths={"token_url": "/oauth2/token"})
    assert stand_in.settings_at("http://127.0.0.1:8101") == {
        "type": "eduv",
        "api_url": "http://127.0.0.1:8101",
        "token_url": "http://127.0.0.1:8101/oauth2/token",
    }
    assert stand_in.settings_at(None) == {"type": "eduv"}


def test_an_unknown_source_is_wrong_usage() -> None:
    command = [sys.executable, "-m", "bridge.standin", "nowhere"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "invalid choice: 'nowhere'" in done.stderr


async def test_an_answer_that_hangs_does_not_hold_up_its_end(clock: SettableClock) -> None:
    stand_in = new_club(clock).stand_in
    asked = asyncio.Event()

    async def told_and_hanging(request: web.Request) -> web.StreamResponse:
        asked.set()
        return await hanging(request)

    stand_in.faults["/"] = told_and_hanging
    async with aiohttp.ClientSession() as session:
        async with stand_in.serve() as address:
            asking = asyncio.create_task(session.get(f"{address}/api/lessons"))
            await asked.wait()
            ending = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - ending < 30
        with pytest.raises(aiohttp.ClientError):
            await asking


async def test_an_unknown_control_is_answered_with_the_known_ones(clock: SettableClock) -> None:
    stand_in = new_club(clock).stand_in
    async with (
        stand_in.serve() as address,
        aiohttp.ClientSession() as session,
        session.post(f"{address}/standin/explode") as reply,
    ):
        assert (reply.status, await reply.text()) == (
            404,
            "controls: cancel-lesson, move-lesson\n",
        )
    assert not stand_in.requests


@pytest.mark.parametrize("text", ["O'Neill", 'a "b"', "École 🐓", "x\\y", "#1 = $HOME `id`"])
def test_what_it_prints_survives_any_character(installed_club: None, tmp_path: Path, text: str) -> None:
    person = SamplePerson("piet", "Piet", identity=text, secret=text, options={"timetables": text})
    printed = describe("club", StandIn("club", (person,), {"title": text}), None)
    config = tmp_path / "bridge.toml"
    config.write_text(f'{printed}\napi_url = "http://club"\n', "utf-8")
    types: dict[str, type[SourceSettings]] = {name: found.settings for name, found in discover().items()}
    assert load_settings(config, types, {}).sources["club"].title == text

    [command] = commands_of(printed, "account add")
    told = shell(
        "taken() { cat; printf '\\n'; printf '%s\\n' \"$@\"; }\n"
        + command.replace("roosterbridge account add", "taken")
    )
    options = ["--identity", text, "--option", f"timetables={text}", "--secret-stdin"]
    assert told.splitlines() == [text, "piet", "club", *options]
