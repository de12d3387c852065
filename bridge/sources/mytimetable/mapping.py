"""From MyTimetable's events to events. Pure."""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import structs

from bridge.errors import BadResponse
from bridge.model.event import DERIVED, AllDay, Event, Kind, Status, Timed, When
from bridge.model.window import Window, bounds
from bridge.sources.mytimetable.models import TimetableEvent
from bridge.sources.mytimetable.preferences import Preferences
from bridge.sources.mytimetable.weeks import WeekNames
from bridge.upstream.contract import Reading, Unread, join_readings, read_each
from bridge.upstream.markup import without_markup
from bridge.upstream.reply import Body, parse_json

_DAY = timedelta(days=1)
_MOMENT = timedelta(minutes=1)
_EXAM = re.compile(
    r"(?<![^\W_])(exams?|examination|((her|deel|eind|tussen)?(tentamens?|toets(en)?|examens?))|resits?|tests?)(?![^\W_])",
    re.IGNORECASE,
)
_WEB = re.compile(r"https?://\S+", re.IGNORECASE)


def items_of(body: Body, origin: str) -> list[Any]:
    """The items of an answer, not validated yet.

    Raises:
        BadResponse: it is not a list.
    """
    answer = parse_json(body, origin)
    if not isinstance(answer, list):
        raise BadResponse(f"{origin} did not send a list of events.")
    return answer


@dataclass(frozen=True, slots=True)
class Stretch:
    """The answers for the days of `window`: the personal timetable, if there is one, and single ones."""

    window: Window
    personal: Body | None
    single: tuple[Body, ...]


def read_timetables(
    stretches: Sequence[Stretch],
    *,
    zone: ZoneInfo,
    origin: str,
    preferences: Preferences | None = None,
    weeks: WeekNames | None = None,
) -> Reading:
    """The events of single timetables, and those of the personal one that the person's `preferences` show.

    Days of earlier stretches are skipped in later ones. An event in several timetables is returned once. `weeks` has
    names for the weeks of events.

    Raises:
        BadResponse: a timetable is not a list, or more than half of it cannot be read.
    """
    wanted = preferences or Preferences()
    names = weeks or WeekNames()
    known: list[Window] = []
    readings = []
    for stretch in stretches:

        def told(
            item: TimetableEvent, known: Sequence[Window] = tuple(known), wanted: Preferences = wanted
        ) -> Iterator[_Told]:
            event = _event(item, zone, names)
            if not any(window.overlaps(event.when, zone) for window in known):
                yield _Told(event, shown=not item.filtered and wanted.wants(item))

        def single(item: TimetableEvent, told: Callable[..., Iterator[_Told]] = told) -> Iterator[_Told]:
            return told(item, wanted=Preferences())

        readings += [_read(body, single, origin) for body in stretch.single]
        if stretch.personal is not None:
            readings.append(_read(stretch.personal, told, origin))
        known.append(stretch.window)
    whole = join_readings(readings)
    return replace(whole, events=tuple(_distinct(whole.events, zone)))


@dataclass(frozen=True, slots=True)
class _Told:
    """An event of which the university tells, and whether the person wants to see it."""

    event: Event
    shown: bool


def _read(body: Body, told: Callable[[TimetableEvent], Iterable[_Told]], origin: str) -> Reading:
    items = items_of(body, origin)
    found, unread = read_each(items, TimetableEvent, told, origin=origin, identify=_identify)
    return Reading(
        tuple(one.event for one in found if one.shown),
        unread,
        items=len(items),
        hidden=frozenset(one.event.identity for one in found if not one.shown),
    )


def _identify(item: Any) -> Unread:
    """What names an event that cannot be read: its id, else its start."""
    name, start = item.get("id"), item.get("startDate")
    if isinstance(name, str) and name:
        return Unread(name)
    return Unread(starts=datetime.fromtimestamp(start / 1000, UTC)) if isinstance(start, int) else Unread()


