"""The figures, as lines on the terminal and on a page of the docs."""

import os
import platform
from collections.abc import Iterable
from datetime import date

from tests.bench.refreshes import Cost
from tests.bench.rows import Row

_START, _END = "<!-- figures -->\n", "<!-- /figures -->"


def line(row: Row, figure: float) -> str:
    """A line for the terminal."""
    return f"{row.name:26}{row.title:58}{row.format(figure):>12}{row.bound:>14}  {_verdict(row, figure)}"


def with_figures(page: str, figures: Iterable[tuple[Row, float]], cost: Cost, day: date) -> str:
    """The page with the figures of `day` in place of those that it has."""
    before, _, rest = page.partition(_START)
    lines = [
        f"Measured on {day} with {_machine()}. {cost}",
        "",
        "| row | what | measured | allowed | |",
        "| --- | --- | --- | --- | --- |",
        *(
            f"| {row.name} | {row.title} | {row.format(figure)} | {row.bound} | {_verdict(row, figure)} |"
            for row, figure in figures
        ),
        "",
    ]
    return before + _START + "\n".join(lines) + _END + rest.partition(_END)[2]


def _verdict(row: Row, figure: float) -> str:
    return ("ok" if row.allows(figure) else "missed") if row.bound else ""


def _machine() -> str:
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()} on {platform.machine()}"
