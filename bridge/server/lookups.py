"""A limit on guesses of addresses and tokens."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import IPv6Address

_MINUTE = 60.0
_MOST_CLIENTS = 100_000


class FailedLookups:
    """The failed look-ups of each client address in the current minute."""

    def __init__(self, most: int = 1000, *, seconds: Callable[[], float] = time.monotonic) -> None:
        """Allow `most` failures a minute. `seconds` is a monotonic clock."""
        self._most = most
        self._seconds = seconds
        self._counts: Counter[str] = Counter()
        self._under_way: Counter[str] = Counter()
        self._ends = 0.0

    def wait(self, client: str) -> int:
        """The seconds that a client has to wait before the next attempt, because of those before; or 0."""
        now, client = self._seconds(), _client(client)
        left = max(0.0, self._ends - now)
        failed = self._counts[client] if left else 0
        return int(left) + 1 if failed + self._under_way[client] >= self._most else 0

    @contextmanager
    def attempt(self, client: str) -> Iterator[None]:
        """Within it, `wait` takes an attempt for a failure: many that are sent at once are not more than allowed."""
        client = _client(client)
        self._under_way[client] += 1
        try:
            yield
        finally:
            self._under_way[client] -= 1
            if not self._under_way[client]:
                del self._under_way[client]

    def fail(self, client: str) -> int:
        """Count a failed look-up. Returns the seconds that the client has to wait, or 0."""
        now, client = self._seconds(), _client(client)
        if now >= self._ends or len(self._counts) >= _MOST_CLIENTS:
            self._counts.clear()
            self._ends = now + _MINUTE
        self._counts[client] += 1
        return int(self._ends - now) + 1 if self._counts[client] > self._most else 0


def _client(address: str) -> str:
    """An address, or the network of one of IPv6: whoever has one has 2^64 addresses."""
    if ":" not in address:
        return address
    parsed = IPv6Address(address.partition("%")[0])
    return str(parsed.ipv4_mapped or parsed.exploded[:19])
