"""`account login`, as a person or a script uses it."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.browser import logged_in
from tests.program import Program, new_program

PATIENCE = 30


@pytest.fixture
async def program(tmp_path: Path) -> AsyncIterator[Program]:
    """A program that knows three users."""
    async with new_program(tmp_path / "service") as made:
        async with made.opened() as bridge:
            for name in ("anna", "sem", "lotte"):
                await bridge.store.users.add(name, name, bridge.clock())
        yield made


class Login:
    """A login command that waits for what is pasted."""

    def __init__(self, process: asyncio.subprocess.Process, *, as_json: bool) -> None:
        self._process = process
        self._told = process.stderr if as_json else process.stdout

    async def address(self) -> str:
        """The address that it prints, after two sentences."""
        assert self._told is not None
        lines = [(await asyncio.wait_for(self._told.readline(), PATIENCE)).decode().strip() for _ in range(3)]
        assert [line.endswith(".") for line in lines] == [True, True, False]
        return lines[2]

    async def paste(self, *lines: str) -> tuple[int, str, str]:
        """Give it these lines and nothing more; gives exit code and what it still said."""
        out, err = await asyncio.wait_for(
            self._process.communicate("".join(f"{line}\n" for line in lines).encode()), PATIENCE
        )
        assert self._process.returncode is not None
        return self._process.returncode, out.decode(), err.decode()


async def begun(program: Program, *words: str) -> Login:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bridge", "account", "login", *words),
        cwd=program.folder,
        env={**os.environ},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    return Login(process, as_json="--json" in words)


async def test_a_pupil_logs_in_after_some_wrong_pastes_each_with_its_sentence(program: Program) -> None:
    login = await begun(program, "anna", "fortes")
    address = await login.address()
    url = await logged_in(address)
    wrong = [address, "https://www.example.nl/", url.replace("state=", "state=x"), "spentcode", "what now"]
    code, out, err = await login.paste(*wrong, url)
    assert (code, out) == (0, "anna is logged in at fortes.\n"), err
    sentences = err.splitlines()
    assert len(sentences) == len(set(sentences)) == len(wrong)
    assert all(row["ok"] for row in await program.json("refresh", "--user", "anna"))


async def test_json_keeps_standard_output_to_one_value(program: Program) -> None:
    login = await begun(program, "anna", "fortes", "--json")
    code, out, _ = await login.paste(await logged_in(await login.address()))
    assert code == 0
    assert out.count("\n") == 1
    [listed] = await program.json("account", "list")
    assert f'"identity": "{listed["identity"]}"' in out


async def test_the_end_of_input_ends_it_and_nothing_is_stored(program: Program) -> None:
    sentence = "The login was not finished: standard input has ended."
    outcome = await program.run("account", "login", "anna", "fortes", stdin="nonsense here\n")
    assert outcome.code == 1
    assert outcome.err.splitlines() == ["This is neither an address nor a code.", sentence]
    assert await program.json("account", "list") == []


async def test_a_parent_chooses_with_the_next_command_and_a_second_child_shares_the_login(program: Program) -> None:
    login = await begun(program, "sem", "fortes")
    code, _, err = await login.paste(await logged_in(await login.address(), 2))
    assert code == 1
    assert "  --identity 119373  Sem" in err.splitlines()
    assert "The login is kept" in err
    chosen = await program.json("account", "login", "sem", "fortes", "--identity", "Sem")
    assert chosen["identity"] == "Sem"
    shared = await program.json("account", "add", "lotte", "fortes", "--identity", "Lotte", "--login-of", "sem")
    assert shared["state"] == "new"
    assert all(row["ok"] for row in await program.json("refresh"))
    for child in ("sem", "lotte"):
        assert await program.json("feed", "add", child)


async def test_what_cannot_begin_says_so(program: Program) -> None:
    assert await program.refused("account", "login", "nobody", "fortes") == 'No user is called "nobody".'
    assert "has no browser login" in await program.refused("account", "login", "anna", "uva")
    assert 'No source is called "nowhere"' in await program.refused("account", "login", "anna", "nowhere")
    wrong = await program.run(
        "account", "add", "lotte", "fortes", "--login-of", "sem", "--secret-stdin", stdin="refresh-bakker"
    )
    assert wrong.code == 2
