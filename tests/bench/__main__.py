"""`make bench`: how close to the bare library we are, as ratios of figures from one run."""

import sys
import tempfile
from pathlib import Path

from tests.bench import feeds, refresh, render

LEAST = {"304": 0.7, "gzip 200": 0.7, "refresh": 0.4, "render cold": 3.0, "render one change": 10.0}


def main() -> int:
    """Measure everything; fails where a ratio is below the least that we promise."""
    ratios: dict[str, float] = {}
    for title, measure in (
        ("Answering feeds", feeds.measure),
        ("Refreshing, nothing changed", refresh.measure),
        ("Writing calendars", render.measure),
    ):
        print(title, flush=True)
        with tempfile.TemporaryDirectory() as folder:
            ratios |= measure(Path(folder))
    missed = {name: ratio for name, ratio in ratios.items() if ratio < LEAST[name]}
    for name, ratio in missed.items():
        print(f"{name}: {ratio:.2f} is below {LEAST[name]}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
