import asyncio
import shlex
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bridge.model.clock import now_utc
from bridge.sources.mytimetable.standin.server import OWN_TOKEN
from bridge.sources.mytimetable.standin.university import OWN
from bridge.upstream.discovery import discover
from tests.faults import saying
from tests.program import Program, new_program

KEYS = {"user", "source", "name", "identity", "state", "last_ok", "last_error"}


@pytest.fixture
async def program(tmp_path: Path, made_url: str | None) -> AsyncIterator[Program]:
    """A program that knows three users."""
    async with new_program(tmp_path / "service", made_url) as made:
        async with made.opened() as bridge:
            for name in ("anna", "bakker", "noor"):
                await bridge.store.users.add(name, name, bridge.clock())
        yield made


async def test_accounts_of_each_sort_are_added_listed_and_removed(program: Program) -> None:
    by_secret = await program.run("account", "add", "anna", "fortes", "--secret-stdin", stdin="refresh-anna\n")
    assert (by_secret.code, by_secret.out, by_secret.err) == (0, b"Added the account of anna at fortes.\n", "")
    by_name, by_option, of_child = await asyncio.gather(
        program.json("account", "add", "noor", "uva", "--identity", "12345678"),
        program.json("account", "add", "anna", "uva", "--option", f"timetables={_any_timetable(program)}"),
        program.json(
            "account", "add", "bakker", "fortes", "--identity", "119373", "--secret-stdin", stdin="refresh-bakker"
        ),
    )
    assert by_name == {
        "user": "noor",
        "name": None,
        "source": "uva",
        "identity": "12345678",
        "state": "new",
        "last_ok": None,
        "last_error": None,
    }
    assert by_option.keys() == KEYS
    assert of_child["identity"] == "119373"

    listed = await program.json("account", "list")
    assert [(row["user"], row["source"]) for row in listed] == [
        ("anna", "fortes"),
        ("anna", "uva"),
        ("bakker", "fortes"),
        ("noor", "uva"),
    ]
    assert all(row.keys() == KEYS and row["state"] == "new" for row in listed)
    assert await program.json("account", "remove", "anna", "uva") == {"user": "anna", "source": "uva", "name": None}
    only_annas = await program.run("account", "list", "--user", "anna")
    assert "fortes" in only_annas.out.decode()
    assert "uva" not in only_annas.out.decode()


def _any_timetable(program: Program) -> str:
    sample = next(person for person in program.stand_ins["uva"].people if person.options)
    return sample.options["timetables"]


async def test_what_the_upstream_refuses_is_not_stored(program: Program) -> None:
    sentences = await asyncio.gather(
        program.refused("account", "add", "anna", "fortes", "--secret-stdin", stdin="refresh-secret-of-nobody"),
        program.refused("account", "add", "anna", "fortes", "--identity", "9", "--secret-stdin", stdin="refresh-anna"),
        program.refused("account", "add", "anna", "uva", "--identity", "unknown-person"),
        program.refused("account", "add", "anna", "uva", "--secret-stdin", stdin="no-such-token"),
    )
    assert all(
        told in sentence for told, sentence in zip(("login", "pupil", "person", "token"), sentences, strict=True)
    )
    assert not any("refresh-" in sentence or "no-such-token" in sentence for sentence in sentences)
    assert await program.json("account", "list") == []


async def test_what_cannot_be_an_account_is_told(program: Program) -> None:
    told = {
        ("anna", "vrij"): "takes no accounts",
        ("anna", "nowhere"): "fortes, uva, vrij",
        ("anna", "fortes"): "--secret-stdin",
        ("anna", "uva"): "--identity",
        ("anna", "uva", "--identity", "12345678", "--option", "timetable=a"): "timetables",
        ("anna", "fortes", "--secret-stdin"): "Standard input has no secret",
    }
    sentences = await asyncio.gather(*(program.refused("account", "add", *words) for words in told))
    for expected, sentence in zip(told.values(), sentences, strict=True):
        assert expected in sentence


async def test_of_several_children_a_list_is_given_and_nothing_stored(program: Program) -> None:
    outcome = await program.run(
        "account", "add", "bakker", "fortes", "--secret-stdin", "--json", stdin="refresh-bakker"
    )
    assert (outcome.code, outcome.out) == (1, b"")
    sentence, *children = outcome.err.splitlines()
    assert "--identity" in sentence
    assert [child.split() for child in children] == [
        ["--identity", "119373", "Sem"],
        ["--identity", "119374", "Lotte"],
    ]
    async with program.opened() as bridge:
        assert [account for account in await bridge.store.accounts.all() if account.user] == []


async def test_a_timetable_is_added_by_a_word_or_chosen_from_a_list(program: Program) -> None:
    several = await program.run("account", "add", "anna", "uva", "--option", "timetables=rec", "--json")
    assert (several.code, several.out) == (1, b"")
    sentence, *rooms = several.err.splitlines()
    assert "several timetables" in sentence
    assert [shlex.split(room)[0] for room in rooms] == ["--option"] * 3
    assert rooms[0].endswith("  Lokaal: REC A1.02")
    chosen = shlex.split(rooms[0])[:2]
    await program.json("account", "add", "anna", "uva", *chosen)
    await program.json("account", "add", "noor", "uva", "--option", "timetables=5062DATA6Y")
    async with program.opened() as bridge:
        stored = {found.user: found.options for found in await bridge.store.accounts.all() if found.user}
    assert stored["anna"] == {"timetables": chosen[1].removeprefix("timetables=")}
    assert "!module!" in stored["noor"]["timetables"]
    assert all(row["ok"] for row in await program.json("refresh", "--user", "noor") if row["part"] == "schedule")


