"""End a process whose ticks have stopped, so that its supervisor starts another one."""

import os
import sys
import threading
from collections.abc import Callable

import structlog

_LOOK_SECONDS = 5.0
_MOST_SILENT = 24
log = structlog.get_logger()


def end_process() -> None:
    """End this process with 1, without waiting for anything."""
    sys.stderr.flush()
    os._exit(1)


class Watchdog:
    """A thread that looks whether ticks go on: what has stopped may be the event loop.

    It counts its own looks, not time: a process that was stopped for a while and continued has missed none.
    """

    def __init__(
        self,
        ticks: Callable[[], int],
        *,
        look_seconds: float = _LOOK_SECONDS,
        most_silent: int = _MOST_SILENT,
        end: Callable[[], None] = end_process,
    ) -> None:
        """Watch the count `ticks`. Call `end` when it was the same at `most_silent` looks in a row."""
        self._ticks = ticks
        self._look_seconds = look_seconds
        self._most_silent = most_silent
        self._end = end
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def start(self) -> None:
        """Watch until `stop`."""
        self._thread.start()

    def stop(self) -> None:
        """Watch no more."""
        self._stopped.set()

    def _watch(self) -> None:
        before, silent = self._ticks(), 0
        while not self._stopped.wait(self._look_seconds):
            now = self._ticks()
            silent = silent + 1 if now == before else 0
            before = now
            if silent >= self._most_silent:
                log.error("ticks.dead", seconds=round(silent * self._look_seconds))
                self._end()
                return
