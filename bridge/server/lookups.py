"""Limits guessing of addresses: who asks for too many that do not exist has to wait."""

import time
from collections import Counter
from collections.abc import Callable

_MINUTE = 60.0
_MOST_CLIENTS = 100_000


class FailedLookups:
    """Counts the failed look-ups of each client address, minute by minute."""

    def __init__(self, most: int = 1000, *, seconds: Callable[[], float] = time.monotonic) -> None:
        """Let a client fail `most` times a minute; `seconds` is a clock that never goes back."""
        self._most = most
        self._seconds = seconds
        self._counts: Counter[str] = Counter()
        self._ends = 0.0

    def fail(self, client: str) -> int:
        """Count a failed look-up. Gives the seconds that the client has to wait, 0 for none."""
        now = self._seconds()
        if now >= self._ends or len(self._counts) >= _MOST_CLIENTS:
            self._counts.clear()
            self._ends = now + _MINUTE
        self._counts[client] += 1
        return int(self._ends - now) + 1 if self._counts[client] > self._most else 0
