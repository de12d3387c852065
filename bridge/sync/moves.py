"""Find lessons that an answer has at another time, and what it has under another identity. Pure."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import timedelta
from zoneinfo import ZoneInfo

from bridge.model.event import DERIVED, Event, Kind
from bridge.model.tracked import TrackedEvent
from bridge.model.window import bounds

_MOVABLE = {Kind.LESSON, Kind.EXAM}
_FARTHEST = timedelta(days=14)
_RENAMABLE = _MOVABLE | {Kind.INTERRUPTION}


def find_moves(
    missing: Iterable[TrackedEvent], over: Iterable[TrackedEvent], new: Iterable[Event], zone: ZoneInfo
) -> dict[str, Event]:
    """The new event for each entry that moved, by the UID of the entry, if there is no doubt.

    Args:
        missing: entries ahead that the answer lacks. Lessons may have moved within their day, or, if the upstream has
            no identity for them, to the same time of another day.
        over: entries that are over or have vanished. They may have another identity.
        new: the unknown events of the answer.
        zone: the zone in which days begin.
    """

    def at_once(event: Event) -> Hashable:
        what = event.code or event.subject or event.title or event.reason
        return event.kind, what, event.when, event.day_part, event.hours

    def within_the_day(event: Event) -> Hashable:
        day = bounds(event.when, zone)[0].astimezone(zone).date()
        return event.kind, event.subject or event.title, event.groups, day

    def on_another_day(event: Event) -> Hashable:
        start, end = (moment.astimezone(zone).replace(tzinfo=None) for moment in bounds(event.when, zone))
        what = event.code, event.subject or event.title, event.label, event.groups
        return event.kind, *what, start.time(), end - start

    ahead = {entry.uid: entry.event for entry in missing if entry.event.kind in _RENAMABLE}
    passed = {entry.uid: entry.event for entry in over if entry.event.kind in _RENAMABLE}
    if not ahead and not passed:
        return {}
    renamable = [event for event in new if event.kind in _RENAMABLE]
    found = _only_pairs(ahead | passed, renamable, at_once)
    found |= _only_pairs(*_rest(ahead, renamable, found, _is_movable), within_the_day)
    pairs = _only_pairs(*_rest(ahead, renamable, found, _is_unnamed), on_another_day)
    return found | {uid: event for uid, event in pairs.items() if _are_near(ahead[uid], event, zone)}


def _rest(
    gone: Mapping[str, Event], new: Iterable[Event], found: Mapping[str, Event], wanted: Callable[[Event], bool]
) -> tuple[dict[str, Event], list[Event]]:
    """What is wanted of both sides and was not found yet."""
    taken = set(found.values())
    left = {uid: event for uid, event in gone.items() if wanted(event) and uid not in found}
    return left, [event for event in new if wanted(event) and event not in taken]


def _is_movable(event: Event) -> bool:
    return event.kind in _MOVABLE


def _is_unnamed(event: Event) -> bool:
    return event.kind in _MOVABLE and event.identity.startswith(DERIVED)


def _are_near(one: Event, other: Event, zone: ZoneInfo) -> bool:
    return abs(bounds(one.when, zone)[0] - bounds(other.when, zone)[0]) <= _FARTHEST


def _only_pairs(
    gone: Mapping[str, Event], new: Iterable[Event], likeness: Callable[[Event], Hashable]
) -> dict[str, Event]:
    """The pairs that are alike, if both sides have only one of them."""
    sides: defaultdict[Hashable, tuple[list[str], list[Event]]] = defaultdict(lambda: ([], []))
    for uid, event in gone.items():
        sides[likeness(event)][0].append(uid)
    for event in new:
        sides[likeness(event)][1].append(event)
    return {uids[0]: events[0] for uids, events in sides.values() if len(uids) == len(events) == 1}
