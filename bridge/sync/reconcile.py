"""What a new answer changes of what is kept: pure, part by part."""

import json
import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bridge.model.event import Before, Event, Kind
from bridge.model.tracked import TrackedEvent, aged, renewed
from bridge.model.window import bounds
from bridge.sync.snapshot import Delivered

_SUSPICIOUS_LOSS = 5
_NAMESPACE = uuid.UUID("5b0c1c4e-6a52-5d0f-9d4b-6f1f3f0f7e21")
_MOVABLE = {Kind.LESSON, Kind.EXAM}
_FLEETING = {Kind.NOTICE}  # what is over once it is not told any more: nobody waits for it


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
    """Compare an answer for some days with what is kept of the same part.

    Nothing counts as missing from an answer of which items could not be read: it may be among them. A lesson that is
    missing and one of the same subject and groups that is new on the same day are one, which moved, where that is
    beyond doubt; it keeps its UID.

    Args:
        kept: all that is kept of the part.
        delivered: the answer.
        source, person: whose UIDs they are.
        now: the moment that changes are dated with, UTC.
        zone: where days begin.
    """
    days = _Days(delivered, zone)
    pairs, new = _pair(kept, delivered.events)
    lacking = {entry.uid: entry for entry in kept if entry.uid not in pairs}
    identities = {event.identity for event in delivered.events}
    missing, other = {}, {}
    dropped = set()
    for uid, entry in lacking.items():
        gone = aged(entry, now) is None or not days.wanted(entry) or entry.event.identity in identities
        if gone:
            dropped.add(uid)  # out of sight, or the same thing under another kind
        elif entry.vanished is None and days.covered(entry) and days.end(entry) > now and not delivered.skipped:
            missing[uid] = entry
        elif days.covered(entry):
            other[uid] = entry  # it is over, or is known to be cancelled; but it may have another name by now
    moved = _moves(missing.values(), other.values(), new, zone)
    pairs |= moved
    known = {entry.uid: entry for entry in kept}
    replaced = [entry for uid, event in pairs.items() if (entry := _followed(known[uid], event, now)) is not known[uid]]
    changed = sum(1 for entry in replaced if entry.sequence != known[entry.uid].sequence)
    lost = {uid: entry for uid, entry in missing.items() if uid not in moved}
    fleeting = {uid for uid, entry in lost.items() if entry.event.kind in _FLEETING}
    replaced += [
        replace(renewed(entry, now), vanished=_second(now)) for uid, entry in lost.items() if uid not in fleeting
    ]
    found = set(moved.values())
    added = _begun([event for event in new if event not in found], known.keys() - dropped, source, person, now)
    stay = sum(1 for entry in lacking.values() if entry.vanished is None and not days.covered(entry))
    return Difference(
        added=tuple(added),
        replaced=tuple(replaced),
        dropped=frozenset(dropped | fleeting),
        missing=frozenset(lost.keys() - fleeting),
        changed=changed,
        removed=len(lost),
        events=len(delivered.events) + stay,
        suspicious=_suspicious([entry for entry in kept if days.covered(entry)], lost.keys() - fleeting, now, days),
    )


class _Days:
    """Which days an answer is about."""

    def __init__(self, delivered: Delivered, zone: ZoneInfo) -> None:
        self._window = delivered.window
        self._covered = (delivered.window,) if delivered.covered is None else delivered.covered
        self._zone = zone

    def wanted(self, entry: TrackedEvent) -> bool:
        return self._window.overlaps(entry.event.when, self._zone)

    def covered(self, entry: TrackedEvent) -> bool:
        return any(window.overlaps(entry.event.when, self._zone) for window in self._covered)

    def start(self, entry: TrackedEvent) -> datetime:
        return bounds(entry.event.when, self._zone)[0]

    def end(self, entry: TrackedEvent) -> datetime:
        return bounds(entry.event.when, self._zone)[1]


