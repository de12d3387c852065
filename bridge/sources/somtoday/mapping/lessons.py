"""Lessons and tests from both timetables. A lesson is the same event in both."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from bridge.model.event import Event, Kind, Status, Timed
from bridge.sources.somtoday.mapping.changes import read_change
from bridge.sources.somtoday.mapping.items import about, all_items, digest, moment, periods
from bridge.sources.somtoday.models import Appointment, AppointmentExtras, AppointmentType, Names, ScheduleItem, Subject
from bridge.upstream.contract import Reading, read_items
from bridge.upstream.http import Body

_ACTIVE = "ACTIEF"
_CANCELLED = {"GEANNULEERD", "VERVALLEN", "UITVAL"}
_TEST = re.compile(r"\b(?:grote[ _]?)?toets|\b(?:tentamen|examen|proefwerk|schoolexamen)\b", re.IGNORECASE)
_ORDINARY = {"les", "lessen", "individueel"}
_ORDINARY_ITEMS = {"", "rooster", "individueel"}


def read_schedule(pages: Sequence[Body], *, pupil: str, zone: ZoneInfo, origin: str) -> Reading:
    """The lessons and tests of a pupil, from GET /afspraken."""

    def lesson(item: Appointment) -> Iterable[Event]:
        extras = item.additional or AppointmentExtras()
        if extras.leerlingen and extras.leerlingen.items and not about(extras.leerlingen.items, pupil):
            return
        yield _appointment(item, extras, zone)

    return read_items(all_items(pages, origin), Appointment, lesson, origin=origin)


def read_weeks(pages: Sequence[Body], *, zone: ZoneInfo, origin: str) -> Reading:
    """The lessons and tests of a pupil, from GET /afspraakitems/{id}/jaar/{year}/week/{week}."""

    def lesson(item: ScheduleItem) -> Iterable[Event]:
        yield _item(item, zone)

    return read_items(all_items(pages, origin), ScheduleItem, lesson, origin=origin)


def is_test(*words: str | None) -> bool:
    """Whether one of these texts names a test."""
    return any(_TEST.search(word or "") for word in words)


def test_title(title: str, subject: str, sort: str) -> str:
    """The title of a test: `title` if that names a test itself, else its sort and subject."""
    if _TEST.search(title) or not subject:
        return title or sort
    return f"{sort or 'Toets'} {subject}"


def _appointment(item: Appointment, extras: AppointmentExtras, zone: ZoneInfo) -> Event:
    sort = item.type or AppointmentType()
    status = (item.status or _ACTIVE).upper()
    notes = [item.description or ""] if item.description != item.title else []
    if status not in _CANCELLED | {_ACTIVE}:
        notes.append(f"Status: {item.status}")
    when = Timed(moment(item.start, zone), moment(item.end, zone), zone.key)
    return _lesson(
        item,
        when,
        identity=item.key,
        subject=extras.vak or Subject(),
        teachers=_split(extras.docentAfkortingen),
        groups=(),
        sort=sort.naam or sort.omschrijving or "",
        test=is_test(sort.naam, sort.omschrijving, sort.categorie),
        label="" if (sort.naam or "").casefold() in _ORDINARY else sort.naam or "",
        notes=notes,
        cancelled=status in _CANCELLED,
    )


def _item(item: ScheduleItem, zone: ZoneInfo) -> Event:
    sort = (item.sort or "").replace("_", " ").strip()
    when = Timed(moment(item.start, zone), moment(item.end, zone), zone.key)
    change = read_change(item, when, zone)
    notes = [item.description or ""] if item.description != item.title else []
    event = _lesson(
        item,
        when,
        identity=item.unique or item.key,
        subject=item.subject or Subject(),
        teachers=tuple(sorted(_split(item.teachers))),
        groups=tuple(sorted(group.naam for group in item.groups if group.naam)),
        sort="Toets",
        test="toets" in sort.casefold(),
        label="" if sort.casefold() in _ORDINARY_ITEMS else sort.capitalize(),
        notes=[*notes, change.words],
        cancelled=change.cancelled,
    )
    return event if change.before is None else replace(event, before=change.before)


def _lesson(
    item: Appointment | ScheduleItem,
    when: Timed,
    *,
    identity: str,
    subject: Subject,
    teachers: tuple[str, ...],
    groups: tuple[str, ...],
    sort: str,
    test: bool,
    label: str,
    notes: Sequence[str],
    cancelled: bool,
) -> Event:
    title, location, name = item.title or "", item.location or "", subject.naam or ""
    test = test or bool(re.match(r"toets\b", title, re.IGNORECASE))
    return Event(
        identity=identity or digest(title, when.start.isoformat()),
        kind=Kind.EXAM if test else Kind.LESSON,
        when=when,
        title=test_title(title, name, sort) if test else name or title or sort,
        subject=name,
        code=subject.afkorting or "",
        label="" if test else label,
        groups=groups or groups_in(title, location, teachers),
        teachers=teachers,
        locations=(location,) if location else (),
        periods=periods(item),
        notes="\n".join(note for note in notes if note),
        status=Status.CANCELLED if cancelled else Status.CONFIRMED,
    )


def _split(given: Names) -> tuple[str, ...]:
    names = re.split(r"[,;/]", given) if isinstance(given, str) else given or []
    return tuple(name.strip() for name in names if name.strip())


def groups_in(title: str, location: str, teachers: Sequence[str]) -> tuple[str, ...]:
    """The groups in a title such as "217 - A5wisB_2 - Stk": what is neither the room nor a teacher."""
    pieces = [piece.strip() for piece in title.split(" - ")]
    known = {location.casefold(), *(teacher.casefold() for teacher in teachers)}
    others = [piece for piece in pieces if piece.casefold() not in known]
    return tuple(others) if len(pieces) > 1 and len(others) == 1 else ()
