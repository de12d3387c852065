"""A command imports what it works with, and no more: it is typed far more often than it serves."""

import subprocess
import sys
from pathlib import Path

import pytest

_SERVING = {"aiohttp", "sqlalchemy", "pydantic_settings", "icalendar", "cryptography", "structlog", "asyncio"}
_PROGRAM = """
import sys
from bridge.cli.main import main
try:
    main()
finally:
    print(*sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


def imported(words: str, folder: Path) -> set[str]:
    """The packages that are loaded when a command has ended."""
    ran = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *words.split()], cwd=folder, capture_output=True, text=True, check=True
    )
    return set(ran.stderr.splitlines()[-1].split())


@pytest.fixture(scope="module")
def initial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder after `init`."""
    folder = tmp_path_factory.mktemp("initial")
    imported("init", folder)
    return folder


@pytest.mark.parametrize("words", ["version", "--help", "user --help", "feed add --help", "serve --help"])
def test_version_and_help_load_no_library_that_serves(words: str, tmp_path: Path) -> None:
    assert imported(words, tmp_path) & _SERVING == set()


@pytest.mark.parametrize("words", ["user list --json", "feed list --json", "account list --json"])
def test_what_the_storage_knows_is_listed_without_asking_or_making_anything(words: str, initial: Path) -> None:
    assert imported(words, initial) & {"aiohttp", "asyncpg", "icalendar", "holidays", "selectolax"} == set()
