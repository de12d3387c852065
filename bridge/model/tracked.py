"""Events with their history, and what time alone changes of them. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bridge.model.event import Before, Event

SHOWN_FOR = timedelta(days=14)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class TrackedEvent:
    """An event and its history in our keeping, as RFC 5545 wants it told (3.8.7).

    `sequence` rises and `modified` advances by at least a second with each change. `vanished` is when the upstream
    stopped having it while it was still ahead; the event's own status is what the upstream last said. `before` is
    what we saw it be before it changed, and `changed` when we noticed; both go after a while.
    """

    uid: str
    source: str
    event: Event
    sequence: int
    created: datetime
    modified: datetime
    vanished: datetime | None = None
    before: Before | None = None
    changed: datetime | None = None


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
