"""The records of the sample school about a pupil: registrations, grades and the mentor."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from bridge.sources.somtoday.standin.answers import item_answer, pupil_answer, resource, stamp
from bridge.sources.somtoday.standin.school import SCHOOL, Absence, Lesson, SamplePupil, subject_name

_GRADES = 8
_AVERAGE_EVERY = 4


@dataclass(frozen=True, slots=True)
class Grade:
    """A mark, a test that has none yet, or an average of marks."""

    key: int
    pupil: SamplePupil
    subject: str
    mark: str
    entered: datetime
    sort: str = "Toetskolom"
    test: str = "Hoofdstuk 2"


def grades_of(pupil: SamplePupil, lessons: Sequence[Lesson], today: date) -> list[Grade]:
    """The marks of the last weeks, averages, and a test that has no mark yet."""
    chance = random.Random(pupil.key)
    past = [lesson for lesson in lessons if today - timedelta(weeks=8) <= lesson.start.date() < today]
    chosen = sorted(chance.sample(past, min(_GRADES, len(past))), key=lambda lesson: lesson.start)
    graded = [
        Grade(
            key=15_000_000_000_000 + pupil.key * 100 + number,
            pupil=pupil,
            subject=lesson.subject,
            mark=f"{chance.randint(40, 98) / 10}",
            entered=lesson.end,
            sort="ToetssoortGemiddeldeKolom" if number % _AVERAGE_EVERY == 0 else "Toetskolom",
        )
        for number, lesson in enumerate(chosen)
    ]
    unmarked = 15_000_000_000_000 + pupil.key * 100 + len(chosen)
    return [*graded, *(Grade(unmarked, pupil, lesson.subject, "", lesson.end) for lesson in past[-1:])]


def grade_answer(grade: Grade, extras: Sequence[str], address: str) -> dict[str, Any]:
    """RResultaat, with what `additional` requests."""
    base = f"{address}/rest/v1"
    subject = resource("onderwijsinrichting.RVak", 126_211_000, f"{base}/vakken")
    return resource("resultaten.RResultaat", grade.key, f"{base}/resultaten") | {
        "additionalObjects": {"toetssoortnaam": "Proefwerk"} if "toetssoortnaam" in extras else {},
        "herkansingstype": "Geen",
        **({"resultaat": grade.mark, "geldendResultaat": grade.mark} if grade.mark else {}),
        **({"datumInvoer": stamp(grade.entered)} if grade.mark else {}),
        "toetsNietGemaakt": False,
        "omschrijving": grade.test,
        "type": grade.sort,
        "vak": subject | {"afkorting": grade.subject, "naam": subject_name(grade.subject)},
        "leerling": pupil_answer(grade.pupil, address),
    }


def registrations_answer(
    absences: Sequence[Absence], observations: Sequence[tuple[Lesson, bool]], address: str
) -> dict[str, Any]:
    """The registratieOverzicht: reports and observations by kind, with few of attended lessons."""
    attended = [lesson for lesson, present in observations if present]
    reports = [_registration(found.key, "ABSENTIEMELDING", found.reason, found.start, found.end) for found in absences]
    late = [
        _registration(lesson.key + 3, "ABSENTIEMELDING", "Te laat", lesson.start, lesson.start)
        for lesson in attended[-9:-8]
    ]
    seen = [
        _registration(lesson.key + 7, "WAARNEMING", "Afwezig", lesson.start, lesson.end)
        for lesson, present in observations
        if not present
    ]
    return {
        "afwezigWaarnemingen": seen,
        "geoorloofdAfwezig": [report | {"geoorloofd": True} for report in reports[1:]],
        "ongeoorloofdAfwezig": reports[:1],
        "teLaat": late,
        "verwijderd": [],
        "huiswerkNietGemaakt": [item_answer(lesson, str(lesson.key), address) for lesson in attended[-12:-11]],
        "materiaalNietInOrde": [item_answer(lesson, str(lesson.key), address) for lesson in attended[-15:-14]],
    }


def _registration(key: int, sort: str, description: str, start: datetime, end: datetime) -> dict[str, Any]:
    return {
        "omschrijving": description,
        "begin": stamp(start),
        "eind": stamp(end),
        "afgehandeld": True,
        "geoorloofd": False,
        "registratieSoort": sort,
        "registratieId": key,
        "afspraken": [],
    }


def school_answer(pupil: SamplePupil) -> dict[str, Any]:
    """RLeerlingSchoolgegevens."""
    return {
        "$type": "leerling.RLeerlingSchoolgegevens",
        "instellingsnaam": "Stichting Fortes",
        "vestigingsnaam": SCHOOL,
        "straat": "Kerkstraat 1",
        "postcode": "3511 AB",
        "plaats": "Utrecht",
        "leerjaar": int(pupil.group[-1]),
        "mentoren": ["M. Entor"],
    }
