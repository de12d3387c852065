"""Items as SOMtoday tells them, made by hand, and how they are read."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import structs

from bridge.model.event import Event
from bridge.sources.somtoday.mapping.absences import read_absences, read_registrations
from bridge.sources.somtoday.mapping.homework import (
    Assignments,
    each_once,
    listed_items,
    place_assignments,
    read_assignments,
    read_homework,
    with_tasks,
)
from bridge.sources.somtoday.mapping.lessons import read_schedule, read_weeks
from bridge.sources.somtoday.mapping.link import read_link
from bridge.sources.somtoday.mapping.timetable import Timetable
from bridge.sources.somtoday.mapping.vacations import read_vacations
from bridge.upstream.contract import Reading
from bridge.upstream.reply import Body
from tests.sources.bodies import body

ZONE = ZoneInfo("Europe/Amsterdam")
PUPIL = "546308480"
SINCE = date(2026, 7, 10)
_FIRST_ID = 8849104409


def links(key: object, rel: str = "self") -> dict[str, Any]:
    return {"links": [{"id": key, "rel": rel, "type": "x", "href": "x"}]}


def appointment(key: object = _FIRST_ID, *, kind: Any = "Les", **changes: Any) -> dict[str, Any]:
    return {
        **links(key),
        "additionalObjects": {
            "vak": {**links(1), "afkorting": "wisB", "naam": "wiskunde B"},
            "docentAfkortingen": "Stk",
            "leerlingen": {"items": [links(int(PUPIL))]},
        },
        "afspraakType": {**links(2), "naam": kind, "omschrijving": kind, "categorie": "Rooster"},
        "locatie": "217",
        "beginDatumTijd": "2026-09-07T11:15:00.000+02:00",
        "eindDatumTijd": "2026-09-07T12:00:00.000+02:00",
        "beginLesuur": 4,
        "eindLesuur": 4,
        "titel": "217 - A5wisB_2 - Stk",
        "omschrijving": "217 - A5wisB_2 - Stk",
        "afspraakStatus": "ACTIEF",
        **changes,
    }


def item(unique: object = "900003", **changes: Any) -> dict[str, Any]:
    return {
        "uniqueIdentifier": unique,
        "afspraakItemType": "ROOSTER",
        "locatie": "h005",
        "beginDatumTijd": "2026-09-07T10:30:00",
        "eindDatumTijd": "2026-09-07T11:20:00",
        "beginLesuur": 3,
        "eindLesuur": 3,
        "titel": "h005 - A5ak - Ghi",
        "omschrijving": "h005 - A5ak - Ghi",
        "vak": {"id": 700003, "afkorting": "ak", "naam": "aardrijkskunde"},
        "docentNamen": ["GHI"],
        "lesgroepen": [{"naam": "A5ak"}],
        **changes,
    }


def assignment(key: object = 12345678901, sort: str | None = "HUISWERK", **changes: Any) -> dict[str, Any]:
    return {
        **links(key),
        "additionalObjects": {
            "swigemaaktVinkjes": {"items": []},
            "leerlingen": {"items": [links(int(PUPIL))]},
        },
        "studiewijzerItem": {"onderwerp": "Opgaven", "huiswerkType": sort, "omschrijving": "<p>Maken 3 t/m 8</p>"},
        "lesgroep": {
            "naam": "A5ak",
            "vak": {"afkorting": "ak", "naam": "aardrijkskunde"},
            "schooljaar": {"vanafDatum": "2026-08-01"},
        },
        "datumTijd": "2026-09-07T10:30:00.000+02:00",
        **changes,
    }


def ticked(pupil: object = int(PUPIL), *, made: bool = True) -> dict[str, Any]:
    """What `additionalObjects` is where a pupil has ticked homework off."""
    tick = {"leerling": links(pupil), "gemaakt": made}
    return {"swigemaaktVinkjes": {"items": [tick]}, "leerlingen": {"items": [links(int(PUPIL))]}}


def report(key: object = 1234567890123, **changes: object) -> dict[str, Any]:
    return {
        **links(key),
        "leerling": links(int(PUPIL)),
        "absentieReden": {**links(3), "absentieSoort": "Absent", "omschrijving": "Tandarts", "geoorloofd": False},
        "beginDatumTijd": "2026-09-07T11:15:00.000+02:00",
        "eindDatumTijd": "2026-09-07T12:00:00.000+02:00",
        "beginLesuur": 4,
        "eindLesuur": 4,
        **changes,
    }


def observation(key: object = 2234567890123, sort: str = "Afwezig", **changes: object) -> dict[str, Any]:
    told = report(key) | {"waarnemingSoort": sort}
    del told["absentieReden"]
    return told | changes


def vacation(key: object = 123456789, **changes: object) -> dict[str, Any]:
    return {
        **links(key),
        "naam": "Herfstvakantie",
        "beginDatum": "2026-10-17T00:00:00.000+02:00",
        "eindDatum": "2026-10-25T00:00:00.000+02:00",
        **changes,
    }


def text(*items: object) -> str:
    """A page of a list as text."""
    return json.dumps({"items": items})


def page(*items: object) -> Body:
    return body({"items": items})


def schedule(*items: object, pupil: str = PUPIL) -> Reading:
    return read_schedule([page(*items)], pupil=pupil, zone=ZONE, origin="Fortes")


def weeks(*items: object) -> Reading:
    return read_weeks([page(*items)], zone=ZONE, origin="Fortes")


def homework(lessons: Reading | None = None, since: date = SINCE, /, **lists: list[Any]) -> Reading:
    """Homework of the lists `tied`, `day` and `week`, requested `since` a day, beside these lessons."""
    return read_homework(_assignments(lists, since), _timetable(lessons))


def _timetable(lessons: Reading | None) -> Timetable:
    return Timetable(lessons.events, ZONE, lessons.unread) if lessons else Timetable((), ZONE)


def tasked(lessons: Reading, **lists: list[Any]) -> Reading:
    """Lessons with what is to be done for them."""
    bare = replace(lessons, events=tuple(structs.replace(event, tasks=()) for event in lessons.events))
    return with_tasks(bare, _assignments(lists), Timetable(bare.events, ZONE))


def _assignments(lists: dict[str, list[Any]], since: date = SINCE) -> Assignments:
    names = {"tied": "afspraaktoekenningen", "day": "dagtoekenningen", "week": "weektoekenningen"}
    pages = {names[name]: [page(*items)] for name, items in lists.items()}
    return assignments(pages, since=since)


def assignments(lists: Mapping[str, Sequence[Body]], pupil: str = PUPIL, since: date = SINCE) -> Assignments:
    items = listed_items(lists, "Fortes")
    placed, unread = place_assignments(items, since=since, zone=ZONE, origin="Fortes", whole=True)
    return Assignments(each_once(read_assignments(placed, pupil=pupil)), unread, len(items))


def registrations(overview: object) -> Reading:
    return read_registrations(body(overview), zone=ZONE, origin="Fortes")


def absences(reports: list[Any], observations: list[Any] | None = None, *, pupil: str = PUPIL) -> Reading:
    return read_absences([page(*reports)], [page(*(observations or []))], pupil=pupil, zone=ZONE, origin="Fortes")


def vacations(*items: object) -> Reading:
    return read_vacations([page(*items)], origin="Fortes")


def link(*events: str) -> Reading:
    """The calendar at a school's iCal link; each event as its lines, without dates."""
    dates = "DTSTART:20260907T091500Z\nDTEND:20260907T100000Z"
    listed = "\n".join(f"BEGIN:VEVENT\n{dates}\n{lines}\nEND:VEVENT" for lines in events)
    return read_link(Body((f"BEGIN:VCALENDAR\n{listed}\nEND:VCALENDAR\n".encode(),)), zone=ZONE, origin="Fortes")


def only(reading: Reading) -> Event:
    assert reading.skipped == 0
    [event] = reading.events
    return event


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)
