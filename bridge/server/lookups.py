"""A limit on guesses of addresses and tokens."""

import time
from collections import Counter
from collections.abc import Callable

_MINUTE = 60.0
_MOST_CLIENTS = 100_000


class FailedLookups:
    """The failed look-ups of each client address in the current minute."""

    def __init__(self, most: int = 1000, *, seconds: Callable[[], float] = time.monotonic) -> None:
        """Allow `most` failures a minute. `seconds` is a monotonic clock."""
        self._most = most
        self._seconds = seconds
        self._counts: Counter[str] = Counter()
        self._ends = 0.0

    def wait(self, client: str) -> int:
        """The seconds that a client has to wait before the next attempt, because of failures before; or 0."""
        now = self._seconds()
        return int(self._ends - now) + 1 if now < self._ends and self._counts[client] >= self._most else 0

    def fail(self, client: str) -> int:
        """Count a failed look-up. Returns the seconds that the client has to wait, or 0."""
        now = self._seconds()
        if now >= self._ends or len(self._counts) >= _MOST_CLIENTS:
            self._counts.clear()
            self._ends = now + _MINUTE
        self._counts[client] += 1
        return int(self._ends - now) + 1 if self._counts[client] > self._most else 0
