"""DURATION values (RFC 5545, 3.3.6)."""

from datetime import timedelta
from functools import lru_cache
from typing import Any


@lru_cache(maxsize=256)
def write_duration(span: timedelta) -> str:
    """A duration, such as `PT30M` or `-P1D`."""
    from icalendar import vDuration  # noqa: PLC0415 - icalendar, 3 MB, only to make a calendar

    duration: Any = vDuration(span)
    return str(duration.to_ical().decode())
