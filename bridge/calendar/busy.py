"""The option `privacy=busy`: the times at which a person is busy, and nothing else."""

import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bridge.calendar.event import is_opaque
from bridge.calendar.shown import Shown
from bridge.model.event import AllDay, Event, Kind, Timed, When
from bridge.model.window import bounds

_Busy = tuple[datetime, datetime, str, Shown, ZoneInfo]
"""From when until when, UID, what the feed would show, and the zone of its days."""
_BUSY_TIMES = uuid.UUID("0c9f1f6e-3a57-5e0e-8c55-7a0d2f1d9b42")


def busy_times(shown: Iterable[Shown], title: str, zone_of: Callable[[str], ZoneInfo]) -> list[Shown]:
    """The times of events that take time, without anything else. Times that overlap or touch become one.

    A single event keeps its UID. A joined one has a UID hashed from theirs, which changes when an event joins or
    leaves. So SEQUENCE (the sum) and LAST-MODIFIED (the latest) never fall under one UID. Whole days that touch stay
    whole days; `zone_of` gives the zone of a source's days.
    """
    groups: list[list[_Busy]] = []
    end = datetime.min.replace(tzinfo=UTC)
    for one in sorted((_busy(one, zone_of(one.source)) for one in shown if is_opaque(one)), key=lambda one: one[:3]):
        start, stop, *_ = one
        if groups and start <= end:
            groups[-1].append(one)
        else:
            groups.append([one])
        end = max(end, stop) if len(groups[-1]) > 1 else stop
    return [_as_one(group, title) for group in groups]


def _busy(shown: Shown, zone: ZoneInfo) -> _Busy:
    return (*bounds(shown.event.when, zone), shown.uid, shown, zone)


def _as_one(busy: Sequence[_Busy], title: str) -> Shown:
    group = [shown for *_, shown, _ in busy]
    event = Event(identity="", kind=Kind.LESSON, when=_union(busy), title=title)
    return Shown(
        uid=group[0].uid
        if len(group) == 1
        else str(uuid.uuid5(_BUSY_TIMES, " ".join(sorted(one.uid for one in group)))),
        event=event,
        title=title,
        cancelled=False,
        before=None,
        created=min(one.created for one in group),
        modified=max(one.modified for one in group),
        sequence=sum(one.sequence for one in group),
        source=group[0].source,
    )


def _union(busy: Sequence[_Busy]) -> When:
    """From the first moment to the last, in the first zone of an event; whole days if all of them are."""
    times = [shown.event.when for *_, shown, _ in busy]
    if len(times) == 1:
        return times[0]
    start, _, _, _, zone = busy[0]
    _, end, _, _, ending = max(busy, key=lambda one: one[1])
    first, last = start.astimezone(zone), end.astimezone(ending)
    whole = any(isinstance(when, AllDay) for when in times)
    if whole and first.time() == last.time() == time() and last.date() - first.date() >= timedelta(days=1):
        return AllDay(first.date(), last.date())
    return Timed(start, end, next((when.zone for when in times if isinstance(when, Timed)), zone.key))
