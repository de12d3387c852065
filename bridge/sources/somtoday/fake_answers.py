"""How the stand-in for SOMtoday tells things: their words, in the shape of their document."""

from datetime import date, datetime
from typing import Any

from bridge.sources.somtoday.fake_school import SCHOOL, ZONE, Absence, FakePupil, Lesson, subject_name


def resource(kind: str, key: int, href: str) -> dict[str, Any]:
    """What every object of theirs has."""
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


def told_pupil(pupil: FakePupil, address: str) -> dict[str, Any]:
    """RLeerling."""
    return resource("leerling.RLeerling", pupil.key, f"{address}/rest/v1/leerlingen") | {
        "leerlingnummer": pupil.number,
        "roepnaam": pupil.first_name,
        "achternaam": pupil.last_name,
    }


def told_restrictions(pupil: FakePupil) -> dict[str, Any]:
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


def told_appointment(lesson: Lesson, extras: list[str], address: str) -> dict[str, Any]:
    """RAfspraak, with what `additional` asked for."""
    base = f"{address}/rest/v1"
    sort = "Toets" if lesson.test else "Les"
    title = f"{lesson.room} - {lesson.pupil.group}{lesson.subject} - {lesson.teacher}"
    additional: dict[str, Any] = {}
    if "vak" in extras:
        key = 126_211_000 + sum(map(ord, lesson.subject))
        additional["vak"] = resource("onderwijsinrichting.RVak", key, f"{base}/vakken") | {
            "afkorting": lesson.subject,
            "naam": subject_name(lesson.subject),
        }
    if "docentAfkortingen" in extras:
        additional["docentAfkortingen"] = lesson.teacher
    if "leerlingen" in extras:
        additional["leerlingen"] = {"$type": "LinkableWrapper", "items": [told_pupil(lesson.pupil, address)]}
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
        "titel": title,
        "omschrijving": title,
        "presentieRegistratieVerplicht": True,
        "presentieRegistratieVerwerkt": False,
        "afspraakStatus": "ACTIEF",
        "vestiging": site,
    }


def told_vacation(key: int, name: str, start: date, end: date, address: str) -> dict[str, Any]:
    """RVakantie; `end` is its last day."""
    return resource("participatie.RVakantie", key, f"{address}/rest/v1/vakanties") | {
        "naam": name,
        "beginDatum": stamp(datetime(start.year, start.month, start.day, tzinfo=ZONE)),
        "eindDatum": stamp(datetime(end.year, end.month, end.day, tzinfo=ZONE)),
    }


def told_absence_report(pupil: FakePupil, found: Absence, address: str) -> dict[str, Any]:
    """RAbsentieMelding."""
    base = f"{address}/rest/v1"
    reason = resource("participatie.RAbsentieRedenPrimer", 9000, f"{base}/absentieredenen")
    return resource("participatie.RAbsentieMelding", found.key, f"{base}/waarnemingen") | {
        "leerling": told_pupil(pupil, address),
        "absentieReden": reason
        | {"absentieSoort": "Absent", "afkorting": "XC", "omschrijving": found.reason, "geoorloofd": True},
        "datumTijdInvoer": stamp(found.start),
        "beginDatumTijd": stamp(found.start),
        "eindDatumTijd": stamp(found.end),
        "beginLesuur": found.first_period,
        "eindLesuur": found.last_period,
        "afgehandeld": True,
    }


def told_observation(lesson: Lesson, sort: str, address: str) -> dict[str, Any]:
    """RWaarneming."""
    base = f"{address}/rest/v1"
    return resource("participatie.RWaarneming", lesson.key + 7, f"{base}/waarnemingen") | {
        "beginDatumTijd": stamp(lesson.start),
        "eindDatumTijd": stamp(lesson.end),
        "beginLesuur": lesson.period,
        "eindLesuur": lesson.period,
        "waarnemingSoort": sort,
        "leerling": told_pupil(lesson.pupil, address),
        "afspraak": resource("participatie.RAfspraakPrimer", lesson.key, f"{base}/afspraken")
        | {"locatie": lesson.room, "titel": f"{lesson.room} - {lesson.subject}"},
        "afgehandeld": True,
        "herkomst": "Medewerker",
    }


def stamp(moment: datetime) -> str:
    """A moment as they write it."""
    return moment.astimezone(ZONE).isoformat(timespec="milliseconds")
