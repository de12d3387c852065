"""The JSON answers of the stand-in, in the form of the documentation."""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from aiohttp import web

from bridge.sources.somtoday.standin.school import SCHOOL, ZONE, Absence, Lesson, SamplePupil, Trip, subject_name

_RANGE = re.compile(r"items=(\d+)-(\d+)")
_LARGEST_PAGE = 100
_AUGUST = 8
_THING = TypeVar("_THING")


def resource(kind: str, key: int, href: str) -> dict[str, Any]:
    """The fields that every object has."""
    return {
        "$type": kind,
        "links": [{"id": key, "rel": "self", "type": kind, "href": f"{href}/{key}"}],
        "permissions": [
            {
                "full": f"{kind}:READ:INSTANCE({key})",
                "type": kind,
                "operations": ["READ"],
                "instances": [f"INSTANCE({key})"],
            }
        ],
        "additionalObjects": {},
    }


def pupil_answer(pupil: SamplePupil, address: str) -> dict[str, Any]:
    """RLeerling."""
    return resource("leerling.RLeerling", pupil.key, f"{address}/rest/v1/leerlingen") | {
        "leerlingnummer": pupil.number,
        "roepnaam": pupil.first_name,
        "achternaam": pupil.last_name,
    }


def account_answer(pupils: Sequence[SamplePupil], extras: Sequence[str], address: str) -> dict[str, Any]:
    """RAccount, with what `additional` requests."""
    account = resource("auth.RAccount", pupils[0].key + 5, f"{address}/rest/v1/account")
    if "restricties" in extras:
        restrictions = [_restrictions(pupil) for pupil in pupils]
        account["additionalObjects"] = {"restricties": {"$type": "LinkableWrapper", "items": restrictions}}
    return account | {"gebruikersnaam": "hidden", "accountPermissions": []}


def _restrictions(pupil: SamplePupil) -> dict[str, Any]:
    """REloRestricties."""
    return {
        "$type": "restricties.REloRestricties",
        "links": [],
        "permissions": [],
        "additionalObjects": {},
        "leerlingId": pupil.key,
        "roosterBekijkenAan": True,
        "huiswerkBekijkenAan": True,
        "absentiesBekijkenAan": not pupil.hides_absences,
        "absentieConstateringBekijkenAan": True,
        "absentieMeldingBekijkenAan": True,
        "roosterBeschikbaarIcalAan": True,
    }


def appointment_answer(lesson: Lesson, extras: list[str], address: str) -> dict[str, Any]:
    """RAfspraak, with what `additional` requests."""
    base = f"{address}/rest/v1"
    sort = "Toets" if lesson.test else "Les"
    additional: dict[str, Any] = {}
    if "vak" in extras:
        key = _subject_key(lesson.subject)
        additional["vak"] = resource("onderwijsinrichting.RVak", key, f"{base}/vakken") | {
            "afkorting": lesson.subject,
            "naam": subject_name(lesson.subject),
        }
    if "docentAfkortingen" in extras:
        additional["docentAfkortingen"] = lesson.teacher
    if "leerlingen" in extras:
        additional["leerlingen"] = {"$type": "LinkableWrapper", "items": [pupil_answer(lesson.pupil, address)]}
    site = resource("instelling.RVestiging", 126208855, f"{base}/vestigingen") | {"naam": SCHOOL}
    return resource("participatie.RAfspraak", lesson.key, f"{base}/afspraken") | {
        "additionalObjects": additional,
        "afspraakType": resource("participatie.RAfspraakType", 144662674, f"{base}/afspraaktype")
        | {
            "naam": sort,
            "omschrijving": sort,
            "categorie": "Rooster",
            "activiteit": "Verplicht",
            "vestiging": site,
        },
        "locatie": lesson.room,
        "beginDatumTijd": stamp(lesson.start),
        "eindDatumTijd": stamp(lesson.end),
        "beginLesuur": lesson.period,
        "eindLesuur": lesson.period,
        "titel": lesson.title,
        "omschrijving": lesson.title,
        "presentieRegistratieVerplicht": True,
        "presentieRegistratieVerwerkt": False,
        "afspraakStatus": "ACTIEF",
        "vestiging": site,
    }


def item_answer(lesson: Lesson, identifier: str, address: str) -> dict[str, Any]:
    """RAfspraakItem, with local times without an offset, and changes in words."""
    item: dict[str, Any] = {
        "$type": "participatie.live.RAfspraakItem",
        "uniqueIdentifier": identifier,
        "afspraakItemType": "ROOSTERTOETS" if lesson.test else "ROOSTER",
        "locatie": lesson.room,
        "beginDatumTijd": _local(lesson.start),
        "eindDatumTijd": _local(lesson.end),
        "beginLesuur": lesson.period,
        "eindLesuur": lesson.period,
        "titel": lesson.title,
        "omschrijving": lesson.title,
        "vak": {
            "$type": "participatie.live.RAfspraakVak",
            "id": _subject_key(lesson.subject),
            "afkorting": lesson.subject,
            "naam": subject_name(lesson.subject),
        },
        "docentNamen": [lesson.teacher],
        "bijlagen": [],
        "lesgroepen": [group_answer(lesson.pupil, lesson.subject, lesson.start.date(), f"{address}/rest/v1")],
        "onlineDeelname": False,
    }
    if lesson.cancelled:
        message = f"Les vervalt: {lesson.why}" if lesson.why else "Les vervalt"
        notes = [{"status": "4007", "message": message}]
        return item | {"status": "4007", "wijzigingOmschrijving": message, "statusNotifications": notes}
    if lesson.change:
        return item | {"status": "2002", "wijzigingOmschrijving": lesson.change}
    return item | {"status": "2002"}


