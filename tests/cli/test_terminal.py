"""What a person at a terminal sees: questions, sentences, and a bar while long work lasts."""

import asyncio
import time

from tests.browser import logged_in
from tests.conftest import slow
from tests.faults import saying
from tests.program import Program, until
from tests.terminal import Terminal, on_terminal

NO_CODE = "This is neither an address nor a code."


async def shows(terminal: Terminal, text: str) -> None:
    await until(lambda: text in terminal.shown or not terminal.running)
    assert text in terminal.shown


async def test_a_paste_that_is_no_code_says_so_and_the_next_one_may_be_right(program: Program) -> None:
    await program.json("user", "add", "anna")
    async with on_terminal(["account", "login", "anna", "fortes"], program.folder) as terminal:
        await shows(terminal, "Pasted address: ")
        address = next(line for line in terminal.shown.splitlines() if line.startswith("http"))
        for wrong in ("hello", "is this it?", "12345678"):
            before = terminal.shown.count(NO_CODE)
            terminal.type(wrong)
            await until(lambda before=before: terminal.shown.count(NO_CODE) > before)  # type: ignore[misc] # a lambda
        terminal.type(await logged_in(address))
        await shows(terminal, "anna is logged in at fortes.")
        assert await terminal.ended() == 0


async def test_a_piped_paste_that_is_no_code_says_so(program: Program) -> None:
    await program.json("user", "add", "anna")
    outcome = await program.run("account", "login", "anna", "fortes", stdin="hello\n12345678\n")
    assert outcome.code == 1
    assert outcome.err.splitlines()[:2] == [NO_CODE, NO_CODE]
    assert not program.stand_ins["fortes"].requests["POST /oauth2/token"]


async def test_a_refresh_shows_a_bar_before_the_school_has_answered(program: Program) -> None:
    await program.json("user", "add", "anna")
    await program.json("account", "add", "anna", "fortes", "--secret-stdin", stdin="refresh-anna")
    answered = asyncio.Event()

    async def wait(request: object) -> object:
        await answered.wait()
        return await saying(500)(request)  # type: ignore[arg-type] # a request

    program.stand_ins["fortes"].faults["/"] = wait  # type: ignore[assignment] # answers late
    async with on_terminal(["refresh"], program.folder) as terminal:
        await shows(terminal, "Refreshing")
        answered.set()
        assert await terminal.ended() == 1


@slow("the demo on a terminal, with a source that was made up, and each thing that can be made to happen in it")
async def test_the_demo_shows_a_bar_while_it_starts(program: Program) -> None:
    began = time.monotonic()
    async with on_terminal(["demo", "--port", "0"], program.folder) as terminal:
        await shows(terminal, "Starting the schools")
        first = time.monotonic() - began
        await shows(terminal, "account list")
        assert first < (time.monotonic() - began) / 2
        assert "Addresses to subscribe to" in terminal.shown
