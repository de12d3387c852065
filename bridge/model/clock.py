"""The clocks, as functions that are passed in."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def boot_seconds() -> float:
    """A clock that only goes forward, also while the machine sleeps where the system can tell."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def now_utc() -> datetime:
    """The real clock."""
    return datetime.now(UTC)
