"""Lessons and tests from both timetables. A lesson is the same event in both."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import structs

from bridge.model.event import Before, Event, Kind, Status, Timed
from bridge.sources.somtoday.entries import (
    Appointment,
    AppointmentExtras,
    AppointmentType,
    Entry,
    ScheduleItem,
    read_moment,
)
from bridge.sources.somtoday.mapping.changes import is_called_off, read_change
from bridge.sources.somtoday.mapping.items import about, all_items, digest, lasting, moment, periods, unread
from bridge.sources.somtoday.tolerant import Subject
from bridge.upstream.contract import Reading, read_items
from bridge.upstream.markup import heading
from bridge.upstream.reply import Body
from bridge.upstream.typed_list import TypedList

_ACTIVE = "ACTIEF"
_TEST = re.compile(r"\b(?:grote[ _]?)?toets|\b(?:tentamen|examen|proefwerk|schoolexamen)\b", re.IGNORECASE)
_TEST_FIRST = re.compile(r"toets\b", re.IGNORECASE)
_ABOUT_A_TEST = re.compile("bespre|inzage|inzien|inkijk|voorbereid|training", re.IGNORECASE)
_SEPARATORS = re.compile(r"[,;/]")
_READ_FROM = {
    "locatie": ("locations", "groups"),
    "titel": ("title", "groups"),
    "omschrijving": ("notes",),
    "vak": ("subject", "code", "title"),
    "docent_namen": ("teachers", "groups"),
    "docent_afkortingen": ("teachers", "groups"),
    "lesgroepen": ("groups",),
}
"""What of an event depends on a field that may be odd."""
_APPOINTMENTS = TypedList(Appointment, "items", optional=_READ_FROM)
_WEEK = TypedList(ScheduleItem, "items", optional=_READ_FROM)
_ORDINARY = {"les", "lessen", "individueel"}
_ORDINARY_ITEMS = {"", "rooster", "individueel"}


def read_schedule(
    pages: Sequence[Body],
    *,
    pupil: str,
    zone: ZoneInfo,
    origin: str,
    tasks: tuple[()] | None = None,
    written: Callable[[str], str] = str,
) -> Reading:
    """The lessons and tests of a pupil, from GET /afspraken.

    `tasks` is the `Event.tasks` of lessons without homework: empty if the homework is known, else `None`. `written` is
    how a site is written, by its name.
    """

    def lesson(item: Appointment) -> Iterable[Event]:
        extras = item.additional_objects or AppointmentExtras()
        if extras.leerlingen and extras.leerlingen.items and not about(extras.leerlingen.items, pupil):
            return
        yield _appointment(item, extras, zone, tasks, sites)

    items = all_items(pages, origin, _APPOINTMENTS.read)
    sites = _sites(items, written)
    reading = read_items(items, Appointment, lesson, origin=origin, identify=partial(unread, zone=zone))
    return _each_once(_with_lacking(reading, items))


def read_weeks(
    pages: Sequence[Body],
    *,
    zone: ZoneInfo,
    origin: str,
    tasks: tuple[()] | None = None,
    written: Callable[[str], str] = str,
) -> Reading:
    """The lessons and tests of a pupil, from GET /afspraakitems/{id}/jaar/{year}/week/{week}.

    `tasks` and `written` as for `read_schedule`.
    """

    def lesson(item: ScheduleItem) -> Iterable[Event]:
        yield _item(item, zone, tasks, sites)

    items, identify = all_items(pages, origin, _WEEK.read), partial(unread, zone=zone)
    sites = _sites(items, written)
    reading = read_items(items, ScheduleItem, lesson, origin=origin, identify=identify, whole=False)
    return _each_once(_with_lacking(reading, items))


def _with_lacking(reading: Reading, items: Iterable[Any]) -> Reading:
    """The reading, which says of which items a part could not be read."""
    lacking = {
        _identity(item): frozenset(name for lost in item.lost for name in _READ_FROM[lost])
        for item in items
        if isinstance(item, Entry) and item.lost
    }
    return replace(reading, lacking=lacking, notes=("Some lessons could not be read in full.",)) if lacking else reading


def _identity(item: Entry) -> str:
    return item.unique or item.key if isinstance(item, ScheduleItem) else item.key


def _sites(items: Iterable[Any], written: Callable[[str], str]) -> Mapping[str, str]:
    """How the sites of the lessons of a pupil are written, by name; empty if all are at the same one."""
    names = {name for item in items if (name := _site(item))}
    return {name: written(name) for name in names} if len(names) > 1 else {}


def _site(item: Any) -> str:
    """The site at which an item is, which need not be readable otherwise; empty if it says none."""
    site = item.vestiging if isinstance(item, Entry) else item.get("vestiging") if isinstance(item, dict) else None
    name = site.get("naam") if isinstance(site, dict) else None
    return heading(str(name)) if name else ""


def _each_once(reading: Reading) -> Reading:
    """A reading in which a lesson that was sent twice is one event, in whatever order it was sent."""
    found: dict[str, list[Event]] = {}
    for event in reading.events:
        found.setdefault(event.identity, []).append(event)
    if len(found) == len(reading.events):
        return reading
    return replace(reading, events=tuple(map(_joined, found.values())))


def _joined(same: Sequence[Event]) -> Event:
    """The gravest of these tellings of one lesson, with the texts of all."""

    def gravity(event: Event) -> tuple[bool, bool, bool, str]:
        return event.status is not Status.CANCELLED, event.before is None, event.kind is not Kind.EXAM, repr(event)

    texts = sorted({event.notes for event in same} - {""})
    return structs.replace(min(same, key=gravity), notes="\n".join(texts))


def is_test(*words: str | None) -> bool:
    """Whether the first of these texts that names a test means one, not a talk about it or a look into it."""
    named = next((word for word in words if word and _TEST.search(word)), "")
    return bool(named) and not _ABOUT_A_TEST.search(named)


def test_title(title: str, subject: str, sort: str) -> str:
    """The title of a test: `title` if that names a test itself, else its sort and subject."""
    if _TEST.search(title) or not subject:
        return title or sort
    return f"{sort or 'Toets'} {subject}"


@dataclass(frozen=True, slots=True)
class _Told:
    """What each of the two timetables says of a lesson in its own way."""

    identity: str
    subject: Subject
    teachers: tuple[str, ...]
    groups: tuple[str, ...]
    sort: str
    test: bool
    label: str
    more: str = ""
    reason: str = ""
    cancelled: bool = False
    before: Before | None = None


def _appointment(
    item: Appointment, extras: AppointmentExtras, zone: ZoneInfo, tasks: tuple[()] | None, sites: Mapping[str, str]
) -> Event:
    sort = item.afspraak_type or AppointmentType()
    name, described, category = sort.words
    status = (item.status or _ACTIVE).upper()
    cancelled = is_called_off(status)
    told = _Told(
        identity=_identity(item),
        subject=extras.vak or Subject(),
        teachers=_split(extras.teachers),
        groups=(),
        sort=name or described,
        test=is_test(name, described, category),
        label="" if name.casefold() in _ORDINARY else name,
        more="" if cancelled or status == _ACTIVE else f"Status: {item.status}",
        cancelled=cancelled,
    )
    return _lesson(item, _when(item.begin_datum_tijd, item.eind_datum_tijd, zone), told, tasks, sites)


def _item(item: ScheduleItem, zone: ZoneInfo, tasks: tuple[()] | None, sites: Mapping[str, str]) -> Event:
    sort = item.sort.replace("_", " ").strip()
    when = _when(item.begin_datum_tijd, item.eind_datum_tijd, zone)
    change = read_change(item, when, zone)
    told = _Told(
        identity=_identity(item),
        subject=item.vak or Subject(),
        teachers=tuple(sorted(_split(item.teachers))),
        groups=tuple(sorted(name for group in item.lesgroepen or () if (name := group.name))),
        sort="Toets",
        test="toets" in sort.casefold() and not _ABOUT_A_TEST.search(sort),
        label="" if sort.casefold() in _ORDINARY_ITEMS else sort.capitalize(),
        more=change.words,
        reason=change.reason,
        cancelled=change.cancelled,
        before=change.before,
    )
    return _lesson(item, when, told, tasks, sites)


@lru_cache(maxsize=4096)  # the lessons of a school begin and end at a few times on two hundred days
def _when(begin: str, end: str, zone: ZoneInfo) -> Timed:
    return lasting(moment(read_moment(begin), zone), moment(read_moment(end), zone), zone)


def _lesson(item: Entry, when: Timed, told: _Told, tasks: tuple[()] | None, sites: Mapping[str, str]) -> Event:
    title, location, name = item.title, item.location, told.subject.name
    test = told.test or (_TEST_FIRST.match(title) is not None and not _ABOUT_A_TEST.search(title))
    groups = told.groups or groups_in(title, location, told.teachers)
    described = item.description
    repeats = " ".join(described.split()) == title or _is_of({location, *groups, *told.teachers}, described)
    notes = (told.more, "" if repeats else described)
    return Event(
        identity=told.identity or digest(title, when.start.isoformat()),
        kind=Kind.EXAM if test else Kind.LESSON,
        when=when,
        title=test_title(title, name, told.sort) if test else name or title or told.sort,
        subject=name,
        code=told.subject.code,
        label="" if test else told.label,
        groups=groups,
        teachers=told.teachers,
        locations=(location,) if location else (),
        site=sites.get(_site(item), "") if sites else "",
        periods=periods(item),
        notes="\n".join(filter(None, notes)),
        reason=told.reason,
        status=Status.CANCELLED if told.cancelled else Status.CONFIRMED,
        before=told.before,
        tasks=tasks,
    )


def _is_of(known: Iterable[str], text: str) -> bool:
    """Whether a text such as "217 - A5wisB_2 - Stk" has nothing but names that are `known`."""
    return {piece.strip().casefold() for piece in text.split(" - ")} <= {name.casefold() for name in known}


def _split(given: str | Sequence[str]) -> tuple[str, ...]:
    names = _SEPARATORS.split(given) if isinstance(given, str) else given
    return tuple(name.strip() for name in names if name.strip())


def groups_in(title: str, location: str, teachers: Sequence[str]) -> tuple[str, ...]:
    """The groups in a title such as "217 - A5wisB_2 - Stk": what is neither the room nor a teacher."""
    pieces = [piece.strip() for piece in title.split(" - ")]
    known = {location.casefold(), *(teacher.casefold() for teacher in teachers)}
    others = [piece for piece in pieces if piece.casefold() not in known]
    return tuple(others) if len(pieces) > 1 and len(others) == 1 else ()
