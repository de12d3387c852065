"""Compare an answer with the kept events of its part. Pure.

Each kept entry and each new event is put into one class; the rest follows from the classes.
"""

import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from bridge.model.event import Before, Event, Kind, Status
from bridge.model.names import is_renaming
from bridge.model.tracked import UIDS, TrackedEvent, aged, renewed, uid_of
from bridge.model.window import Window, bounds
from bridge.store.events import KeptEvents
from bridge.sync.moves import find_moves
from bridge.sync.renames import find_renamed
from bridge.sync.snapshot import Delivered
from bridge.upstream.contract import Unread

_SUSPICIOUS_LOSS = 5
_FLEETING = {Kind.NOTICE}  # removed when the upstream no longer has it, instead of shown as cancelled


@dataclass(frozen=True, slots=True)
class Difference:
    """What to write for a part, and what the upstream changed.

    `replaced` are changed entries, including vanished ones; `dropped` are UIDs to remove. `changed` and `removed` count
    changes of the upstream, without events that left the window; `events` is the number that it has now. `missing` are
    the UIDs of events ahead that the answer lacks. `ties` are the identities of the events that any of the former are
    or were tied to.
    """

    added: tuple[TrackedEvent, ...]
    replaced: tuple[TrackedEvent, ...]
    dropped: frozenset[str]
    missing: frozenset[str]
    changed: int
    removed: int
    events: int
    suspicious: bool
    ties: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Classes:
    """The classes. Every kept entry and every unknown event is in one of them.

    Attributes:
        found: in the answer, unchanged or changed.
        moved: in the answer under another identity.
        vanished: ahead, and not in the answer.
        dropped: out of the window, expired, something else by now, or the double of an older one.
        left_out: ahead, and not in the answer by somebody's choice.
        untold: ahead, and not in the answer, which is that of another call than before.
        kept: over, vanished before, or in days that the answer does not cover.
        added: new events.
    """

    found: list[tuple[TrackedEvent, Event]] = field(default_factory=list)
    moved: list[tuple[TrackedEvent, Event]] = field(default_factory=list)
    vanished: list[TrackedEvent] = field(default_factory=list)
    dropped: list[TrackedEvent] = field(default_factory=list)
    left_out: list[TrackedEvent] = field(default_factory=list)
    untold: list[TrackedEvent] = field(default_factory=list)
    kept: list[TrackedEvent] = field(default_factory=list)
    added: list[Event] = field(default_factory=list)


def reconcile(
    kept: KeptEvents, delivered: Delivered, *, source: str, person: str, now: datetime, zone: ZoneInfo
) -> Difference:
    """Compare an answer for some days with the kept events of the same part.

    A field that could not be read stays as it is, and an unreadable item keeps the event with its identity, or those
    with its start, as they are. If neither is known, it may be any of them, and nothing is missing. If the choice has
    changed, missing events were left out by that and are removed without a trace, as are those that the upstream hides;
    of an empty answer that is suspicious, too. If another call has answered, missing events may never have been in its
    answers: they are removed without a trace, except cancelled ones, which stay; that is as suspicious as if they had
    vanished. Of the entries of one event under its identity and other ones, the oldest keeps its UID, and the others
    are removed without a trace. A missing lesson and a new one of the same subject and groups on the same day are a
    lesson that moved, if there is no doubt; it keeps its UID.

    Args:
        kept: the events of the part in the days of the answer, those with its identities, and expired ones; or more.
        delivered: the answer.
        source, person: from which UIDs are made.
        now: the moment of the changes, in UTC.
        zone: the zone in which days begin.
    """
    days = _Days(delivered, zone)
    classes = _classify(kept.entries, delivered, days, now, partial(uid_of, source, person))
    followed = [(entry, _followed(entry, event, now)) for entry, event in (*classes.found, *classes.moved)]
    fleeting = [entry for entry in classes.vanished if entry.event.kind in _FLEETING]
    missing = [entry for entry in classes.vanished if entry.event.kind not in _FLEETING]
    gone = (*classes.dropped, *classes.left_out, *classes.untold)
    dropped = frozenset(entry.uid for entry in (*gone, *fleeting))
    lost = [*missing, *classes.untold, *(classes.left_out if days.empty else ())]
    taken = kept.taken.union(entry.uid for entry in kept.entries) - dropped
    touched = [event for before, after in followed if after is not before for event in (before.event, after.event)]
    touched += [*classes.added, *(entry.event for entry in (*gone, *classes.vanished))]
    elsewhere = sum(1 for entry in classes.kept if entry.vanished is None and not days.covered(entry))
    return Difference(
        added=tuple(_begun(classes, taken, source, person, now)),
        replaced=(
            *(after for before, after in followed if after is not before),
            *(replace(renewed(entry, now), vanished=_second(now)) for entry in missing),
        ),
        dropped=dropped,
        missing=frozenset(entry.uid for entry in lost),
        changed=sum(1 for before, after in followed if after.sequence != before.sequence),
        removed=len(classes.vanished),
        events=len(delivered.events) + elsewhere + kept.others,
        suspicious=_suspicious([entry for entry in kept.entries if days.covered(entry)], lost, now, days)
        or _emptied([entry for entry in (*missing, *classes.untold) if days.start(entry) > now], delivered, zone),
        ties=frozenset(tie for event in touched for tie in event.ties),
    )


