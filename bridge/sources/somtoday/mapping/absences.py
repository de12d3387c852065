"""Absences and other registrations. What is recorded twice is one event with one identity."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bridge.errors import BadResponse
from bridge.model.event import Event, Kind, Timed
from bridge.sources.somtoday.mapping.items import about, all_items, digest, lasting, moment, periods
from bridge.sources.somtoday.models import AbsenceReport, Observation, Registration, Subject
from bridge.upstream.contract import Reading, join_readings, read_items
from bridge.upstream.http import Body, parse_json

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
    """The pages of GET /absentiemeldingen and of GET /waarnemingen; empty for what the school hides."""

    reports: Sequence[Body]
    observations: Sequence[Body]


def read_absences(
    reports: Sequence[Body], observations: Sequence[Body], *, pupil: str, zone: ZoneInfo, origin: str
) -> Reading:
    """The absences of a pupil, from GET /absentiemeldingen and /waarnemingen."""

    def report(item: AbsenceReport) -> Iterable[Event]:
        if not item.pupil or about((item.pupil,), pupil):
            yield _absence(_TOLD, item, _until(item.start, item.end, zone), _reason(item), zone)

    def observation(item: Observation) -> Iterable[Event]:
        if (item.sort or "").casefold() == _ABSENT and (not item.pupil or about((item.pupil,), pupil)):
            yield _absence(_SEEN, item, moment(item.end, zone), "", zone)

    reported = read_items(all_items(reports, origin), AbsenceReport, report, origin=origin)
    observed = read_items(all_items(observations, origin), Observation, observation, origin=origin)
    return join_readings((reported, _unreported(observed, reported.events)))


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

    reading = read_items(items, Registration, registered, origin=origin)
    return _unreported(reading, [event for event in reading.events if event.identity.startswith(_TOLD)])


def _registration(item: Registration, zone: ZoneInfo) -> Event:
    start = moment(item.start, zone)
    prefix = _SEEN if item.group == _OBSERVED or "WAARNEMING" in (item.sort or "").upper() else _TOLD
    return Event(
        identity=f"{prefix}{item.key or digest(start.isoformat())}",
        kind=Kind.ABSENCE,
        when=lasting(start, _until(item.start, item.end, zone), zone),
        title="",
        periods=periods(item),
        reason=item.description or _ABSENCES.get(item.group, ""),
    )


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


def _absence(prefix: str, item: AbsenceReport | Observation, end: datetime, reason: str, zone: ZoneInfo) -> Event:
    start = moment(item.start, zone)
    identity = f"{prefix}{item.key or digest(start.isoformat())}"
    return Event(identity, Kind.ABSENCE, lasting(start, end, zone), "", periods=periods(item), reason=reason)


def _until(start: datetime, end: datetime | None, zone: ZoneInfo) -> datetime:
    """The end of a report. An open one lasts until the end of its first day."""
    if end is not None:
        return moment(end, zone)
    following = moment(start, zone).astimezone(zone).date() + timedelta(days=1)
    return datetime(following.year, following.month, following.day, tzinfo=zone).astimezone(UTC)


def _reason(item: AbsenceReport) -> str:
    return (item.reason and (item.reason.omschrijving or item.reason.absentieSoort)) or ""


def _unreported(reading: Reading, reported: Sequence[Event]) -> Reading:
    """A reading of observations without those that are reported too."""
    unreported = (
        event
        for event in reading.events
        if not (event.identity.startswith(_SEEN) and any(_meet(event, other) for other in reported))
    )
    return replace(reading, events=tuple(unreported))


def _meet(one: Event, other: Event) -> bool:
    return (
        isinstance(one.when, Timed)
        and isinstance(other.when, Timed)
        and one.when.start < other.when.end
        and one.when.end > other.when.start
    )
