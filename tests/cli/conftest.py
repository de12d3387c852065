from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.program import Program, new_program


@pytest.fixture
async def program(tmp_path: Path) -> AsyncIterator[Program]:
    """A program on SQLite."""
    async with new_program(tmp_path / "service") as made:
        yield made


@pytest.fixture
async def stored_program(tmp_path: Path, storage_url: str) -> AsyncIterator[Program]:
    """A program on a storage of either sort."""
    async with new_program(tmp_path / "service", storage_url) as made:
        yield made
