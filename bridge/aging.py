"""What time alone changes of an event that is kept: marks and vanished events go after 14 days. Pure."""

from dataclasses import replace
from datetime import datetime, timedelta

from bridge.model import TrackedEvent

SHOWN_FOR = timedelta(days=14)
_SECOND = timedelta(seconds=1)


def expires_at(entry: TrackedEvent) -> datetime | None:
    """When `aged` gives something else for the first time; none: never."""
    moments = [entry.vanished, entry.changed if entry.before is not None else None]
    return min((moment + SHOWN_FOR for moment in moments if moment is not None), default=None)


def aged(entry: TrackedEvent, now: datetime) -> TrackedEvent | None:
    """The entry as it is at `now`: without a mark whose time is over; none once it has been gone for long enough."""
    if entry.vanished is not None and entry.vanished + SHOWN_FOR <= now:
        return None
    if entry.before is None or entry.changed is None or entry.changed + SHOWN_FOR > now:
        return entry
    return replace(renewed(entry, now), before=None, changed=None)


def renewed(entry: TrackedEvent, now: datetime) -> TrackedEvent:
    """The entry with its history moved on (RFC 5545, 3.8.7): a change is about to be made to it."""
    modified = max(now.replace(microsecond=0), entry.modified + _SECOND)
    return replace(entry, sequence=entry.sequence + 1, modified=modified)
