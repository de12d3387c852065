"""Answers of a school, one after another, and what is kept of them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bridge.model.event import Event, Kind, Timed, When
from bridge.model.tracked import TrackedEvent
from bridge.model.window import Window
from bridge.store.events import KeptEvents
from bridge.sync.reconcile import Difference, reconcile
from bridge.sync.snapshot import Delivered

ZONE = ZoneInfo("Europe/Amsterdam")

NOW = datetime(2026, 11, 22, 10, 0, 0, 250_000, tzinfo=UTC)

REACH = timedelta(days=30)

SECOND = timedelta(seconds=1)


def at(hours: float, *, length: float = 1) -> Timed:
    """So many hours from NOW."""
    start = NOW.replace(microsecond=0) + timedelta(hours=hours)
    return Timed(start, start + timedelta(hours=length), ZONE.key)


def lesson(identity: str = "1", when: When | None = None, title: str = "Wiskunde", kind: Kind = Kind.LESSON) -> Event:
    return Event(identity, kind, when or at(24), title)


def answered(kept: Iterable[TrackedEvent], events: Iterable[Event], now: datetime = NOW) -> Difference:
    window = Window.around(now, ZONE, past=REACH, future=REACH)
    inside = tuple(event for event in events if window.overlaps(event.when, ZONE))
    return reconcile(
        KeptEvents(tuple(kept)), Delivered(inside, window, {}), source="fortes", person="7", now=now, zone=ZONE
    )


def applied(kept: Iterable[TrackedEvent], difference: Difference) -> tuple[TrackedEvent, ...]:
    after = {entry.uid: entry for entry in kept if entry.uid not in difference.dropped}
    assert {entry.uid for entry in difference.replaced} <= after.keys()
    assert not {entry.uid for entry in difference.added} & after.keys()
    return tuple((after | {entry.uid: entry for entry in (*difference.replaced, *difference.added)}).values())


def after(*answers: Iterable[Event], every: timedelta = timedelta(hours=1)) -> tuple[TrackedEvent, ...]:
    kept: tuple[TrackedEvent, ...] = ()
    for number, events in enumerate(answers):
        kept = applied(kept, answered(kept, events, NOW + number * every))
    return kept
