"""Memory for large answers and calendars: one at a time, and given back to the system afterwards."""

import asyncio
import ctypes
from contextlib import suppress

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8  # of mallopt(3)
_MAPPED_FROM = 1024 * 1024
_KEPT_AT_HAND = 1024 * 1024  # a few calendars: to get their memory again for each takes a tenth of publishing them


class Room(asyncio.Lock):
    """Is held by whoever in the process has something large in memory. What that took is given back with it."""

    def release(self) -> None:
        """See `asyncio.Lock.release`. Call it when nothing refers to what was large."""
        super().release()
        give_back()


def give_back() -> None:
    """Give the system the memory that is free now: what comes next may need other sizes of it."""
    with suppress(AttributeError):  # a C library that does so by itself
        ctypes.CDLL(None).malloc_trim(0)


def save_memory() -> None:
    """Have what is free be used again, by whichever thread, and what is large be given back at once.

    By itself glibc has an arena for each thread, and what one of them frees is of no use to the next one; that it waits
    for another costs nothing beside Python's lock. And it keeps blocks of sizes that were freed once.
    """
    with suppress(AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _MAPPED_FROM)
        ctypes.CDLL(None).mallopt(_M_TRIM_THRESHOLD, _KEPT_AT_HAND)
