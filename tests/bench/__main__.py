"""`make bench`: what people pay, measured as whole processes. `python -m tests.bench ROW…` measures single rows."""

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.bench import Bench
from tests.bench.processes import ROOT
from tests.bench.report import line, with_figures
from tests.bench.rows import ROWS

_PAGE = ROOT / "docs" / "performance.md"


def main(names: list[str]) -> int:
    """Measure the rows named, or all, and then write the page; gives 1 where a figure is beyond its bound."""
    unknown = set(names) - {row.name for row in ROWS}
    if unknown:
        print(f"No row is called {', '.join(sorted(unknown))}. Rows: {', '.join(row.name for row in ROWS)}.")
        return 2
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        for row in ROWS:
            if not names or row.name in names:
                figure = row.measure(bench)
                figures.append((row, figure))
                print(line(row, figure), flush=True)
        if not names:
            page = with_figures(_PAGE.read_text("utf-8"), figures, bench.usual, datetime.now(UTC).date())
            _PAGE.write_text(page, "utf-8")
    return 0 if all(row.allows(figure) for row, figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