def _event(item: TimetableEvent, zone: ZoneInfo, weeks: WeekNames) -> Event:
    """The event. Its identity may not be unique yet."""
    when = _when(item, zone)
    notes = (item.notes, item.notes2, item.notes3)
    event = Event(
        identity=item.id or _derived_identity(item, _first_day(when, zone)),
        kind=_kind(item),
        when=when,
        title=item.description or item.module or item.label,
        subject=item.description,
        code=item.module,
        label=item.label,
        tags=tuple(tag for tag in item.tags if tag.casefold() != item.label.casefold()),
        groups=item.student_sets,
        teachers=item.staff,
        locations=item.locations or tuple({note.capitalize() for note in notes if _is_place(note)}),
        notes="\n".join(note for note in notes if note and (item.locations or not _is_place(note))),
        conference=_web(item.conference_url),
        recording=_web(item.recording_url),
        links=tuple(place for place in item.places if _web(place.address)),
        week=weeks.name(_first_day(when, zone)),
        status=Status.TENTATIVE if item.draft else Status.CONFIRMED,
    )
    return without_markup(event)


def _is_place(note: str) -> bool:
    """Whether a note says no more than where it is."""
    return note.casefold() == "online"


def _web(address: str) -> str:
    """The address where a browser can open it."""
    return address if _WEB.fullmatch(address) else ""


def _when(item: TimetableEvent, zone: ZoneInfo) -> When:
    """Whole days from local midnights, with an exclusive end, or moments. An event without length gets the shortest.

    Raises:
        ValueError: it ends before it begins.
    """
    end = item.end or item.start
    if end < item.start:
        raise ValueError("an event begins before it ends")
    if not item.all_day:
        return Timed(item.start, max(end, item.start + _MOMENT), zone.key)
    first = item.start.astimezone(zone)
    length = end.astimezone(zone).replace(tzinfo=UTC) - first.replace(tzinfo=UTC)
    return AllDay(first.date(), first.date() + max(1, round(length / _DAY)) * _DAY)


def _kind(item: TimetableEvent) -> Kind:
    words = (item.event_type.description, item.event_type.id, item.type_description, item.type_name)
    return Kind.EXAM if any(map(_EXAM.search, words)) else Kind.LESSON


def _derived_identity(item: TimetableEvent, day: date) -> str:
    """An identity from what stays when an event moves within its day or to another room, for events without id."""
    lasting = [
        item.module,
        item.description,
        item.type_name or item.event_type.id,
        sorted(item.student_sets),
        day.isoformat(),
    ]
    # UIDs depend on this text
    return DERIVED + hashlib.sha256(json.dumps(lasting).encode()).hexdigest()[:32]


def _distinct(events: Iterable[Event], zone: ZoneInfo) -> Iterator[Event]:
    """Each event once, with a unique identity.

    Several events with the same identity get their day added and, within a day, a number.
    """
    namesakes: dict[str, dict[Hashable, Event]] = defaultdict(dict)
    for event in events:
        namesakes[event.identity][_likeness(event)] = event
    for identity, found in namesakes.items():
        yield from found.values() if len(found) == 1 else _numbered(identity, found.values(), zone)


def _numbered(identity: str, events: Iterable[Event], zone: ZoneInfo) -> Iterator[Event]:
    days: dict[date, list[Event]] = defaultdict(list)
    for event in sorted(events, key=lambda event: (bounds(event.when, zone), repr(event))):
        days[_first_day(event.when, zone)].append(event)
    for day, of_day in days.items():
        name = identity if len(days) == 1 else f"{identity} {day}"
        for number, event in enumerate(of_day, 1):
            yield structs.replace(event, identity=name if number == 1 else f"{name} #{number}")


def _likeness(event: Event) -> Hashable:
    """What two items with the same identity share if they are the same event: the time, or everything without an id."""
    return event if event.identity.startswith(DERIVED) else event.when


def _first_day(when: When, zone: ZoneInfo) -> date:
    return when.start if isinstance(when, AllDay) else when.start.astimezone(zone).date()