class _Days:
    """The days that an answer is about."""

    def __init__(self, delivered: Delivered, zone: ZoneInfo) -> None:
        self.zone = zone
        self._window = delivered.window
        self._covered = (delivered.window,) if delivered.covered is None else delivered.covered
        self._left_out = delivered.left_out
        self._otherwise = delivered.otherwise
        self.empty = not delivered.events
        self._identities = {unread.identity for unread in delivered.unread if unread.identity}
        self._starts = {unread.starts for unread in delivered.unread if unread.starts is not None}
        self._blind = Unread() in delivered.unread
        self._hidden = delivered.hidden
        self._silent = delivered.silent

    def wanted(self, entry: TrackedEvent) -> bool:
        return self._window.overlaps(entry.event.when, self.zone)

    def covered(self, entry: TrackedEvent) -> bool:
        return self._within(entry, self._covered)

    def left_out(self, entry: TrackedEvent) -> bool:
        """Whether its absence is somebody's choice."""
        return _is_named(entry, self._hidden) or self._within(entry, self._left_out)

    def untold(self, entry: TrackedEvent) -> bool:
        """Whether the call that has answered now may never have told of it."""
        return self._within(entry, self._otherwise)

    def _within(self, entry: TrackedEvent, windows: Sequence[Window] | None) -> bool:
        return windows is None or any(window.overlaps(entry.event.when, self.zone) for window in windows)

    def spared(self, entry: TrackedEvent) -> bool:
        """Whether it may be one of the items that could not be read, or that the upstream does not tell of."""
        if entry.event.identity.startswith(self._silent):
            return True
        return self._blind or _is_named(entry, self._identities) or self.start(entry) in self._starts

    def start(self, entry: TrackedEvent) -> datetime:
        return bounds(entry.event.when, self.zone)[0]

    def end(self, entry: TrackedEvent) -> datetime:
        return bounds(entry.event.when, self.zone)[1]


def _is_named(entry: TrackedEvent, identities: Collection[str]) -> bool:
    """Whether it is the event of an item with one of these identities."""
    name = f"{entry.event.identity} "  # of several events of one item, the others have more after a space
    return any(name.startswith(f"{identity} ") for identity in identities)


def _classify(
    entries: Sequence[TrackedEvent], delivered: Delivered, days: _Days, now: datetime, uid: Callable[[Event], str]
) -> _Classes:
    classes = _Classes()
    new = {(event.kind, event.identity): event for event in delivered.events}
    renamed = find_renamed(entries, delivered.events, delivered.also, uid)
    identities = {event.identity for event in delivered.events}
    ahead, over = [], []  # covered by the answer, but not in it
    for entry in entries:
        event = renamed.get(entry.uid, new.get((entry.event.kind, entry.event.identity)))
        double = entry.uid in renamed or entry.event.identity in identities
        if event is not None:
            classes.found.append((entry, _completed(event, entry, delivered.lacking.get(event.identity))))
            del new[event.kind, event.identity]
        elif double or aged(entry, now) is None or not days.wanted(entry):
            classes.dropped.append(entry)
        elif not days.covered(entry):
            classes.kept.append(entry)
        elif entry.vanished is None and days.end(entry) > now and not days.spared(entry):
            ahead.append(entry)
        else:
            over.append(entry)
    moves = find_moves(ahead, over, new.values(), days.zone)
    for entry in (*ahead, *over):
        if event := moves.get(entry.uid):
            classes.moved.append((entry, event))
            del new[event.kind, event.identity]
    classes.kept.extend(entry for entry in over if entry.uid not in moves)
    for entry in ahead:
        if entry.uid not in moves:
            _class_of_missing(entry, days, classes).append(entry)
    classes.added.extend(new.values())
    return classes


