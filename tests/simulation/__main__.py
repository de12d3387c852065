"""`make simulate`: 10,000 days, or as many as are given. Prints what is wrong in which; ends with 1 if anything is.

python -m tests.simulation COUNT [FIRST SEED] [MINUTES AT MOST]
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from pathlib import Path

from tests.club.source import INSTALLED
from tests.simulation.world import Plan, live, make_template

_DAYS, _AT_ONCE = 10_000, 20


def days(seeds: range) -> list[str]:
    """Simulate days, and say what is wrong in which."""
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "template.db"
        make_template(template, Plan())
        for seed in seeds:
            wrong += [
                f"seed {seed}, {sentence}" for sentence in live(Path(folder), template, Plan(), seed).witness.wrong
            ]
    return wrong


def several(count: int, first: int, seconds: float) -> Iterator[tuple[int, list[str]]]:
    """Simulate days in two processes, for at most so long. Yields how many, and what is wrong in them."""
    end = time.monotonic() + seconds
    left = (range(seed, min(seed + _AT_ONCE, first + count)) for seed in range(first, first + count, _AT_ONCE))
    with ProcessPoolExecutor(2) as pool:
        while time.monotonic() < end and (some := list(islice(left, 2))):
            yield sum(map(len, some)), [sentence for wrong in pool.map(days, some) for sentence in wrong]


def main() -> None:
    sys.path.insert(0, str(INSTALLED))
    count, first, minutes = ([int(given) for given in sys.argv[1:]] + [_DAYS, 0, 24 * 60][len(sys.argv) - 1 :])[:3]
    done, failed = 0, False
    for some, wrong in several(count, first, minutes * 60):
        done += some
        failed |= bool(wrong)
        sys.stdout.writelines(f"{sentence}\n" for sentence in wrong)
        sys.stdout.flush()
    sys.stdout.write(f"{done} days\n")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
