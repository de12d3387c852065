"""The option `merge_double`: a lesson over several periods as one event."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, TypeVar

from msgspec.structs import replace

from bridge.calendar.history import subject_of
from bridge.calendar.shown import Shown
from bridge.model.event import Kind, Timed

_Said = TypeVar("_Said")


def merge_doubles(shown: Iterable[Shown], gap: timedelta) -> list[Shown]:
    """Merge equal lessons with at most `gap` between one and the next, under the UID of the first.

    Equal: account, subject, title, group, teacher, room, how sure it is, and what it was before. A cancelled one stays
    alone. Notes, tasks, links and periods are put together. `shown` is in order of start. How SEQUENCE and
    LAST-MODIFIED go on rising: see `bridge.calendar.history`.
    """
    merged: list[Shown] = []
    last: dict[Any, int] = {}
    for one in shown:
        event = one.event
        if event.kind is Kind.LESSON and isinstance(event.when, Timed) and not one.cancelled:
            key = _equal(one)
            place = last.get(key)
            joined = None if place is None else _joined(merged[place], one, gap)
            if place is not None and joined is not None:
                merged[place] = joined
                continue
            last[key] = len(merged)
        merged.append(one)
    return merged


def _equal(one: Shown) -> tuple[object, ...]:
    event = one.event
    return (
        one.place,
        subject_of(event),
        one.title,
        event.label,
        event.groups,
        frozenset(event.teachers),
        frozenset(event.locations),
        event.site,
        event.status,
        one.cleared_by,
        one.before and (one.before.locations, one.before.teachers, one.before.title, one.before.when is None),
    )


def _joined(first: Shown, second: Shown, gap: timedelta) -> Shown | None:
    when = _span(first.event.when, second.event.when, gap)
    if when is None:
        return None
    before = first.before
    if before is not None and before.when is not None and second.before is not None and second.before.when is not None:
        moved_from = _span(before.when, second.before.when, gap)
        if moved_from is None:
            return None
        before = replace(before, when=moved_from)
    one, other = first.event, second.event
    return replace(
        first,
        event=replace(
            one,
            when=when,
            periods=_hull(one.periods, other.periods),
            tasks=_each_once(one.tasks or (), other.tasks or ()),
            notes="\n".join(_each_once(one.notes.splitlines(), other.notes.splitlines())),
            url=one.url or other.url,
            conference=one.conference or other.conference,
            recording=one.recording or other.recording,
            links=_each_once(one.links, other.links),
            tags=_each_once(one.tags, other.tags),
        ),
        before=before,
    )


def _span(one: object, other: object, gap: timedelta) -> Timed | None:
    """Both as one time; `None` if they are too far apart, overlap, or have different zones."""
    if not (isinstance(one, Timed) and isinstance(other, Timed)) or one.zone != other.zone:
        return None
    if not timedelta(0) <= other.start - one.end <= gap:
        return None
    return Timed(one.start, other.end, one.zone)


def _hull(one: tuple[int, int] | None, other: tuple[int, int] | None) -> tuple[int, int] | None:
    if one is None or other is None:
        return one or other
    return min(*one, *other), max(*one, *other)


def _each_once(one: Iterable[_Said], other: Iterable[_Said]) -> tuple[_Said, ...]:
    return tuple(dict.fromkeys([*one, *other]))
