"""What is secret lies in files that only their owner can read."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.program import Program


@pytest.fixture
def made_url() -> None:
    """There is no storage yet."""


def test_whatever_the_umask_nobody_else_reads_settings_keys_and_storage(tmp_path: Path) -> None:
    for words in (["init"], ["user", "add", "anna"]):
        subprocess.run([sys.executable, "-m", "bridge", *words], cwd=tmp_path, umask=0, check=True, capture_output=True)
    modes = {path.name: oct(stat.S_IMODE(path.stat().st_mode)) for path in tmp_path.rglob("*") if path.is_file()}
    assert modes.keys() >= {"bridge.toml", "secret.key", "bridge.db"}
    assert set(modes.values()) == {"0o600"}
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700


async def test_files_that_others_can_read_are_named_by_a_check(program: Program) -> None:
    await program.run("user", "add", "anna")
    storage = program.folder / "data" / "bridge.db"
    storage.chmod(0o644)
    told = await program.run("check")
    assert f"{storage.relative_to(program.folder)} is open to others" in told.err
