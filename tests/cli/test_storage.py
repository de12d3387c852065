"""`roosterbridge storage` and `key`, and accounts whose source is gone."""

import os
from pathlib import Path

import pytest

from tests.conftest import KEY, POSTGRES
from tests.program import Program, new_program


async def _anna(program: Program) -> str:
    await program.json("user", "add", "anna")
    await program.json("account", "add", "anna", "fortes", "--secret-stdin", stdin="refresh-anna")
    await program.json("refresh", "--user", "anna")
    return str((await program.json("feed", "add", "anna"))["url"])


async def _check_backup(program: Program) -> None:
    await _anna(program)
    async with program.serve():
        await program.json("storage", "backup", "copy.db")
    copy = program.folder / "copy.db"
    assert copy.stat().st_mode & 0o777 == 0o600
    assert "exists already" in await program.refused("storage", "backup", "copy.db")
    env = {"BRIDGE_STORAGE__URL": "sqlite:///copy.db"}
    assert (await program.run("feed", "export", "anna", env=env)).out.count(b"BEGIN:VEVENT") > 100
    found = (await program.run("--json", "storage", "check", env=env)).json
    assert (found["users"], found["accounts"], found["feeds"], found["problems"]) == (1, 2, 1, [])
    assert found["events"] > 100


async def test_a_backup_is_a_whole_storage_made_while_the_service_runs(program: Program) -> None:
    await _check_backup(program)


@pytest.mark.skipif(POSTGRES not in os.environ, reason="needs a PostgreSQL server")
async def test_a_backup_of_postgresql_is_a_storage_too(tmp_path: Path, postgresql_url: str) -> None:
    async with new_program(tmp_path / "service", postgresql_url) as program:
        await _check_backup(program)


async def test_a_spoilt_copy_is_told(program: Program) -> None:
    await _anna(program)
    await program.json("storage", "backup", "copy.db")
    copy = program.folder / "copy.db"
    content = bytearray(copy.read_bytes())
    content[len(content) // 2 :] = bytes(len(content) - len(content) // 2)
    copy.write_bytes(content)
    outcome = await program.run("storage", "check", env={"BRIDGE_STORAGE__URL": "sqlite:///copy.db"})
    assert outcome.code == 1
    assert "damaged" in outcome.out.decode() + outcome.err


async def test_a_new_key_reads_all_and_the_old_one_can_go(program: Program) -> None:
    url = await _anna(program)
    key = program.folder / "secret.key"
    async with program.serve() as service:
        await program.json("key", "rotate")
        new, old = key.read_text().split()
        assert old == KEY
        assert key.stat().st_mode & 0o777 == 0o600
        key.write_text(new)
        assert (await program.json("feed", "list"))[0]["user"] == "anna"
        assert all(row["ok"] for row in await program.json("refresh", "--user", "anna"))
        assert service.running
    assert (await program.json("storage", "check"))["problems"] == []
    assert (await program.json("feed", "rotate", "anna"))["url"] != url
    key.write_text(old)
    assert "secret key does not fit" in await program.refused("user", "list")


async def test_a_key_of_a_variable_is_rotated_only_once_a_new_one_stands_first(program: Program) -> None:
    await _anna(program)
    new = "bmV3LXRlc3Qta2V5LW9mLTMyLWJ5dGVzLWluLWFsbCE="
    one, both = {"BRIDGE_SECURITY__SECRET_KEY": KEY}, {"BRIDGE_SECURITY__SECRET_KEY": f"{new},{KEY}"}
    assert "put a new one first" in await program.refused("key", "rotate", env=one)
    assert (await program.run("key", "rotate", env=both)).code == 0
    assert (await program.run("user", "list", env={"BRIDGE_SECURITY__SECRET_KEY": new})).code == 0


async def test_accounts_whose_source_is_gone_are_named(program: Program) -> None:
    await _anna(program)
    del program.tables["sources.fortes"]
    program.configure()
    for words in (("check", "vrij"), ("account", "list")):
        outcome = await program.run(*words)
        assert 'no source "fortes" any more, but 1 account is there: it is not refreshed.' in outcome.err
    async with program.serve() as service:
        assert 'no source "fortes" any more' in service.told()
