"""Wrong usage: exit 2, and nothing done; where the common options stand; both names of the program."""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from bridge import __version__
from bridge.cli.main import app
from tests.program import Program

WRONG = {
    ("nonsense",): "nonsense",
    ("user", "add"): "argument",
    ("user", "add", "a,b"): "comma",
    ("user", "list", "--nonsense"): "--nonsense",
    ("account", "add", "anna", "uva", "--option", "timetables"): "KEY=VALUE",
    ("feed", "add", "anna", "--kinds", "lesson,party"): "party",
    ("feed", "add", "anna", "--kinds", "exams"): "the nearest known one is exam",
    ("feed", "add", "anna", "--kinds", ""): "kinds",
    ("feed", "add", "anna", "--option", "colour=red"): "colour",
    ("feed", "add", "anna", "--option", "privacy=sometimes"): "privacy",
    ("feed", "add", "anna", "--name", " "): "--name",
    ("feed", "add", "anna", "--name", "n" * 300): "--name",
    ("demo", "--port", "many"): "--port",
}


@pytest.fixture
def made_url() -> None:
    """There is no storage yet."""


async def test_wrong_usage_ends_with_2_and_says_what_is_wrong(program: Program) -> None:
    outcomes = await asyncio.gather(*(program.run(*words) for words in WRONG))
    for (words, told), outcome in zip(WRONG.items(), outcomes, strict=True):
        assert (outcome.code, outcome.out) == (2, b""), words
        assert told in outcome.err, words
    assert not (program.folder / "data").exists()


async def test_the_common_options_stand_before_or_after_the_commands_name(program: Program) -> None:
    async with program.opened() as bridge:
        await bridge.store.users.add("anna", "Anna", bridge.clock())
    program.config.rename(program.folder / "mine.toml")
    config = "mine.toml"
    outcomes = await asyncio.gather(
        program.run("--config", config, "--json", "user", "list"),
        program.run("user", "--config", config, "--json", "list"),
        program.run("user", "list", "--json", "--config", config),
    )
    for outcome in outcomes:
        assert [user["name"] for user in outcome.json] == ["anna"]


async def test_help_of_every_command_ends_with_0(program: Program) -> None:
    outcomes = await asyncio.gather(*(program.run(*words, "--help") for words in ((), ("account", "add"), ("feed",))))
    assert [outcome.code for outcome in outcomes] == [0, 0, 0]
    assert all(name in outcomes[0].out.decode() for name in ("demo", "init", "check", "serve", "refresh", "account"))
    assert "--secret-stdin" in outcomes[1].out.decode()


async def test_both_names_of_the_program_are_the_same_program() -> None:
    script = Path(sys.executable).with_name("roosterbridge")
    for words in ([script], [sys.executable, "-m", "bridge"]):
        process = await asyncio.create_subprocess_exec(*words, "version", stdout=asyncio.subprocess.PIPE)
        out, _ = await process.communicate()
        assert (process.returncode, out.decode()) == (0, f"{__version__}\n")


async def test_the_version_is_json_where_json_is_asked_for(program: Program) -> None:
    assert await program.json("version") == {"version": __version__}
    assert (await program.run("version")).out.decode() == f"{__version__}\n"


def test_every_command_that_takes_a_user_and_a_source_takes_as() -> None:
    lacking, found = [], 0
    for words, one in _commands(typer.main.get_command(app), ()):
        arguments = {parameter.name for parameter in one.params if parameter.param_type_name == "argument"}
        if {"user", "source"} <= arguments:
            found += 1
            if not any("--as" in parameter.opts for parameter in one.params):
                lacking.append(words)
    assert found > 10
    assert lacking == []


def _commands(one: Any, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if not hasattr(one, "commands"):
        yield words, one
        return
    for name, inner in one.commands.items():
        yield from _commands(inner, (*words, name))
