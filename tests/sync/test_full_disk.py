"""On a disk that is really full, no login is lost, whatever becomes of the process."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from aiohttp import web

from bridge.store.reserve import SIZE
from tests.club.place import people_at_the_club
from tests.club.server import TOKEN
from tests.faults import as_usual
from tests.program import until


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 32 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(place)]
    if os.getuid() != 0 or not shutil.which("mount") or subprocess.run(command, check=False).returncode:
        pytest.skip("needs root, to mount a small file system")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)  # noqa: S607 - the system's


def fill(disk: Path) -> None:
    """Leave no room at all."""
    with suppress(OSError), (disk / "filling").open("ab", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)


async def test_a_token_that_comes_as_the_disk_fills_is_kept_and_none_is_sent_while_it_is_full(
    tmp_path: Path, small_disk: Path, installed_club: None
) -> None:
    async with people_at_the_club(tmp_path, f"sqlite:///{small_disk / 'bridge.db'}", timeout="20s") as place:
        place.club.log_out()
        grants = place.club.grants
        command = place.program.command("refresh", "--user", "anna", "--json")

        async def fill_then_answer(request: web.Request) -> web.StreamResponse:
            assert (small_disk / "bridge.reserve").stat().st_size == SIZE
            fill(small_disk)
            return await as_usual(request)

        place.club.stand_in.faults[TOKEN] = fill_then_answer
        await command.start()
        await until(lambda: not command.running or not (small_disk / "bridge.reserve").exists())
        await asyncio.wait_for(command.outcome(), 60)
        fill(small_disk)
        assert place.club.grants == grants + 1
        refused = await place.program.run("refresh", "--user", "bram", "--json")
        assert refused.code == 1
        assert "refresh.bug" not in refused.err
        assert "is full; free some space." in refused.err
        assert place.club.grants == grants + 1
        (small_disk / "filling").unlink()
        place.club.stand_in.faults.clear()
        outcome = await place.program.run("refresh", "--json")
        assert outcome.code == 0, outcome.err
        rows = outcome.json
        assert [row["error"] for row in rows if not row["ok"]] == []
        assert place.club.replays == 0
