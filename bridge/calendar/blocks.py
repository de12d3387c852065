"""Finished events, so that a calendar of which one event changed need not be written anew."""

from collections.abc import Callable, Hashable


class BlockCache:
    """The last block of each key, as long as what it was made of is the same; the oldest go when there are too many.

    It changes no outcome, only the time that it takes. It is for one thread at a time.
    """

    def __init__(self, most: int = 10_000) -> None:
        """Take how many blocks it holds at most; one is about two kilobytes with what it was made of."""
        self._most = most
        self._kept: dict[Hashable, tuple[object, bytes]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def block(self, key: Hashable, value: object, make: Callable[[], bytes]) -> bytes:
        """The block that `make` gives, without asking it where that was done for an equal `value` under `key`."""
        found = self._kept.pop(key, None)
        if found is None or found[0] != value:
            found = value, make()
        self._kept[key] = found
        if len(self._kept) > self._most:
            del self._kept[next(iter(self._kept))]
        return found[1]
