"""Tables for people."""

from collections.abc import Sequence
from dataclasses import dataclass

from bridge.cli.terminal import shown

_UNLIMITED = 1_000_000


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells with the names of their columns. A cell of `None` is empty."""

    columns: Sequence[str]
    rows: Sequence[Sequence[object]]

    def print(self) -> None:
        """Print the table, on a terminal no wider than that."""
        from rich.console import Console
        from rich.table import Table as RichTable
        from rich.text import Text

        found = RichTable(*self.columns, box=None, pad_edge=False, header_style="bold")
        for row in self.rows:
            found.add_row(*(Text("" if cell is None else shown(str(cell))) for cell in row))
        console = Console()
        console = console if console.is_terminal else Console(width=_UNLIMITED)
        console.print(found)
