"""Absences and other registrations. What is recorded twice is one event with one identity."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import structs

from bridge.errors import BadResponse
from bridge.model.event import Event, Kind, Timed, When
from bridge.model.window import Window
from bridge.sources.somtoday.mapping.items import about, all_items, digest, key_of, lasting, moment, periods
from bridge.sources.somtoday.models import AbsenceReport, Known, MissedLesson, Observation, Registration, Subject
from bridge.upstream.contract import Reading, Unread, join_readings, read_items
from bridge.upstream.reply import Body, parse_json

_ABSENT = "afwezig"
_TOLD, _SEEN = "melding:", "waarneming:"
_OBSERVED = "afwezigWaarnemingen"
_ABSENCES = {
    _OBSERVED: "",
    "geoorloofdAfwezig": "",
    "ongeoorloofdAfwezig": "",
    "teLaat": "Te laat",
    "verwijderd": "Uit de les verwijderd",
}
_LACKING = {"huiswerkNietGemaakt": "Huiswerk niet gemaakt", "materiaalNietInOrde": "Materiaal niet in orde"}
_GROUPS = (*_ABSENCES, *_LACKING)


@dataclass(frozen=True, slots=True)
class Overview:
    """The answer of GET /leerlingen/{id}/registratieOverzicht."""

    body: Body


@dataclass(frozen=True, slots=True)
class Absences:
    """The pages of GET /absentiemeldingen and of GET /waarnemingen; `None` for what the school hides."""

    reports: Sequence[Body] | None
    observations: Sequence[Body] | None


def read_absences(
    reports: Sequence[Body] | None, observations: Sequence[Body] | None, *, pupil: str, zone: ZoneInfo, origin: str
) -> Reading:
    """The absences of a pupil, from GET /absentiemeldingen and /waarnemingen; of `None` nothing is known."""

    def report(item: AbsenceReport) -> Iterable[Event]:
        if not item.pupil or about((item.pupil,), pupil):
            yield structs.replace(_absence(_TOLD, item, _until(item.start, item.end, zone), zone), reason=_reason(item))

    def observation(item: Observation) -> Iterable[Event]:
        if (item.sort or "").casefold() == _ABSENT and (not item.pupil or about((item.pupil,), pupil)):
            lessons = (item.lesson,) if item.lesson else ()
            yield structs.replace(_absence(_SEEN, item, moment(item.end, zone), zone), subject=_about(lessons))

    told, seen = all_items(reports or (), origin), all_items(observations or (), origin)
    reported = read_items(told, AbsenceReport, report, origin=origin, identify=partial(_unread, _TOLD))
    observed = read_items(seen, Observation, observation, origin=origin, identify=partial(_unread, _SEEN))
    silent = tuple(prefix for prefix, pages in ((_TOLD, reports), (_SEEN, observations)) if pages is None)
    return replace(join_readings((reported, _unreported(observed, reported.events))), silent=silent)


def read_registrations(body: Body, *, zone: ZoneInfo, origin: str) -> Reading:
    """All registrations of a pupil, from GET /leerlingen/{id}/registratieOverzicht.

    Homework that was not done and forgotten materials are notices; all others are absences.

    Raises:
        BadResponse: the answer is not an overview.
    """
    overview = parse_json(body, origin)
    if not isinstance(overview, dict) or not overview.keys() & {*_GROUPS}:
        raise BadResponse(f"{origin} sent no overview of registrations.")
    items: list[Any] = []
    for group in (group for group in _GROUPS if group in overview):
        listed = overview[group] or []
        if not isinstance(listed, list):
            raise BadResponse(f"{origin} sent no overview of registrations.")
        items += [{**item, "group": group} if isinstance(item, dict) else item for item in listed]

    def registered(item: Registration) -> Iterable[Event]:
        yield _notice(item, zone) if item.group in _LACKING else _registration(item, zone)

    reading = read_items(items, Registration, registered, origin=origin, identify=_unread_registration)
    return _unreported(reading, [event for event in reading.events if event.identity.startswith(_TOLD)])


def _registration(item: Registration, zone: ZoneInfo) -> Event:
    start = moment(item.start, zone)
    prefix = _prefix(item.group, item.sort or "")
    return Event(
        identity=f"{prefix}{item.key or digest(start.isoformat())}",
        kind=Kind.ABSENCE,
        when=lasting(start, _until(item.start, item.end, zone), zone),
        title="",
        periods=periods(item),
        reason=item.description or _ABSENCES.get(item.group, ""),
        subject=_about(item.lessons) if prefix == _SEEN else "",
    )


def _prefix(group: str, sort: str) -> str:
    return _SEEN if group == _OBSERVED or "WAARNEMING" in sort.upper() else _TOLD


def _unread(prefix: str, item: Any) -> Unread:
    key = key_of(item)
    return Unread(f"{prefix}{key}" if key else "")


def _unread_registration(item: Any) -> Unread:
    known = Known.model_validate(item)
    prefix = f"{known.group}:" if known.group in _LACKING else _prefix(known.group, str(known.sort or ""))
    return Unread(f"{prefix}{known.key}" if known.key else "")


def _notice(item: Registration, zone: ZoneInfo) -> Event:
    start = moment(item.start, zone)
    subject = item.subject or Subject()
    name = subject.naam or subject.afkorting or ""
    words = _LACKING[item.group]
    return Event(
        identity=f"{item.group}:{item.key or digest(name, start.isoformat())}",
        kind=Kind.NOTICE,
        when=lasting(start, _until(item.start, item.end, zone), zone),
        title=f"{words}: {name}" if name else words,
        subject=subject.naam or "",
        code=subject.afkorting or "",
        periods=periods(item),
    )


def _absence(prefix: str, item: AbsenceReport | Observation, end: datetime, zone: ZoneInfo) -> Event:
    start = moment(item.start, zone)
    identity = f"{prefix}{item.key or digest(start.isoformat())}"
    return Event(identity, Kind.ABSENCE, lasting(start, end, zone), "", periods=periods(item))


def _about(lessons: Iterable[MissedLesson]) -> str:
    """The lessons in which somebody was seen to be absent."""
    return ", ".join(dict.fromkeys(lesson.called for lesson in lessons if lesson.called))


def _until(start: datetime, end: datetime | None, zone: ZoneInfo) -> datetime:
    """The end of a report. An open one lasts until the end of its first day."""
    if end is not None:
        return moment(end, zone)
    following = moment(start, zone).astimezone(zone).date() + timedelta(days=1)
    return datetime(following.year, following.month, following.day, tzinfo=zone).astimezone(UTC)


def _reason(item: AbsenceReport) -> str:
    return (item.reason and (item.reason.omschrijving or item.reason.absentieSoort)) or ""


def _unreported(reading: Reading, reported: Sequence[Event]) -> Reading:
    """A reading of observations without those that are reported too; a report is the same absence as those in it."""
    told: dict[str, list[str]] = {event.identity: [] for event in reported}
    events = []
    for event in reading.events:
        reports = [other for other in reported if _meet(event.when, other.when)] if _is_seen(event) else []
        if reports:
            told[reports[0].identity].append(event.identity)
        else:
            events.append(event)
    also = {identity: tuple(seen) for identity, seen in told.items() if seen}
    return replace(reading, events=tuple(events), also=also)


def _is_seen(event: Event) -> bool:
    return event.identity.startswith(_SEEN)


def times_of(reading: Reading, earlier: Mapping[str, Timed], window: Window, zone: ZoneInfo) -> dict[str, Timed]:
    """When the absences of a reading are, by identity, and those that were reported `earlier` and overlap `window`."""
    now = {event.identity: event.when for event in reading.events if event.kind is Kind.ABSENCE}
    times = {identity: when for identity, when in now.items() if isinstance(when, Timed)}
    return {identity: when for identity, when in earlier.items() if window.overlaps(when, zone)} | times


def same_as_earlier(reading: Reading, earlier: Mapping[str, Timed]) -> Reading:
    """A reading whose absences are also those that were reported `earlier` at the same time, and are not any more.

    An observation and a report of one absence have identities of their own, and so may it in another call. What was
    seen is left out where a report of earlier is about it that is unreadable or hidden now, since that stays.
    """
    unread = {one.identity for one in reading.unread}
    if _TOLD in reading.silent:
        unread |= {identity for identity in earlier if identity.startswith(_TOLD)}
    spared = [earlier[identity] for identity in unread & earlier.keys()]
    events = [event for event in reading.events if not (_is_seen(event) and _meets_any(event, spared))]
    here = {event.identity for event in reading.events} | unread
    gone = {identity: when for identity, when in earlier.items() if identity not in here}
    also = dict(reading.also)
    for event in events if gone else ():
        if event.kind is Kind.ABSENCE:
            same = (identity for identity, when in gone.items() if _meet(event.when, when))
            if found := tuple(dict.fromkeys((*also.get(event.identity, ()), *same))):
                also[event.identity] = found
    return replace(reading, events=tuple(events), also=also)


def _meets_any(event: Event, times: Iterable[Timed]) -> bool:
    return any(_meet(event.when, when) for when in times)


def _meet(one: When, other: When) -> bool:
    return isinstance(one, Timed) and isinstance(other, Timed) and one.start < other.end and one.end > other.start
