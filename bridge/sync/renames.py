"""Find the entries of events that have several identities, or had another one. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from bridge.model.event import Event, Kind
from bridge.model.tracked import TrackedEvent

_Named = Mapping[tuple[Kind, str], Sequence[Event]]


def find_renamed(
    entries: Iterable[TrackedEvent],
    events: Iterable[Event],
    also: Mapping[str, Sequence[str]],
    uid: Callable[[Event], str],
) -> dict[str, Event | None]:
    """What the entries of events with other identities are, by the UID of the entry.

    Of several entries of an event the oldest is the event; the others are doubles of it, `None`. If an entry may be one
    of several events, the first that has no entry yet is taken. In both an event comes first to the entry that has its
    own UID, so that events which become one and part again have the same UIDs as before.

    Args:
        entries: entries with any identity.
        events: the events of the answer.
        also: the other identities of events; see `Reading`.
        uid: makes the UID of an event that has no entry.
    """
    named: defaultdict[tuple[Kind, str], list[Event]] = defaultdict(list)
    for event in events:
        for name in (event.identity, *also[event.identity]) if event.identity in also else ():
            named[event.kind, name].append(event)
    if not named:
        return {}
    found: defaultdict[Event, list[TrackedEvent]] = defaultdict(list)
    for _, entry, likely in sorted((_likely(entry, named) for entry in entries), key=lambda one: one[0]):
        if likely:
            free = [event for event in likely if event not in found] or likely[:1]
            found[next((event for event in free[1:] if uid(event) == entry.uid), free[0])].append(entry)
    renamed: dict[str, Event | None] = {}
    for event, same in found.items():
        names = (event.identity, *also[event.identity])
        oldest, *doubles = sorted(same, key=lambda entry: _age(entry, event, names, uid))
        renamed |= {oldest.uid: event} | {entry.uid: None for entry in doubles}
    return renamed


def _age(
    entry: TrackedEvent, event: Event, names: Sequence[str], uid: Callable[[Event], str]
) -> tuple[datetime, bool, int, str]:
    """The order of the entries of an event: of those that began together, its own first, then as it has their names."""
    named = names.index(entry.event.identity) if entry.event.identity in names else len(names)
    return entry.created, entry.uid != uid(event), named, entry.uid


def _likely(entry: TrackedEvent, named: _Named) -> tuple[int, TrackedEvent, Sequence[Event]]:
    """The events that an entry may be, by its identity or the beginning of it, and how many words are left out."""
    words = entry.event.identity.split(" ")
    for less in range(len(words)):
        if events := named.get((entry.event.kind, " ".join(words[: len(words) - less]))):
            return less, entry, events
    return 0, entry, ()