def _completed(event: Event, entry: TrackedEvent, lacking: Collection[str] | None) -> Event:
    """The event with what is known of the fields that it lacks."""
    return replace(event, **{name: getattr(entry.event, name) for name in lacking}) if lacking else event


def _class_of_missing(entry: TrackedEvent, days: _Days, classes: _Classes) -> list[TrackedEvent]:
    """The class of an entry that is ahead and not in the answer."""
    if days.left_out(entry):
        return classes.left_out
    if days.untold(entry) and entry.event.kind not in _FLEETING:
        return classes.kept if entry.event.status is Status.CANCELLED else classes.untold
    return classes.vanished


def _followed(entry: TrackedEvent, event: Event, now: datetime) -> TrackedEvent:
    """The entry with the new event; the same entry if nothing changed."""
    if event.tasks is None and entry.event.tasks is not None:
        event = replace(event, tasks=entry.event.tasks)
    if entry.vanished is None and event == entry.event:
        return entry
    named_as_before = replace(event, identity=entry.event.identity, lesson=entry.event.lesson)
    if entry.vanished is None and named_as_before == entry.event:
        return replace(entry, event=event)  # another name for the same thing: nobody sees a change
    before = _before(entry, event)
    noticed = entry.changed if before == entry.before else _second(now)
    return replace(renewed(entry, now), event=event, vanished=None, before=before, changed=noticed if before else None)


def _before(entry: TrackedEvent, event: Event) -> Before | None:
    """What the event was when people saw it, without changes that were reverted."""
    seen: dict[str, Any] = {}
    for name in ("when", "locations", "teachers", "title"):
        now = getattr(event, name)
        was = getattr(entry.before, name) if entry.before else None
        was = getattr(entry.event, name) if was is None else was
        seen[name] = None if was == now else was
    if entry.before is None or entry.before.title is None:
        seen["title"] = None if is_renaming(entry.event, event) else seen["title"]
    return Before(**seen) if any(was is not None for was in seen.values()) else None


def _begun(
    classes: _Classes, taken: Collection[str], source: str, person: str, now: datetime
) -> Iterator[TrackedEvent]:
    """New entries. The UID of something that moved is not used again.

    An event that had another kind continues its sequence: if it gets its old kind again, its old UID has a higher one.
    """
    second = _second(now)
    reached = {
        entry.event.identity: entry.sequence + 1 for entry in (*classes.dropped, *classes.left_out, *classes.untold)
    }
    for event in classes.added:
        uid = uid_of(source, person, event)
        while uid in taken:
            uid = str(uuid.uuid5(UIDS, uid))
        yield TrackedEvent(uid, source, event, reached.get(event.identity, 0), second, second)


def _suspicious(covered: Iterable[TrackedEvent], missing: Sequence[TrackedEvent], now: datetime, days: _Days) -> bool:
    """Whether most of the events ahead are missing, and more than a few; of an empty answer, any of them."""
    ahead = {entry.uid for entry in covered if entry.vanished is None and days.start(entry) > now}
    count = sum(1 for entry in missing if entry.uid in ahead)
    return (count > _SUSPICIOUS_LOSS and count * 2 > len(ahead)) or (days.empty and count > 0)


def _emptied(lost: Sequence[TrackedEvent], delivered: Delivered, zone: ZoneInfo) -> bool:
    """Whether one of several answers has no event where more than a few of the `lost` ones were ahead."""
    windows = (delivered.covered or ()) if lost else ()
    gone = {window: sum(1 for entry in lost if window.overlaps(entry.event.when, zone)) for window in windows}
    return any(
        count > _SUSPICIOUS_LOSS and not any(window.overlaps(event.when, zone) for event in delivered.events)
        for window, count in gone.items()
    )


def _second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
