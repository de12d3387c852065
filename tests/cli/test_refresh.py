import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from bridge.people.accounts import Wanted, add_account
from bridge.store.feed import NewFeed
from tests.faults import saying
from tests.program import Program, new_program

SCHOOL = ("schedule", "absences", "holidays", "homework", "notices")
KEYS = {"user", "source", "name", "part", "ok", "events", "added", "changed", "removed", "error"}


@pytest.fixture
async def program(tmp_path: Path, made_url: str | None) -> AsyncIterator[Program]:
    """A program with a pupil, one whose school hides absences, and a student."""
    async with new_program(tmp_path / "service", made_url) as made:
        async with made.opened() as bridge:
            for source, person in (("fortes", "anna"), ("fortes", "bram"), ("uva", "noor")):
                sample = next(one for one in made.stand_ins[source].people if one.user == person)
                await bridge.store.users.add(person, person, bridge.clock())
                await add_account(
                    bridge.store,
                    bridge.sources[source],
                    Wanted(person, identity=sample.identity),
                    bridge.clock,
                    secret=sample.secret,
                )
        yield made


async def test_a_refresh_tells_a_row_for_each_account_and_part(program: Program) -> None:
    rows = await program.json("refresh")  # exit 0: that a school hides a part is no failure
    assert all(row.keys() == KEYS for row in rows)
    told = {(row["user"], row["source"], row["part"]): row for row in rows}
    assert told.keys() == {
        (None, "vrij", "holidays"),
        *(("anna", "fortes", part) for part in SCHOOL),
        *(("bram", "fortes", part) for part in SCHOOL),
        *(("noor", "uva", part) for part in ("schedule", "notices")),
    }
    hidden = told["bram", "fortes", "absences"]
    assert not hidden["ok"]
    assert "does not show the absences" in hidden["error"]
    assert [row for row in rows if not row["ok"]] == [hidden]
    lessons = told["anna", "fortes", "schedule"]
    assert lessons["added"] == lessons["events"] > 100
    assert (lessons["changed"], lessons["removed"], lessons["error"]) == (0, 0, None)

    program.stand_ins["fortes"].controls["cancel-lesson"]()
    again, states = await asyncio.gather(
        program.json("refresh", "--user", "anna", "--source", "fortes"), program.json("account", "list")
    )
    assert {(row["user"], row["source"]) for row in again} == {("anna", "fortes")}
    changes = {row["part"]: (row["added"], row["changed"], row["removed"]) for row in again}
    assert changes == dict.fromkeys(SCHOOL, (0, 0, 0)) | {"schedule": (0, 1, 0)}
    assert {row["state"] for row in states} == {"ok"}


async def test_after_a_refresh_no_feed_waits_to_be_made_even_if_another_process_was_to_make_it(
    program: Program,
) -> None:
    async with program.opened() as bridge:
        await bridge.store.feeds.add("anna", NewFeed(kinds=()), bridge.clock())
        await program.json("refresh", "--source", "vrij")
        assert await bridge.store.renderings.to_render(limit=1, now=bridge.clock()) == []
        await bridge.store.feeds.want()
        await program.json("refresh", "--source", "vrij")
        assert await bridge.store.renderings.to_render(limit=1, now=bridge.clock()) == []


async def test_a_refresh_of_which_something_fails_ends_with_1_and_tells_no_word_of_the_upstream(
    program: Program,
) -> None:
    async def broken(_request: web.Request) -> web.StreamResponse:
        return web.Response(text="<html>upstream-words</html>", content_type="text/html")

    program.stand_ins["uva"].faults["/api/v0/timetable"] = broken
    failed, others = await asyncio.gather(program.run("refresh"), program.run("refresh", "--source", "fortes"))
    assert failed.code == 1
    table = failed.out.decode()
    assert "FAILED" in table
    assert "not offered" in table
    assert "(all)" in table
    assert "a web page instead of JSON" in table
    assert "upstream-words" not in table + failed.err
    assert others.code == 0
    assert 'No source is called "nowhere"' in await program.refused("refresh", "--source", "nowhere")


async def test_an_account_that_needs_a_login_is_a_failed_row_without_a_request(program: Program) -> None:
    async def revoked(_request: web.Request) -> web.StreamResponse:
        return web.json_response({"error": "invalid_grant"}, status=400)

    async def expired(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=401)

    school = program.stand_ins["fortes"]
    school.faults |= {"/oauth2/token": revoked, "/rest": expired}
    assert (await program.run("refresh", "--user", "anna")).code == 1
    asked = school.requests.total()
    again, checked, listed = await asyncio.gather(
        program.run("refresh", "--user", "anna", "--json"),
        program.run("check", "fortes", "--json"),
        program.json("account", "list", "--user", "anna"),
    )
    (row,) = again.json
    assert (again.code, row["ok"], row["part"]) == (1, False, None)
    assert "login" in row["error"]
    assert listed[0]["state"] == "login-needed"
    assert checked.code == 1
    assert "1 login-needed" in checked.json[0]["message"]
    assert sum(count for name, count in school.requests.items() if "oauth2" in name) <= asked


async def test_check_tells_a_line_for_each_source(program: Program) -> None:
    good, chosen, unknown = await asyncio.gather(
        program.run("check"), program.json("check", "uva"), program.run("check", "nowhere")
    )
    assert good.code == 0
    assert [line.partition(":")[0] for line in good.out.decode().splitlines()] == ["fortes", "uva", "vrij"]
    assert [found.keys() for found in chosen] == [{"source", "ok", "message"}]
    assert chosen[0]["ok"]
    assert "token accepted" in chosen[0]["message"]
    assert (unknown.code, unknown.out) == (1, b"")

    program.configure(
        {"sources.uva": {"api_token": "wrong-token"}, "sources.fortes": {"api_url": "http://127.0.0.1:1"}}
    )
    bad = await program.run("check")
    assert bad.code == 1
    assert bad.out.decode().count("FAILED") == 2
    assert bad.err.splitlines() == ["Failed: 2 sources of 3: fortes, uva."]
    assert "wrong-token" not in bad.out.decode() + bad.err


async def test_a_refresh_that_fails_says_so_in_a_sentence_beside_its_rows(program: Program) -> None:
    program.stand_ins["uva"].faults["/api/v0/timetable"] = saying(500, "")
    outcome = await program.run("refresh", "--source", "uva", "--json")
    assert outcome.code == 1
    assert [row["ok"] for row in outcome.json if row["part"] == "schedule"] == [False]
    [sentence] = outcome.err.splitlines()
    assert sentence.startswith("Failed: 1 part of 2; their events stay. ")
    assert sentence.endswith("(HTTP 500).")
