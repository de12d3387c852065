"""A team's absences: all-day events, one for each run of days on which a person is absent."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from bridge.calendar.days import touched
from bridge.model.event import AllDay, DayPart, Event, Kind, Status, When
from bridge.model.text import clean_line
from bridge.model.tracked import TrackedEvent

ABSENT = (Kind.ABSENCE, Kind.INTERRUPTION)
_TEAM = uuid.UUID("6d1f2a1e-0b0c-5d7e-9a43-3f6f9f5f2c11")


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a team: their name and their absences."""

    name: str
    title: str
    entries: Sequence[TrackedEvent]


def team_entries(members: Iterable[Member]) -> list[TrackedEvent]:
    """The absences of all members as whole days, each in its own zone. Those of one person on the same day are one.

    The UID is hashed from the UIDs of the absences, so that SEQUENCE (the sum) and LAST-MODIFIED (the latest) never
    fall under one UID.
    """
    return [_line(member, group) for member in members for group in _groups(member)]


def _groups(member: Member) -> Iterator[list[tuple[AllDay, TrackedEvent]]]:
    """The absences that still apply, in groups whose days overlap."""
    true = [
        (_days(entry.event.when), entry)
        for entry in member.entries
        if entry.event.kind in ABSENT and entry.vanished is None and entry.event.status is not Status.CANCELLED
    ]
    group: list[tuple[AllDay, TrackedEvent]] = []
    for days, entry in sorted(true, key=lambda one: (one[0].start, one[0].end, one[1].uid)):
        if group and days.start >= max(known.end for known, _ in group):
            yield group
            group = []
        group.append((days, entry))
    if group:
        yield group


def _line(member: Member, group: Sequence[tuple[AllDay, TrackedEvent]]) -> TrackedEvent:
    entries = [entry for _, entry in group]
    when = AllDay(min(days.start for days, _ in group), max(days.end for days, _ in group))
    uid = str(uuid.uuid5(_TEAM, " ".join([member.name, *sorted(entry.uid for entry in entries)])))
    alone = entries[0].event if len(entries) == 1 else None
    reasons = dict.fromkeys(entry.event.reason for entry in entries if entry.event.reason)
    event = Event(
        identity=uid,
        kind=Kind.INTERRUPTION,
        when=when,
        title="",
        whose=clean_line(member.title),
        reason=", ".join(reasons),
        day_part=alone.day_part if alone else DayPart.WHOLE,
        hours=alone.hours if alone else None,
        reported=any(entry.event.reported for entry in entries),
        cover=tuple(dict.fromkeys(cover for entry in entries for cover in entry.event.cover)),
    )
    first = replace(entries[0], uid=uid, event=event, before=None, changed=None)
    return replace(
        first,
        created=min(entry.created for entry in entries),
        modified=max(entry.modified for entry in entries),
        sequence=sum(entry.sequence for entry in entries),
    )


def _days(when: When) -> AllDay:
    return when if isinstance(when, AllDay) else touched(when, ZoneInfo(when.zone))
