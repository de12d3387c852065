import asyncio
import stat
from pathlib import Path

from bridge.settings.load import load_settings
from bridge.upstream.discovery import discover
from tests.program import Program


async def test_init_writes_settings_that_load_and_a_key_for_its_owner_only(tmp_path: Path) -> None:
    program = Program(tmp_path)
    assert await program.json("init") == {
        "config": "config/bridge.toml",
        "key": "config/secret.key",
        "written": ["config/bridge.toml", "config/secret.key"],
    }
    key = tmp_path / "config" / "secret.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    load_settings(program.config, {name: found.settings for name, found in discover().items()}, {})
    checked = await program.run("check")
    assert (checked.code, checked.err) == (0, "")
    assert (tmp_path / "data" / "bridge.db").exists()

    program.config.write_text("[server]\nport = 9\n", "utf-8")
    kept = key.read_bytes()
    again = await program.run("init")
    assert again.code == 0
    assert "Kept config/bridge.toml" in again.out.decode()
    assert program.config.read_text("utf-8") == "[server]\nport = 9\n"
    assert key.read_bytes() == kept


async def test_init_goes_where_the_option_or_the_variable_says(tmp_path: Path) -> None:
    program = Program(tmp_path)
    named, by_variable = await asyncio.gather(
        program.run("init", "--json", "--config", "elsewhere/mine.toml", env={"BRIDGE_CONFIG": "other/mine.toml"}),
        program.run("init", "--json", env={"BRIDGE_CONFIG": "other/mine.toml"}),
    )
    assert named.json["written"] == ["elsewhere/mine.toml", "elsewhere/secret.key"]
    assert by_variable.json["written"] == ["other/mine.toml", "other/secret.key"]
    assert not (tmp_path / "config").exists()


async def test_init_says_in_a_sentence_that_it_cannot_write(tmp_path: Path) -> None:
    program = Program(tmp_path)
    (tmp_path / "config").write_text("a file, no folder", "utf-8")
    assert "config" in await program.refused("init")
