"""The log of aiohttp's server: one short line for malformed requests, also for a flood of them."""

import logging
import time
from collections.abc import Callable
from typing import Any

from aiohttp.http_exceptions import HttpProcessingError

_PAUSE = 10.0


class RequestLog(logging.Logger):
    """A logger that logs malformed requests at most every ten seconds, with their number."""

    def __init__(self, *, seconds: Callable[[], float] = time.monotonic) -> None:
        """Log to the handlers of the root. `seconds` is a monotonic clock."""
        super().__init__("aiohttp.server")
        self.parent = logging.getLogger()
        self._seconds = seconds
        self._count = 0
        self._next = 0.0

    def exception(self, msg: object, *args: object, exc_info: Any = True, **more: Any) -> None:
        """Log an error with its places in the code, or the number of malformed requests without."""
        if not isinstance(exc_info, HttpProcessingError):
            super().exception(msg, *args, exc_info=exc_info, **more)
            return
        self._count += 1
        now = self._seconds()
        if now >= self._next:
            self._next = now + _PAUSE
            self.warning("malformed requests: %d, the last one: %s", self._count, type(exc_info).__name__)
            self._count = 0
