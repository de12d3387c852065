"""`storage copy`: a storage moves to one of the other sort, and nothing is lost."""

import os
from pathlib import Path

import pytest

from tests.conftest import POSTGRES, new_postgres_database
from tests.program import Program, new_program


async def exported(program: Program, url: str, user: str = "anna") -> bytes:
    return (await program.run("feed", "export", user, env={"BRIDGE_STORAGE__URL": url})).out


@pytest.fixture
async def old(program: Program) -> str:
    """The address of a storage of Anna, whose page once belonged to somebody else."""
    await program.json("user", "add", "anna")
    await program.json("account", "add", "anna", "fortes", "--secret-stdin", stdin="refresh-anna")
    await program.json("feed", "add", "anna")
    await program.json("refresh", "--user", "anna")
    await program.json("user", "add", "bram")
    await program.json("user", "remove", "bram")
    return program.storage_url


@pytest.mark.skipif(POSTGRES not in os.environ, reason="needs a PostgreSQL server")
async def test_a_storage_goes_to_postgresql_and_back_byte_for_byte(program: Program, old: str) -> None:
    before = await exported(program, old)
    assert before.count(b"BEGIN:VEVENT") > 100
    async with new_postgres_database() as server:
        there = await program.json("storage", "copy", old, server)
        back = f"sqlite:///{program.folder / 'back' / 'bridge.db'}"
        assert await program.json("storage", "copy", server, back) == there
        assert there["problems"] == []
        assert (there["users"], there["feeds"]) == (1, 1)
        for url in (server, back):
            assert await exported(program, url) == before
            assert (await program.run("refresh", "--user", "anna", env={"BRIDGE_STORAGE__URL": url})).code == 0
            assert await exported(program, url) == before
            await program.run("user", "add", "cas", env={"BRIDGE_STORAGE__URL": url})
            async with program.opened_at(url) as bridge:
                assert (await bridge.store.users.get("cas")).id == 3, "the number of a user is not given again"
    assert (program.folder / "back" / "bridge.db").stat().st_mode & 0o777 == 0o600


async def test_a_storage_that_is_not_empty_is_not_copied_over(program: Program, old: str, tmp_path: Path) -> None:
    async with new_program(tmp_path / "other") as other:
        await other.json("user", "add", "cas")
        assert "is not empty" in await program.refused("storage", "copy", old, other.storage_url)
        assert [user["name"] for user in await other.json("user", "list")] == ["cas"]


async def test_a_storage_that_is_not_there_is_not_copied(program: Program) -> None:
    assert "no storage at" in await program.refused("storage", "copy", "sqlite:///gone.db", "sqlite:///new.db")
    assert not [path.name for path in program.folder.iterdir() if path.suffix == ".db"]
