"""`serve` in an empty folder, and where the key is missing."""

import re
from pathlib import Path

import pytest

from tests.program import Program, until

SETUP = re.compile(r"http://\S+/setup/su_[\w-]{43}")


@pytest.fixture
def program(tmp_path: Path) -> Program:
    made = Program(tmp_path / "new", environment={"BRIDGE_SERVER__PORT": "0"})
    made.folder.mkdir()
    return made


async def test_it_makes_settings_and_key_and_offers_a_set_up_page_while_nothing_is_there(program: Program) -> None:
    async with program.serve() as service:
        await until(lambda: SETUP.search(service.out()))
        assert "/setup/" not in service.told(), "it is printed, not logged"
    key = program.folder / "config" / "secret.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert program.config.exists()
    await program.json("user", "add", "anna")
    kept = key.read_bytes()
    async with program.serve() as service:
        pass
    assert service.out() == ""
    assert key.read_bytes() == kept


async def test_a_storage_in_use_gets_no_other_key(program: Program) -> None:
    assert (await program.run("init")).code == 0
    await program.json("user", "add", "anna")
    key = program.folder / "config" / "secret.key"
    key.rename(key.with_name("elsewhere"))
    assert "put back the one with which the storage was made" in await program.refused("serve")
    assert not key.exists()


async def test_a_settings_file_that_is_there_stays_as_it_is(program: Program) -> None:
    program.configure({"refresh": {"interval": "20m"}})
    before = program.config.read_bytes()
    async with program.serve():
        pass
    assert program.config.read_bytes() == before
