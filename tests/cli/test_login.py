"""`account login`, as a person or a script uses it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.browser import logged_in
from tests.program import Command, Outcome, Program, new_program, until


@pytest.fixture
async def program(tmp_path: Path, made_url: str | None) -> AsyncIterator[Program]:
    """A program that knows three users."""
    async with new_program(tmp_path / "service", made_url) as made:
        async with made.opened() as bridge:
            for name in ("anna", "sem", "lotte"):
                await bridge.store.users.add(name, name, bridge.clock())
        yield made


async def address(login: Command) -> str:
    """The address that a login command prints, after two sentences."""
    lines: list[str] = []

    def printed() -> bool:
        lines[:] = (login.out() + login.told()).splitlines()
        return len(lines) >= 3

    await until(printed)
    assert [line.endswith(".") for line in lines] == [True, True, False]
    return lines[2]


async def paste(login: Command, *lines: str) -> Outcome:
    """Give it these lines and nothing more; gives all that it said."""
    login.type("".join(f"{line}\n" for line in lines))
    return await login.outcome()


async def test_a_pupil_logs_in_after_some_wrong_pastes_each_with_its_sentence(program: Program) -> None:
    async with program.start("account", "login", "anna", "fortes", stdin=None) as login:
        opened = await address(login)
        url = await logged_in(opened)
        wrong = [opened, "https://www.example.nl/", url.replace("state=", "state=x"), "spent-code-0123456789", "hello"]
        done = await paste(login, *wrong, url)
    assert done.code == 0
    assert done.out.decode().splitlines()[3:] == ["anna is logged in at fortes."]
    sentences = done.err.splitlines()
    assert len(sentences) == len(set(sentences)) == len(wrong)
    assert all(row["ok"] for row in await program.json("refresh", "--user", "anna"))


async def test_json_keeps_standard_output_to_one_value(program: Program) -> None:
    async with program.start("account", "login", "anna", "fortes", "--json", stdin=None) as login:
        done = await paste(login, await logged_in(await address(login)))
    assert done.code == 0
    [listed] = await program.json("account", "list")
    assert done.json["identity"] == listed["identity"]


async def test_the_end_of_input_ends_it_and_nothing_is_stored(program: Program) -> None:
    sentence = "The login was not finished: standard input has ended."
    outcome = await program.run("account", "login", "anna", "fortes", stdin="nonsense here\n")
    assert outcome.code == 1
    assert outcome.err.splitlines() == ["This is neither an address nor a code.", sentence]
    assert await program.json("account", "list") == []


async def test_a_parent_chooses_with_the_next_command_and_a_second_child_shares_the_login(program: Program) -> None:
    async with program.start("account", "login", "sem", "fortes", stdin=None) as login:
        done = await paste(login, await logged_in(await address(login), 2))
    assert done.code == 1
    assert "  --identity 119373  Sem" in done.err.splitlines()
    assert "The login is kept" in done.err
    chosen = await program.json("account", "login", "sem", "fortes", "--identity", "Sem")
    assert chosen["identity"] == "Sem"
    shared = await program.json("account", "add", "lotte", "fortes", "--identity", "Lotte", "--login-of", "sem")
    assert shared["state"] == "new"
    assert all(row["ok"] for row in await program.json("refresh"))
    for child in ("sem", "lotte"):
        assert await program.json("feed", "add", child)


async def test_a_student_logs_in_at_the_university(program: Program) -> None:
    async with program.start("account", "login", "anna", "uva", stdin=None) as login:
        done = await paste(login, await logged_in(await address(login)))
    assert done.code == 0
    assert done.out.decode().splitlines()[3:5] == ["anna is logged in at uva.", "It reads:"]
    [listed] = await program.json("account", "list")
    assert listed["identity"] == "12345678"
    assert all(row["ok"] for row in await program.json("refresh", "--user", "anna"))


async def test_what_cannot_begin_says_so(program: Program) -> None:
    assert await program.refused("account", "login", "nobody", "fortes") == 'No user is called "nobody".'
    assert "has no browser login" in await program.refused("account", "login", "anna", "vrij")
    assert 'No source is called "nowhere"' in await program.refused("account", "login", "anna", "nowhere")
    wrong = await program.run(
        "account", "add", "lotte", "fortes", "--login-of", "sem", "--secret-stdin", stdin="refresh-bakker"
    )
    assert wrong.code == 2
