"""When a request is sent again: what we allow, and what an upstream asks for."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_LONGEST_PAUSE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often a safe request is sent after transient errors, and the limits of the wait in between.

    A Retry-After longer than `longest_wait` is not waited for; the error has it.
    """

    attempts: int = 3
    first_wait: timedelta = timedelta(milliseconds=200)
    longest_wait: timedelta = timedelta(seconds=5)


def retry_after(value: str) -> timedelta | None:
    """Parse Retry-After (RFC 9110, 10.2.3), in seconds or as a date; at most a week."""
    if value.strip().isdecimal():
        return min(timedelta(seconds=int(value.strip()[:9])), _LONGEST_PAUSE)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(moment - datetime.now(UTC), timedelta(0)), _LONGEST_PAUSE)
