"""The table of faults in the documentation: a row for each fault, a column for each source."""

import os
from collections.abc import Mapping
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"
WRITE = "ROOSTERBRIDGE_TEST_TABLES"
"""With this variable, the column is written, and not compared."""
_BEGIN, _END = "<!-- faults -->\n", "<!-- /faults -->"
_FIRST = "what the system does"


def expect_column(source: str, cells: Mapping[str, str]) -> None:
    """Of a source, the page says for each fault what is in `cells`."""
    before, _, rest = PAGE.read_text("utf-8").partition(_BEGIN)
    table, _, after = rest.partition(_END)
    columns = _columns(table)
    if WRITE in os.environ:
        columns[source] = dict(cells)
        PAGE.write_text(before + _BEGIN + _table(columns) + _END + after, "utf-8")
        return
    assert columns.get(source) == cells, f"{PAGE.name} says something else; {WRITE}=1 writes it"


def _columns(table: str) -> dict[str, dict[str, str]]:
    """The cells of each source, by fault."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line]
    if not rows:
        return {}
    names = rows[0][1:]
    return {name: {row[0]: row[1 + number] for row in rows[2:]} for number, name in enumerate(names)}


def _table(columns: Mapping[str, Mapping[str, str]]) -> str:
    names = sorted(columns)
    faults = list(columns[names[0]])
    rows = [[_FIRST, *names], ["---"] * (len(names) + 1)]
    rows += [[fault, *(columns[name].get(fault, "") for name in names)] for fault in faults]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)
