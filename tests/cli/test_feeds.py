import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridge.calendar.options import FIELDS
from bridge.model.event import SHOWN_BY_DEFAULT, Kind
from bridge.store.renderings import Rendering
from tests.program import Program, new_program

KEYS = {"user", "name", "kinds", "sources", "options", "created", "last_read"}


@pytest.fixture
async def program(tmp_path: Path, made_url: str | None) -> AsyncIterator[Program]:
    """A program with a user."""
    async with new_program(tmp_path / "service", made_url) as made:
        async with made.opened() as bridge:
            await bridge.store.users.add("anna", "Anna", bridge.clock())
        yield made


async def test_a_feed_is_made_listed_rotated_and_revoked(program: Program) -> None:
    plain = await program.json("feed", "add", "anna")
    assert plain.keys() == {"user", "name", "url"}
    assert (plain["user"], plain["name"]) == ("anna", "default")
    assert plain["url"].startswith("http://calendars.test/f/")
    assert len(plain["url"].removeprefix("http://calendars.test")) < 116
    chosen = await program.run(
        *("feed", "add", "anna", "--name", "toetsen", "--title", "Toetsen", "--kinds", "homework, exam"),
        *("--sources", "fortes,vrij", "--option", "cancelled=hide", "--option", "language=en"),
    )
    assert (chosen.code, chosen.err) == (0, "")
    assert chosen.out.decode().startswith("http://calendars.test/f/")
    assert len(chosen.out.splitlines()) == 1

    first, second = await program.json("feed", "list", "--user", "anna")
    assert first.keys() == second.keys() == KEYS
    assert (first["name"], first["kinds"], first["sources"]) == ("default", list(SHOWN_BY_DEFAULT), None)
    assert (second["kinds"], second["sources"]) == (["exam", "homework"], ["fortes", "vrij"])
    assert second["options"] == {"cancelled": "hide", "language": "en"}
    assert first["last_read"] is None

    rotated = await program.json("feed", "rotate", "anna", "--name", "toetsen")
    assert rotated.keys() == {"user", "name", "url"}
    assert rotated["url"] != chosen.out.decode().strip()
    assert await program.json("feed", "revoke", "anna", "--name", "toetsen") == {"user": "anna", "name": "toetsen"}
    assert [feed["name"] for feed in await program.json("feed", "list")] == ["default"]


async def test_what_cannot_be_done_to_a_feed_is_told_in_a_sentence(program: Program) -> None:
    await program.json("feed", "add", "anna")
    told = {
        ("add", "anna"): 'anna already has a feed called "default".',
        ("add", "anna", "--name", "b", "--sources", "nowhere"): 'No source is called "nowhere"; the settings have: ',
        ("rotate", "anna", "--name", "other"): 'anna has no feed called "other".',
        ("revoke", "anna", "--name", "other"): 'anna has no feed called "other".',
        ("export", "anna", "--name", "other"): 'anna has no feed called "other".',
    }
    sentences = await asyncio.gather(*(program.refused("feed", *words) for words in told))
    for expected, sentence in zip(told.values(), sentences, strict=True):
        assert expected in sentence


async def test_a_long_list_is_neither_wrapped_nor_cut(program: Program) -> None:
    pattern = ",".join(f"vak-{number}" for number in range(120))
    await program.json("feed", "add", "anna", "--option", f"exclude={pattern}")
    listed = await program.run("feed", "list")
    assert len(listed.out.splitlines()) == 2
    assert f"exclude={pattern}" in listed.out.decode()


async def test_options_are_changed_and_taken_back_while_the_address_stays(program: Program) -> None:
    await program.json("feed", "add", "anna", "--option", "language=en")
    before = (await program.run("feed", "export", "anna")).out
    changed = await program.json("feed", "set", "anna", "--option", "privacy=busy", "--option", "alarms=exam:1d")
    assert changed["options"] == {"language": "en", "privacy": "busy", "alarms": "exam:1d"}
    assert changed.keys() == KEYS
    taken_back = await program.json("feed", "set", "anna", "--option", "privacy=", "--option", "alarms=")
    assert taken_back["options"] == {"language": "en"}
    assert (await program.json("feed", "list"))[0]["options"] == {"language": "en"}
    assert (await program.run("feed", "export", "anna")).out == before
    wrong = await program.run("feed", "set", "anna", "--option", "privacy=loud")
    assert wrong.code == 2
    assert "privacy takes full, busy" in wrong.err
    refused = await program.refused("feed", "set", "anna", "--name", "other", "--option", "language=fr")
    assert refused == 'anna has no feed called "other".'


async def test_a_feed_that_is_too_large_for_some_programs_says_so(program: Program) -> None:
    await program.json("feed", "add", "anna")
    async with program.opened() as bridge:
        feed = await bridge.store.feeds.get("anna", "default")
        large = Rendering.of(b"x" * 1_300_000)
        await bridge.store.renderings.publish([(feed, large)], bridge.clock())
        assert await bridge.store.feeds.count_large() == 1
    listed = await program.run("feed", "list", "--json")
    assert listed.code == 0
    assert "has 1.3 MB" in listed.err
    assert "feed set anna --name default --option past=14d" in listed.err
    assert len(listed.json) == 1


async def test_the_help_of_feed_add_lists_kinds_and_options(program: Program) -> None:
    told = " ".join((await program.run("feed", "add", "--help")).out.decode().split())
    assert ", ".join(Kind) in told
    assert f"repeatable: {', '.join(FIELDS)}." in told


async def test_an_address_is_shown_as_a_qr_code_in_the_terminal_or_as_a_file_for_its_owner(program: Program) -> None:
    url = (await program.json("feed", "add", "anna"))["url"]
    assert await program.json("feed", "qr", "anna") == {"user": "anna", "name": "default", "url": url}
    drawn = (await program.run("feed", "qr", "anna")).out.decode()
    assert url not in drawn
    assert "█▄▄▄█" in drawn
    file = program.folder / "anna.svg"
    assert (await program.run("feed", "qr", "anna", "--svg", str(file))).code == 0
    assert file.read_text("utf-8").startswith("<?xml")
    assert file.stat().st_mode & 0o777 == 0o600
    assert "exists already" in await program.refused("feed", "qr", "anna", "--svg", str(file))
    assert "cannot be written" in await program.refused("feed", "qr", "anna", "--svg", "/nowhere/anna.svg")
    assert await program.refused("feed", "qr", "anna", "--name", "work") == 'anna has no feed called "work".'