def _pair(kept: Iterable[TrackedEvent], events: Iterable[Event]) -> tuple[dict[str, Event], list[Event]]:
    """The events by the UID that they are known under, by kind and identity; and those that are new."""
    uids = {(entry.event.kind, entry.event.identity): entry.uid for entry in kept}
    pairs: dict[str, Event] = {}
    new = []
    for event in events:
        uid = uids.get((event.kind, event.identity))
        if uid is None:
            new.append(event)
        else:
            pairs[uid] = event
    return pairs, new


def _moves(
    missing: Iterable[TrackedEvent], other: Iterable[TrackedEvent], new: Sequence[Event], zone: ZoneInfo
) -> dict[str, Event]:
    """New events by the UID of the one that each of them is: at the same time, else missing on the same day."""

    def at_once(event: Event) -> Hashable:
        return event.kind, event.code or event.subject or event.title, event.when

    def within_the_day(event: Event) -> Hashable:
        day = bounds(event.when, zone)[0].astimezone(zone).date()
        return event.kind, event.subject or event.title, event.groups, day

    left = {entry.uid: entry.event for entry in missing if entry.event.kind in _MOVABLE}
    there = {entry.uid: entry.event for entry in other if entry.event.kind in _MOVABLE}
    movable = [event for event in new if event.kind in _MOVABLE]
    found = _only_pairs(left | there, movable, at_once)
    taken = set(found.values())
    return found | _only_pairs(
        {uid: event for uid, event in left.items() if uid not in found},
        [event for event in movable if event not in taken],
        within_the_day,
    )


def _only_pairs(
    gone: Mapping[str, Event], new: Iterable[Event], likeness: Callable[[Event], Hashable]
) -> dict[str, Event]:
    """Those that are alike one to one."""
    sides: defaultdict[Hashable, tuple[list[str], list[Event]]] = defaultdict(lambda: ([], []))
    for uid, event in gone.items():
        sides[likeness(event)][0].append(uid)
    for event in new:
        sides[likeness(event)][1].append(event)
    return {uids[0]: events[0] for uids, events in sides.values() if len(uids) == len(events) == 1}


def _followed(entry: TrackedEvent, event: Event, now: datetime) -> TrackedEvent:
    """The entry with what the upstream says now; itself where that is the same."""
    if event.tasks is None and entry.event.tasks is not None:
        event = replace(event, tasks=entry.event.tasks)
    if entry.vanished is None and event == entry.event:
        return entry
    if entry.vanished is None and replace(event, identity=entry.event.identity) == entry.event:
        return replace(entry, event=event)  # another name for the same thing: nobody sees a change
    before = _before(entry, event)
    noticed = entry.changed if before == entry.before else _second(now)
    return replace(renewed(entry, now), event=event, vanished=None, before=before, changed=noticed if before else None)


def _before(entry: TrackedEvent, event: Event) -> Before | None:
    """What people have seen it be that it is not any more; a change that was taken back is none."""
    told: dict[str, Any] = {}
    for name in ("when", "locations", "teachers"):
        now = getattr(event, name)
        was = getattr(entry.before, name) if entry.before else None
        was = getattr(entry.event, name) if was is None else was
        told[name] = None if was == now else was
    return Before(**told) if any(was is not None for was in told.values()) else None


def _begun(
    events: Iterable[Event], taken: Collection[str], source: str, person: str, now: datetime
) -> Iterable[TrackedEvent]:
    """New entries; a UID that belongs to something that moved is not used again."""
    for event in events:
        uid = uid_of(source, person, event)
        while uid in taken:
            uid = str(uuid.uuid5(_NAMESPACE, uid))
        yield TrackedEvent(uid, source, event, 0, _second(now), _second(now))


def _suspicious(kept: Iterable[TrackedEvent], lost: Collection[str], now: datetime, days: _Days) -> bool:
    """Whether most of what was ahead is lost, and not just a little."""
    ahead = [entry.uid for entry in kept if entry.vanished is None and days.start(entry) > now]
    count = sum(1 for uid in ahead if uid in lost)
    return count > _SUSPICIOUS_LOSS and count * 2 > len(ahead)


def _second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
