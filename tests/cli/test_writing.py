"""`roosterbridge timetable|contact|checkin …`, beside the stand-ins: each shows in the calendar, and can be undone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bridge.model.clock import now_utc
from bridge.upstream.discovery import discover
from tests.program import Program, new_program


@asynccontextmanager
async def connected(folder: Path, source: str, kind: str, user: str, *words: str) -> AsyncIterator[Program]:
    """A program with a person at a stand-in, and their feed, which is added with these words."""
    stand_in = discover()[kind].stand_in(now_utc)
    async with new_program(folder) as made, stand_in.serve() as address:
        made.configure({f"sources.{source}": stand_in.settings_at(address)})
        person = next(one for one in stand_in.people if one.user == user)
        identity = ("--identity", person.identity or "", *(["--secret-stdin"] if person.secret else []))
        await made.json("user", "add", user)
        await made.json("account", "add", user, source, *identity, stdin=person.secret or "")
        await made.json("feed", "add", user, *words)
        yield made


async def exported(program: Program, user: str) -> bytes:
    return (await program.run("feed", "export", user)).out


async def test_a_group_that_is_chosen_by_a_command_shows_and_is_undone(tmp_path: Path) -> None:
    async with connected(tmp_path, "uva", "mytimetable", "noor") as program:
        await program.run("refresh", "--user", "noor")
        before = (await exported(program, "noor")).count(b"BEGIN:VEVENT")
        followed = await program.json("timetable", "list", "noor", "uva")
        one = next(one for one in followed if len(one["options"]) > 1)
        await program.json("timetable", "choose", "noor", "uva", one["key"], one["options"][0]["id"])
        await program.run("refresh", "--user", "noor")
        assert 0 < (await exported(program, "noor")).count(b"BEGIN:VEVENT") < before
        await program.json("timetable", "choose", "noor", "uva", one["key"])
        await program.run("refresh", "--user", "noor")
        assert (await exported(program, "noor")).count(b"BEGIN:VEVENT") == before


async def test_a_check_in_by_a_command_shows_and_is_withdrawn(tmp_path: Path) -> None:
    async with connected(tmp_path, "studie", "checkin", "joost", "--kinds", "checkin") as program:
        before = await exported(program, "joost")
        day = await program.json("checkin", "daily", "joost", "studie", "--hours", "6", "--mood", "7")
        assert day["state"] == "done"
        assert await exported(program, "joost") != before
        assert b"SUMMARY:Check-in" in await exported(program, "joost")
        await program.json("checkin", "withdraw", "joost", "studie")
        assert "There is no check-in today" in (await program.run("checkin", "withdraw", "joost", "studie")).err
        assert await exported(program, "joost") == before


async def test_a_number_is_set_and_removed_by_a_command(tmp_path: Path) -> None:
    async with connected(tmp_path, "sintjan", "informat", "peeters") as program:
        where = ("peeters", "sintjan")
        contact = await program.json("contact", "set", *where, "0496 10 12 14", "--kind", "mobile", "--type", "private")
        assert contact["id"]
        assert await program.json("contact", "remove", *where, contact["id"]) == {"id": contact["id"], "state": "done"}
