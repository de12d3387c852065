"""`make soak`: ten minutes, 300 accounts, 200 clients. Prints the figures; ends with 1 if one is not as it must be."""

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.club.source import INSTALLED
from tests.soak.soak import Figures, soak

SECONDS = 600.0
MOST_GROWTH, MOST_FILES = 0.10, 40


def well(figures: Figures) -> bool:
    """Whether nothing was lost or refused, and memory and open files are steady."""
    steady = figures.growth < MOST_GROWTH and figures.more_files < MOST_FILES
    return not figures.wrong and not figures.lost and steady


def main() -> None:
    sys.path.insert(0, str(INSTALLED))
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(soak(Path(folder), seconds=seconds, accounts=300, clients=200, interval="30s"))
    sys.stdout.write("| figure | |\n| --- | --- |\n")
    sys.stdout.writelines(f"| {name} | {value} |\n" for name, value in figures.rows())
    sys.exit(0 if well(figures) else 1)


if __name__ == "__main__":
    main()
