"""What aiohttp logs of requests: one short line for those that are no HTTP, and not for each of a flood."""

import logging
import time
from collections.abc import Callable
from typing import Any

from aiohttp.http_exceptions import HttpProcessingError

_PAUSE = 10.0


class RequestLog(logging.Logger):
    """Logs as its parent does, but malformed requests at most every ten seconds, with their number."""

    def __init__(self, *, seconds: Callable[[], float] = time.monotonic) -> None:
        """Log to the root's handlers; `seconds` is a clock that never goes back."""
        super().__init__("aiohttp.server")
        self.parent = logging.getLogger()
        self._seconds = seconds
        self._count = 0
        self._next = 0.0

    def exception(self, msg: object, *args: object, exc_info: Any = True, **more: Any) -> None:
        """Log an error of a request with its places in the code, or that requests were malformed, without."""
        if not isinstance(exc_info, HttpProcessingError):
            super().exception(msg, *args, exc_info=exc_info, **more)
            return
        self._count += 1
        now = self._seconds()
        if now >= self._next:
            self._next = now + _PAUSE
            self.warning("malformed requests: %d, the last one: %s", self._count, type(exc_info).__name__)
            self._count = 0
