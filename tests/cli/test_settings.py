"""What the commands say of settings, keys and storages that are not as they should be."""

import asyncio
import hashlib

import pytest
from cryptography.fernet import Fernet

from tests.program import Program


@pytest.fixture
def made_url() -> None:
    """There is no storage yet."""


def _contents(program: Program) -> str:
    """Everything in the database's files that lasts."""
    digest = hashlib.sha256()
    for file in sorted((program.folder / "data").glob("bridge.db*")):
        if not file.name.endswith("-shm"):
            digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()


async def test_an_unknown_setting_is_named_with_the_nearest_one(program: Program) -> None:
    program.configure({"server": {"prot": 1}})
    sentence = await program.refused("check")
    assert sentence == "Unknown setting server.prot; the nearest known one is server.port."


async def test_an_unknown_variable_and_a_short_interval_warn_and_stop_nothing(program: Program) -> None:
    outcome = await program.run(
        "--json", "user", "list", env={"BRIDGE_SERVER__PROT": "1", "BRIDGE_REFRESH__INTERVAL": "10s"}
    )
    assert (outcome.code, outcome.json) == (0, [])
    assert outcome.err.splitlines() == [
        "The variable BRIDGE_SERVER__PROT is unknown; the nearest known one is BRIDGE_SERVER__PORT.",
        "refresh.interval is 10s; under 5m schools may object.",
    ]


async def test_the_settings_file_is_named_by_option_or_variable_and_a_missing_one_is_told(program: Program) -> None:
    moved = program.folder / "moved.toml"
    program.config.rename(moved)
    await program.json("user", "add", "anna", "--config", str(moved))
    by_variable = await program.run("user", "list", "--json", env={"BRIDGE_CONFIG": str(moved)})
    assert [user["name"] for user in by_variable.json] == ["anna"]
    assert "nowhere.toml" in await program.refused("--config", "nowhere.toml", "user", "list")


async def test_a_wrong_key_changes_nothing(program: Program) -> None:
    async with program.opened() as bridge:
        await bridge.store.users.add("anna", "Anna", bridge.clock())
    before = _contents(program)
    (program.folder / "secret.key").write_text(Fernet.generate_key().decode(), "utf-8")
    assert "secret key does not fit" in await program.refused("user", "add", "bram")
    assert _contents(program) == before


async def test_what_cannot_be_worked_with_is_told_in_a_sentence_and_nothing_is_made(program: Program) -> None:
    (program.folder / "empty.key").write_text("\n", "utf-8")
    told = {
        ("SECURITY__SECRET_KEY_FILE", "nowhere.key"): "There is no secret key at nowhere.key",
        ("SECURITY__SECRET_KEY_FILE", "empty.key"): "There is no secret key",
        ("SECURITY__SECRET_KEY", "c2hvcnQ="): "is not a Fernet key",
        ("STORAGE__URL", "postgresql://nobody@127.0.0.1:1/none"): "127.0.0.1",
        ("STORAGE__URL", "sqlite:///secret.key/bridge.db"): "secret.key",
        ("STORAGE__URL", "mysql://127.0.0.1/none"): "storage.url",
        ("STORAGE__URL", "sqlite://"): "storage.url",
        ("REFRESH__INTERVAL", "soon"): "refresh.interval",
    }
    sentences = await asyncio.gather(
        *(program.refused("user", "list", env={f"BRIDGE_{name}": value}) for name, value in told)
    )
    for expected, sentence in zip(told.values(), sentences, strict=True):
        assert expected in sentence
    assert not (program.folder / "data").exists()


async def test_a_file_that_is_no_database_is_told_in_a_sentence(program: Program) -> None:
    file = program.folder / "data" / "bridge.db"
    file.parent.mkdir()
    file.write_text("These are not the bytes of a database. " * 100, "utf-8")
    assert "bridge.db" in await program.refused("user", "list")
