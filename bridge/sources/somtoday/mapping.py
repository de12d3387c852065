"""SOMtoday's words to events: pure. Times without an offset are local to the school."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bridge.errors import BadResponse
from bridge.model import AllDay, Event, Kind, Status, Timed
from bridge.source import Reading, join_readings, read_items
from bridge.sources.somtoday.client import items_of
from bridge.sources.somtoday.models import (
    AbsenceReport,
    Appointment,
    AppointmentExtras,
    AppointmentType,
    Observation,
    Pupil,
    Vacation,
)

_ACTIVE = "ACTIEF"
_CANCELLED = {"GEANNULEERD", "VERVALLEN", "UITVAL"}
_ABSENT = "afwezig"
_TEST = re.compile(r"\b(?:grote[ _]?)?toets|\b(?:tentamen|examen|proefwerk|schoolexamen)\b", re.IGNORECASE)
_ORDINARY = {"les", "lessen"}
_BRIEFEST = timedelta(minutes=1)


def read_schedule(pages: Sequence[bytes], *, pupil: str, zone: ZoneInfo, origin: str) -> Reading:
    """Lessons and tests of one pupil, from GET /afspraken."""

    def lesson(item: Appointment) -> Iterable[Event]:
        extras = item.additional or AppointmentExtras()
        if extras.leerlingen and extras.leerlingen.items and not _about(extras.leerlingen.items, pupil):
            return
        yield _lesson(item, extras, zone)

    return read_items(_all_items(pages, origin), Appointment, lesson, origin=origin)


def read_absences(
    reports: Sequence[bytes], observations: Sequence[bytes], *, pupil: str, zone: ZoneInfo, origin: str
) -> Reading:
    """Absences of one pupil, from GET /absentiemeldingen and /waarnemingen; what is in both shows once."""

    def report(item: AbsenceReport) -> Iterable[Event]:
        if not item.pupil or _about((item.pupil,), pupil):
            yield _absence("melding", item, _until(item, zone), _reason(item), zone)

    def observation(item: Observation) -> Iterable[Event]:
        if (item.sort or "").casefold() == _ABSENT and (not item.pupil or _about((item.pupil,), pupil)):
            yield _absence("waarneming", item, _moment(item.end, zone), "", zone)

    reported = read_items(_all_items(reports, origin), AbsenceReport, report, origin=origin)
    observed = read_items(_all_items(observations, origin), Observation, observation, origin=origin)
    own = tuple(event for event in observed.events if not any(_meet(event, other) for other in reported.events))
    return join_readings((reported, Reading(own, observed.skipped)))


def read_vacations(pages: Sequence[bytes], *, origin: str) -> Reading:
    """Holidays, from GET /vakanties/leerling/{id}."""

    def holiday(item: Vacation) -> Iterable[Event]:
        first, last = _day(item.start), _day(item.end)
        name = item.name or ""
        identity = item.key or _digest(name, first.isoformat())
        yield Event(identity, Kind.HOLIDAY, AllDay(first, last + timedelta(days=1)), name)

    return read_items(_all_items(pages, origin), Vacation, holiday, origin=origin)


def _all_items(pages: Sequence[bytes], origin: str) -> list[Any]:
    """The items of all pages.

    Raises:
        BadResponse: a page holds nothing but what came before it.
    """
    found: list[Any] = []
    seen: set[str] = set()
    for page in pages:
        items = items_of(page, origin)
        keys = {repr((isinstance(item, dict) and item.get("links")) or item) for item in items}
        if items and seen and keys <= seen:
            raise BadResponse(f"{origin} sends the same page again and again.")
        seen |= keys
        found += items
    return found


def _lesson(item: Appointment, extras: AppointmentExtras, zone: ZoneInfo) -> Event:
    subject = (extras.vak and extras.vak.naam) or ""
    title = item.title or ""
    location = item.location or ""
    teachers = _teachers(extras)
    sort = item.type or AppointmentType()
    is_test = any(_TEST.search(word or "") for word in (sort.naam, sort.omschrijving, sort.categorie)) or bool(
        re.match(r"toets\b", title, re.IGNORECASE)
    )
    status = (item.status or _ACTIVE).upper()
    notes = [item.description or ""] if item.description != item.title else []
    if status not in _CANCELLED | {_ACTIVE}:
        notes.append(f"Status: {item.status}")
    when = Timed(_moment(item.start, zone), _moment(item.end, zone), zone.key)
    return Event(
        identity=item.key or _digest(title, when.start.isoformat()),
        kind=Kind.EXAM if is_test else Kind.LESSON,
        when=when,
        title=_test_title(title, subject, sort) if is_test else subject or title or sort.naam or "",
        subject=subject,
        code=(extras.vak and extras.vak.afkorting) or "",
        label="" if is_test or (sort.naam or "").casefold() in _ORDINARY else sort.naam or "",
        groups=_groups(title, location, teachers),
        teachers=teachers,
        locations=(location,) if location else (),
        periods=_periods(item),
        notes="\n".join(note for note in notes if note),
        status=Status.CANCELLED if status in _CANCELLED else Status.CONFIRMED,
    )


def _test_title(title: str, subject: str, sort: AppointmentType) -> str:
    """What names the test: the title if it does so itself, else what it is and in which subject."""
    if _TEST.search(title) or not subject:
        return title or sort.naam or ""
    return f"{sort.naam or sort.omschrijving or 'Toets'} {subject}"


def _teachers(extras: AppointmentExtras) -> tuple[str, ...]:
    given = extras.docentAfkortingen or ""
    names = re.split(r"[,;/]", given) if isinstance(given, str) else given
    return tuple(name.strip() for name in names if name.strip())


def _groups(title: str, location: str, teachers: Sequence[str]) -> tuple[str, ...]:
    """The group in a title such as "217 - A5wisB_2 - Stk": what is neither the room nor a teacher."""
    pieces = [piece.strip() for piece in title.split(" - ")]
    known = {location.casefold(), *(teacher.casefold() for teacher in teachers)}
    others = [piece for piece in pieces if piece.casefold() not in known]
    return tuple(others) if len(pieces) > 1 and len(others) == 1 else ()


def _absence(prefix: str, item: AbsenceReport | Observation, end: datetime, reason: str, zone: ZoneInfo) -> Event:
    start = _moment(item.start, zone)
    # A late arrival is a moment, which no calendar can show.
    when = Timed(start, start + _BRIEFEST if end == start else end, zone.key)
    identity = item.key or _digest(start.isoformat())
    return Event(f"{prefix}:{identity}", Kind.ABSENCE, when, "", periods=_periods(item), reason=reason)


def _until(item: AbsenceReport, zone: ZoneInfo) -> datetime:
    """The end of a report; one that is still open lasts to the end of the day on which it began."""
    if item.end is not None:
        return _moment(item.end, zone)
    following = _moment(item.start, zone).astimezone(zone).date() + timedelta(days=1)
    return datetime(following.year, following.month, following.day, tzinfo=zone).astimezone(UTC)


def _reason(item: AbsenceReport) -> str:
    return (item.reason and (item.reason.omschrijving or item.reason.absentieSoort)) or ""


def _meet(one: Event, other: Event) -> bool:
    return (
        isinstance(one.when, Timed)
        and isinstance(other.when, Timed)
        and one.when.start < other.when.end
        and one.when.end > other.when.start
    )


def _about(pupils: Iterable[Pupil], pupil: str) -> bool:
    return any(found.key in {"", pupil} for found in pupils)


def _periods(item: Appointment | AbsenceReport | Observation) -> tuple[int, int] | None:
    if item.first_period is None:
        return None
    return item.first_period, item.last_period if item.last_period is not None else item.first_period


def _moment(value: datetime, zone: ZoneInfo) -> datetime:
    return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)


def _day(text: str) -> date:
    """The day that a midnight names: its first ten characters, never by way of UTC."""
    return date.fromisoformat(text.strip()[:10])


def _digest(*pieces: str) -> str:
    return hashlib.sha256("\0".join(pieces).encode(errors="replace")).hexdigest()[:24]