async def test_an_account_with_a_token_alone_is_listed_by_the_user_name_that_the_upstream_tells(
    program: Program,
) -> None:
    await program.json("account", "add", "anna", "uva", "--secret-stdin", stdin=OWN_TOKEN)
    (listed,) = await program.json("account", "list")
    assert listed["identity"] == OWN
    async with program.opened() as bridge:
        (account,) = await bridge.store.accounts.all(user="anna")
    assert account.person == ""


async def test_out_of_reach_the_account_is_stored_as_new_and_adding_it_again_wakes_it(program: Program) -> None:
    reachable = program.tables["sources.uva"]["api_url"]
    program.configure({"sources.uva": {"api_url": "http://127.0.0.1:1"}})
    outcome = await program.run("account", "add", "noor", "uva", "--identity", "12345678", "--json")
    assert (outcome.code, outcome.json["state"]) == (0, "new")
    assert "cannot be reached" in outcome.err
    assert len(outcome.err.splitlines()) == 1
    failed = await program.run("refresh", "--user", "noor", "--json")
    assert (failed.code, failed.json[0]["ok"]) == (1, False)
    (listed,) = await program.json("account", "list")
    assert (listed["state"], listed["last_ok"]) == ("failing", None)
    assert "cannot be reached" in listed["last_error"]

    program.configure({"sources.uva": {"api_url": reachable}})
    assert (await program.json("account", "add", "noor", "uva", "--identity", "12345678"))["state"] == "new"
    assert all(row["ok"] for row in await program.json("refresh", "--user", "noor"))


async def test_a_password_is_exchanged_at_once_and_its_login_ended_with_the_account(program: Program) -> None:
    stand_in = discover()["checkin"].stand_in(now_utc)
    person = stand_in.people[0]
    words = ("anna", "checkin", "--identity", str(person.identity), "--secret-stdin")
    async with stand_in.serve() as address:
        program.configure({"sources.checkin": stand_in.settings_at(address)})
        assert (await program.json("account", "add", *words, stdin=f"{person.secret}\n"))["identity"] == person.identity
        stand_in.faults["/"] = saying(503)
        assert "Passwords are not kept" in await program.refused("account", "add", *words, stdin=f"{person.secret}\n")
        removed = await program.run("account", "remove", "anna", "checkin", "--json")
    assert (removed.code, removed.json) == (0, {"user": "anna", "source": "checkin", "name": None})
    assert removed.err == "Check-in HBO-ICT is out of order (HTTP 503). The login may still be valid there.\n"
    assert await program.json("account", "list") == []


async def test_adding_a_timetable_by_its_name_says_what_was_found(program: Program) -> None:
    await program.run("user", "add", "vak")
    outcome = await program.run("account", "add", "vak", "uva", "--option", "timetables=5062LOGI6Y")
    assert outcome.out.decode().splitlines() == [
        "Added the account of vak at uva.",
        "It reads:",
        "  Vak: Logica & verzamelingen (5062LOGI6Y)",
    ]


async def test_a_parent_has_an_account_for_each_child_over_one_login(program: Program) -> None:
    await program.json(
        *("account", "add", "bakker", "fortes", "--as", "Sem", "--identity", "119373", "--secret-stdin"),
        stdin="refresh-bakker",
    )
    lotte = await program.run(
        *("account", "add", "bakker", "fortes", "--as", "Lotte", "--identity", "119374", "--login-of", "bakker")
    )
    assert (lotte.code, lotte.out) == (0, b'Added the account "Lotte" of bakker at fortes.\n')
    listed = await program.json("account", "list", "--user", "bakker")
    assert [(one["source"], one["name"]) for one in listed] == [("fortes", "Lotte"), ("fortes", "Sem")]
    rows = await program.json("refresh", "--user", "bakker")
    assert {(row["name"], row["ok"]) for row in rows} == {("Lotte", True), ("Sem", True)}
    await program.json("feed", "add", "bakker", "--name", "lotte", "--sources", "fortes/Lotte")
    assert b"X-WR-CALNAME:Lotte " in (await program.run("feed", "export", "bakker", "--name", "lotte")).out
    unnamed = await program.run("account", "remove", "bakker", "fortes")
    assert (unnamed.code, unnamed.err) == (1, "bakker has no account at fortes.\n")
    removed = await program.json("account", "remove", "bakker", "fortes", "--as", "Sem")
    assert removed == {"user": "bakker", "source": "fortes", "name": "Sem"}
    assert all(row["ok"] for row in await program.json("refresh", "--user", "bakker"))
    wrong = await program.run("account", "add", "bakker", "fortes", "--as", "a/b", "--login-of", "bakker")
    assert wrong.code == 1
    assert "no comma, slash" in wrong.err
