import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.program import Program, new_program


@pytest.fixture
def made_url(tmp_path: Path, sqlite_template: Path) -> str | None:
    """The storage of a new program, with its tables, which take a command longer to make than what it does.

    Where no storage may be there yet, let a fixture of this name return `None`.
    """
    folder = tmp_path / "service" / "data"
    folder.mkdir(mode=0o700, parents=True)
    return f"sqlite:///{shutil.copy(sqlite_template, folder / 'bridge.db')}"


@pytest.fixture
async def program(tmp_path: Path, made_url: str | None) -> AsyncIterator[Program]:
    """A program on SQLite."""
    async with new_program(tmp_path / "service", made_url) as made:
        yield made


@pytest.fixture
async def stored_program(tmp_path: Path, storage_url: str) -> AsyncIterator[Program]:
    """A program on a storage of either sort."""
    async with new_program(tmp_path / "service", storage_url) as made:
        yield made
