"""`roosterbridge absence …`, beside the stand-in of a school."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bridge.model.clock import now_utc
from bridge.sources.informat.standin.server import InformatServer, make_server, stand_in_of
from tests.program import Program, new_program


@pytest.fixture
def informat() -> InformatServer:
    return make_server(now_utc)


@pytest.fixture
async def program(tmp_path: Path, made_url: str | None, informat: InformatServer) -> AsyncIterator[Program]:
    """A program with a teacher and their feed."""
    async with AsyncExitStack() as stack:
        made = await stack.enter_async_context(new_program(tmp_path / "service", made_url))
        stand_in = stand_in_of(informat)
        address = await stack.enter_async_context(stand_in.serve())
        made.stand_ins["sintjan"] = stand_in
        made.configure({"sources.sintjan": stand_in.settings_at(address)})
        await made.json("user", "add", "sofie", "--title", "Sofie Maes")
        identity = next(one.key for one in informat.institute.employees if one.last == "Maes")
        await made.json("account", "add", "sofie", "sintjan", "--identity", identity)
        await made.json("feed", "add", "sofie")
        yield made


async def test_a_report_is_made_listed_and_withdrawn(program: Program, informat: InformatServer) -> None:
    today = informat.institute.today.isoformat()
    words = ("sofie", "sintjan", "--from", today, "--to", today)
    report = await program.json("absence", "report", *words, "--remark", "Koorts", "--must-stay-home")
    assert report == {"id": report["id"], "from": today, "to": today, "state": "done"}
    record = informat.records.written[report["id"]]
    assert record.body["opmerking"] == "Koorts"
    assert record.body["magwoonstverlaten"] is False
    exported = await program.run("feed", "export", "sofie")
    assert b"SUMMARY:Afwezig (gemeld)" in exported.out

    sentence = (await program.run("absence", "report", *words)).err
    assert sentence.strip() == "You have an absence in these days already. (MNA005)"
    listed = await program.json("absence", "list", "sofie", "sintjan")
    assert sorted(one["state"] for one in listed if one["from"] == today) == ["done", "refused"]

    assert (await program.json("absence", "withdraw", "sofie", "sintjan", report["id"]))["state"] == "done"
    assert informat.records.written == {}
    exported = await program.run("feed", "export", "sofie")
    assert b"gemeld" not in exported.out
    deeds = [deed["action"] for deed in await program.json("audit")]
    assert deeds[-3:] == ["absence report", "absence report", "absence withdraw"]


async def test_what_the_secretariat_has_verified_stays(program: Program, informat: InformatServer) -> None:
    today = informat.institute.today.isoformat()
    report = await program.json("absence", "report", "sofie", "sintjan", "--from", today, "--to", today)
    informat.records.verify()
    outcome = await program.run("absence", "withdraw", "sofie", "sintjan", report["id"])
    assert outcome.code == 1
    assert "cannot be withdrawn any more" in outcome.err
    assert "(MNA009)" in outcome.err
    assert list(informat.records.written) == [report["id"]]


async def test_a_day_that_is_none_is_wrong_usage(program: Program) -> None:
    assert "no account" in await program.refused("absence", "list", "sofie", "sintjan", "--as", "other")
    words = ("absence", "report", "sofie", "sintjan", "--from", "tomorrow", "--to", "2026-12-01")
    assert (await program.run(*words)).code == 2
    backwards = await program.refused(*words[:4], "--from", "2026-12-02", "--to", "2026-12-01")
    assert backwards.strip() == "The last day is before the first one. (BR008B)"
    assert "no account at fortes" in await program.refused("absence", "list", "sofie", "fortes")


async def test_an_absence_of_one_of_several_accounts_is_reported_there(
    program: Program, informat: InformatServer
) -> None:
    other = next(one.key for one in informat.institute.employees if one.last == "Claes")
    await program.json("account", "add", "sofie", "sintjan", "--as", "Lotte", "--identity", other)
    today = informat.institute.today.isoformat()
    words = ("sofie", "sintjan", "--as", "Lotte")
    report = await program.json("absence", "report", *words, "--from", today, "--to", today)
    assert report["id"] in informat.records.written
    ids = {one["id"] for one in await program.json("absence", "list", *words)}
    assert report["id"] in ids
    assert report["id"] not in {one["id"] for one in await program.json("absence", "list", "sofie", "sintjan")}
    nobody = await program.run("absence", "list", "sofie", "sintjan", "--as", "Noor")
    assert (nobody.code, nobody.err) == (1, 'sofie has no account "Noor" at sintjan.\n')