def journey_answer(trip: Trip, extras: list[str], address: str) -> dict[str, Any]:
    """RAfspraak of several days."""
    base = f"{address}/rest/v1"
    sort = resource("participatie.RAfspraakType", 144662675, f"{base}/afspraaktype")
    pupils = {"$type": "LinkableWrapper", "items": [pupil_answer(trip.pupil, address)]}
    return resource("participatie.RAfspraak", trip.key, f"{base}/afspraken") | {
        "additionalObjects": {"leerlingen": pupils} if "leerlingen" in extras else {},
        "afspraakType": sort | {"naam": "Individueel", "omschrijving": "Individueel", "categorie": "Toegekend"},
        "beginDatumTijd": stamp(trip.start),
        "eindDatumTijd": stamp(trip.end),
        "titel": trip.title,
        "afspraakStatus": "ACTIEF",
    }


def trip_answer(trip: Trip) -> dict[str, Any]:
    """RAfspraakItem of several days."""
    return {
        "$type": "participatie.live.RAfspraakItem",
        "uniqueIdentifier": str(trip.key),
        "afspraakItemType": "INDIVIDUEEL",
        "beginDatumTijd": _local(trip.start),
        "eindDatumTijd": _local(trip.end),
        "titel": trip.title,
        "bijlagen": [],
        "lesgroepen": [],
        "docentNamen": [],
    }


def group_answer(pupil: SamplePupil, subject: str, day: date, base: str) -> dict[str, Any]:
    """RLesgroep of a subject, with the school year of `day`."""
    key = _subject_key(subject)
    return resource("lesgroep.RLesgroep", key + 1000, f"{base}/lesgroepen") | {
        "naam": f"{pupil.group}{subject}",
        "schooljaar": school_year_answer(day, base),
        "vak": resource("onderwijsinrichting.RVak", key, f"{base}/vakken")
        | {"afkorting": subject, "naam": subject_name(subject)},
    }


def school_year_answer(day: date, base: str) -> dict[str, Any]:
    """RSchooljaar of `day`."""
    start = day.year - (day.month < _AUGUST)
    return resource("onderwijsinrichting.RSchooljaar", 40851950 + start % 100, f"{base}/schooljaren") | {
        "naam": f"{start}/{start + 1}",
        "vanafDatum": f"{start}-08-01",
        "totDatum": f"{start + 1}-07-31",
        "isHuidig": True,
    }


def vacation_answer(key: int, name: str, start: date, end: date, address: str) -> dict[str, Any]:
    """RVakantie, with `end` as its last day."""
    return resource("participatie.RVakantie", key, f"{address}/rest/v1/vakanties") | {
        "naam": name,
        "beginDatum": stamp(datetime(start.year, start.month, start.day, tzinfo=ZONE)),
        "eindDatum": stamp(datetime(end.year, end.month, end.day, tzinfo=ZONE)),
    }


def absence_report_answer(pupil: SamplePupil, found: Absence, address: str) -> dict[str, Any]:
    """RAbsentieMelding."""
    base = f"{address}/rest/v1"
    reason = resource("participatie.RAbsentieRedenPrimer", 9000, f"{base}/absentieredenen")
    return resource("participatie.RAbsentieMelding", found.key, f"{base}/waarnemingen") | {
        "leerling": pupil_answer(pupil, address),
        "absentieReden": reason
        | {"absentieSoort": "Absent", "afkorting": "XC", "omschrijving": found.reason, "geoorloofd": True},
        "datumTijdInvoer": stamp(found.start),
        "beginDatumTijd": stamp(found.start),
        "eindDatumTijd": stamp(found.end),
        "beginLesuur": found.first_period,
        "eindLesuur": found.last_period,
        "afgehandeld": True,
    }


def observation_answer(lesson: Lesson, sort: str, address: str) -> dict[str, Any]:
    """RWaarneming."""
    base = f"{address}/rest/v1"
    return resource("participatie.RWaarneming", lesson.key + 7, f"{base}/waarnemingen") | {
        "beginDatumTijd": stamp(lesson.start),
        "eindDatumTijd": stamp(lesson.end),
        "beginLesuur": lesson.period,
        "eindLesuur": lesson.period,
        "waarnemingSoort": sort,
        "leerling": pupil_answer(lesson.pupil, address),
        "afspraak": resource("participatie.RAfspraakPrimer", lesson.key, f"{base}/afspraken")
        | {"locatie": lesson.room, "titel": f"{lesson.room} - {lesson.subject}"},
        "afgehandeld": True,
        "herkomst": "Medewerker",
    }


def stamp(moment: datetime) -> str:
    """A moment in the form of the API."""
    return moment.astimezone(ZONE).isoformat(timespec="milliseconds")


def _local(moment: datetime) -> str:
    return moment.astimezone(ZONE).replace(tzinfo=None).isoformat(timespec="seconds")


def _subject_key(subject: str) -> int:
    return 126_211_000 + sum(map(ord, subject))


def paged(request: web.Request, found: Sequence[_THING], answer: Callable[[_THING], dict[str, Any]]) -> web.Response:
    """The items that `Range: items=a-b` requests, at most 100; all of them without it."""
    match = _RANGE.fullmatch(request.headers.get("Range", ""))
    if match is None:
        return web.json_response({"items": [answer(thing) for thing in found]})
    first, last = int(match[1]), min(int(match[2]), int(match[1]) + _LARGEST_PAGE - 1)
    page = [answer(thing) for thing in found[first : last + 1]]
    if first and not page:
        return web.Response(status=416, headers={"Content-Range": f"items */{len(found)}"})
    extent = f"{first}-{first + len(page) - 1}" if page else "*"
    return web.json_response({"items": page}, status=206, headers={"Content-Range": f"items {extent}/{len(found)}"})
