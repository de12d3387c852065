"""What a new answer changes of what is kept: pure, part by part."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bridge.model import Delivered, Event, TrackedEvent, bounds

SHOWN_AFTER_VANISHING = timedelta(days=14)
_SUSPICIOUS_LOSS = 5
_NAMESPACE = uuid.UUID("5b0c1c4e-6a52-5d0f-9d4b-6f1f3f0f7e21")


@dataclass(frozen=True, slots=True)
class Difference:
    """What to write for one part, and what the upstream changed.

    `replaced` holds changed entries, newly vanished ones included; `dropped` UIDs to forget. `changed` and `removed`
    count what the upstream did, `events` what it has now; leaving the window is neither. `missing` are the UIDs of
    events still ahead that the answer lacks.
    """

    added: tuple[TrackedEvent, ...]
    replaced: tuple[TrackedEvent, ...]
    dropped: frozenset[str]
    missing: frozenset[str]
    changed: int
    removed: int
    events: int
    suspicious: bool


def uid_of(source: str, person: str, event: Event) -> str:
    """The UID (RFC 7986, 5.3): the same for as long as source, person, kind and the upstream's identity are."""
    return str(uuid.uuid5(_NAMESPACE, json.dumps([source, person, event.kind, event.identity])))


def reconcile(
    kept: Sequence[TrackedEvent],
    delivered: Delivered,
    *,
    source: str,
    person: str,
    now: datetime,
    zone: ZoneInfo,
) -> Difference:
    """Compare an answer for a window with what is kept of the same part.

    Nothing counts as missing from an answer of which items could not be read: it may be among them.

    Args:
        kept: all that is kept of the part.
        delivered: the answer.
        source, person: whose UIDs they are.
        now: the moment that changes are dated with, UTC.
        zone: where days begin.
    """
    before = {entry.uid: entry for entry in kept}
    after = {uid_of(source, person, event): event for event in delivered.events}
    identities = {event.identity for event in delivered.events}
    added = tuple(
        TrackedEvent(uid, source, event, 0, _second(now), _second(now))
        for uid, event in after.items()
        if uid not in before
    )
    replaced = []
    dropped = set()
    missing = set()
    ahead = 0
    for uid, entry in before.items():
        start, end = bounds(entry.event.when, zone)
        if entry.vanished is None and start > now:
            ahead += 1
        if uid in after:
            if entry.vanished is not None or entry.event != after[uid]:
                replaced.append(_next(entry, now, event=after[uid], vanished=None))
        elif not delivered.window.overlaps(entry.event.when, zone) or entry.event.identity in identities:
            dropped.add(uid)  # out of sight, or the same thing under another kind
        elif entry.vanished is not None:
            if entry.vanished + SHOWN_AFTER_VANISHING <= now:
                dropped.add(uid)
        elif end > now and not delivered.skipped:
            missing.add(uid)
            replaced.append(_next(entry, now, event=entry.event, vanished=_second(now)))
    lost = sum(1 for uid in missing if bounds(before[uid].event.when, zone)[0] > now)
    return Difference(
        added=added,
        replaced=tuple(replaced),
        dropped=frozenset(dropped),
        missing=frozenset(missing),
        changed=len(replaced) - len(missing),
        removed=len(missing),
        events=len(after),
        suspicious=lost > _SUSPICIOUS_LOSS and lost * 2 > ahead,
    )


def _next(entry: TrackedEvent, now: datetime, *, event: Event, vanished: datetime | None) -> TrackedEvent:
    modified = max(_second(now), entry.modified + timedelta(seconds=1))
    return replace(entry, event=event, vanished=vanished, sequence=entry.sequence + 1, modified=modified)


def _second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
