"""The log of aiohttp's server: one short line for malformed requests, also for a flood of them."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp.http_exceptions import HttpProcessingError

_PAUSE = 10.0


@dataclass(slots=True)
class _Kind:
    """How many errors of a kind there were since the last line about them, and when the next line may come."""

    count: int = 0
    next: float = 0.0


class RequestLog(logging.Logger):
    """A logger that logs malformed requests, and each other error, at most every ten seconds with their number."""

    def __init__(self, *, seconds: Callable[[], float] = time.monotonic) -> None:
        """Log to the handlers of the root. `seconds` is a monotonic clock."""
        super().__init__("aiohttp.server")
        self.parent = logging.getLogger()
        self._seconds = seconds
        self._kinds: dict[object, _Kind] = {}

    def exception(self, msg: object, *args: object, exc_info: Any = True, **more: Any) -> None:
        """Log an error with its places in the code, or the number of malformed requests without."""
        malformed = isinstance(exc_info, HttpProcessingError)
        kind = self._kinds.setdefault(HttpProcessingError if malformed else _place(exc_info), _Kind())
        kind.count += 1
        now = self._seconds()
        if now < kind.next:
            return
        count, kind.count, kind.next = kind.count, 0, now + _PAUSE
        if malformed:
            self.warning("malformed requests: %d, the last one: %s", count, type(exc_info).__name__)
        else:
            super().exception(f"{msg}; {count} such errors" if count > 1 else msg, *args, exc_info=exc_info, **more)


def _place(error: object) -> object:
    """What an error is and where it was raised: there are not more of these than lines of code."""
    trace = getattr(error, "__traceback__", None)
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return type(error), trace and (trace.tb_frame.f_code, trace.tb_lineno)
