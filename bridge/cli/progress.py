"""A bar on the terminal while long work lasts, from the beginning of it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar. It moves without a measure until `show` gives one."""

    _progress: Progress
    _task: TaskID

    def show(self, done: int, total: int) -> None:
        """Show how much is done of how much."""
        self._progress.update(self._task, completed=done, total=total)

    def advance(self) -> None:
        """One more is done."""
        self._progress.advance(self._task)

    def end(self) -> None:
        """Remove the bar, before the work is over."""
        self._progress.stop()


@contextmanager
def progress(what: str) -> Iterator[Bar]:
    """Show a bar on standard error if that is a terminal, and remove it at the end."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as shown:
        yield Bar(shown, shown.add_task(what, total=None))
