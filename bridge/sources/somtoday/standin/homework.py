"""The homework of the sample school: for lessons, days and weeks, and tests."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from bridge.sources.somtoday.standin.answers import group_answer, pupil_answer, resource, stamp
from bridge.sources.somtoday.standin.school import ZONE, Lesson, SamplePupil

TIED, OF_DAY, OF_WEEK = "afspraaktoekenningen", "dagtoekenningen", "weektoekenningen"
_CLASSES = {TIED: "RSWIAfspraakToekenning", OF_DAY: "RSWIDagToekenning", OF_WEEK: "RSWIWeekToekenning"}
_TEST_SORTS = {"TOETS", "GROTE_TOETS"}
_PAST, _AHEAD = timedelta(weeks=9), timedelta(weeks=3)
_OFTEN, _SELDOM, _SLOW = 0.25, 0.05, 0.2
_WEDNESDAY = 2
_TASKS = {
    "netl": (("Leesdossier", "<p>Lees hoofdstuk 5<br>Noteer twee vragen</p>"),),
    "entl": (
        ("Unit 3", "<ul><li>Words B leren</li><li>Exercise 12 en 13</li></ul>"),
        ("Essay", "Eerste versie &amp; bronnen <i>inleveren</i>"),
    ),
    "dutl": (("Kapitel 4", "<p>W&ouml;rter A en B leren</p>"),),
    "wisB": (("Paragraaf 4.2", "<p>Maken <b>opgave 3 t/m 8</b> (&sect; 4.2)</p>"),),
    "nat": (("Krachten", "<p>Opgave 21 t/m 26<br>Rekenmachine mee</p>"),),
    "schk": (("Practicum zuren", "Verslag &amp; conclusie <i>inleveren</i>"),),
    "biol": (("Thema 3", "<ul><li>Samenvatting basisstof 2</li><li>Atlas mee</li></ul>"),),
    "ges": (("Koude Oorlog", "<p>Bron 4 t/m 7 bestuderen<br>Vragen 1 t/m 5</p>"),),
    "ak": (("Klimaat", "<p>Maken <b>2.3</b> en 2.4</p>"),),
    "econ": (("Vraag en aanbod", "<p>Opgave 5.1 t/m 5.4</p>"),),
    "lo": (("Turnen", "<p>Zaalschoenen mee</p>"),),
    "maat": (("Rechtsstaat", "<p>Lees &sect; 2.1<br>Krantenartikel mee</p>"),),
}
_OF_WEEKS = (
    ("Koude Oorlog", "<p>Bron 4 t/m 7 bestuderen<br>Vragen 1 t/m 5</p>"),
    ("Industriële revolutie", "<p>Lees &sect; 3.2<br>Begrippenlijst maken</p>"),
    ("Gouden Eeuw", "<p>Samenvatting &sect; 3.3<br>Kaart van de VOC mee</p>"),
)
_TESTS = (("Hoofdstuk 3", "<p>Leer &sect; 3.1 t/m 3.4</p>"), ("Hoofdstuk 4", "<p>Leer &sect; 4.1 t/m 4.5</p>"))


@dataclass(frozen=True, slots=True)
class Homework:
    """An assignment. `weeks` is the number of weeks, for one of weeks."""

    key: int
    pupil: SamplePupil
    sort: str
    listed: str
    subject: str
    topic: str
    text: str
    start: datetime
    weeks: int = 1
    done: bool = False


def homework_of(pupil: SamplePupil, lessons: Sequence[Lesson], today: date) -> list[Homework]:
    """The homework of a pupil, from nine weeks back to three weeks ahead. Most past homework is done."""
    chance = random.Random(pupil.key)
    found: list[Homework] = []

    def add(listed: str, sort: str, subject: str, start: datetime, weeks: int = 1) -> None:
        topic, text = chance.choice(_TESTS if sort in _TEST_SORTS else _TASKS[subject])
        done = start.date() < today and chance.random() > _SLOW
        key = 12_000_000_000_000 + pupil.key * 10_000 + len(found)
        found.append(Homework(key, pupil, sort, listed, subject, topic, text, start, weeks, done))

    for lesson in lessons:
        day = lesson.start.date()
        if lesson.cancelled or not today - _PAST <= day <= today + _AHEAD:
            continue
        if lesson.test:
            add(TIED, "GROTE_TOETS" if lesson.period == 1 else "TOETS", lesson.subject, lesson.start)
        elif chance.random() < _OFTEN:
            add(TIED, "LESSTOF" if chance.random() < _SELDOM else "HUISWERK", lesson.subject, lesson.start)
    monday = today - timedelta(days=today.weekday(), weeks=8)
    for week in range(11):
        start = datetime.combine(monday + timedelta(weeks=week), time(), ZONE)
        wednesday = datetime.combine(start.date() + timedelta(days=_WEDNESDAY), time(), ZONE)
        add(OF_DAY, "TOETS" if chance.random() < _SELDOM else "HUISWERK", "entl", wednesday)
        add(OF_WEEK, "HUISWERK", "ges", start, 2 if chance.random() < _OFTEN else 1)
        topic, text = _OF_WEEKS[week % len(_OF_WEEKS)]  # that of two weeks lies beside the next
        found[-1] = replace(found[-1], topic=topic, text=text)
    return found


def words_to_learn(lesson: Lesson, number: int) -> Homework:
    """New homework for a lesson, the pupil's homework with this number."""
    key = 13_000_000_000_000 + number
    text = "<p>De <b>woorden</b> van week 3</p>"
    return Homework(key, lesson.pupil, "HUISWERK", TIED, lesson.subject, "Leren", text, lesson.start)


def move_homework(all_homework: Sequence[Homework], lesson: Lesson, moved: Lesson) -> list[Homework]:
    """`all_homework`, of which that for `lesson` is for `moved`."""

    def is_for_it(one: Homework) -> bool:
        return one.listed == TIED and (one.subject, one.start) == (lesson.subject, lesson.start)

    return [replace(one, start=moved.start) if is_for_it(one) else one for one in all_homework]


def homework_answer(homework: Homework, extras: Sequence[str], address: str) -> dict[str, Any]:
    """An RSWI…Toekenning, with what `additional` requests."""
    base = f"{address}/rest/v1"
    item = resource("studiewijzer.RStudiewijzerItem", homework.key + 1, f"{base}/studiewijzeritems") | {
        "onderwerp": homework.topic,
        "huiswerkType": homework.sort,
        "omschrijving": homework.text,
        "inlevermomenten": [],
        "bijlagen": [],
        "tonen": True,
        "notitieZichtbaarVoorLeerling": False,
    }
    group = group_answer(homework.pupil, homework.subject, homework.start.date(), base)
    additional: dict[str, Any] = {"huiswerkgemaakt": None}
    if "leerlingen" in extras:
        additional["leerlingen"] = {"$type": "LinkableWrapper", "items": [pupil_answer(homework.pupil, address)]}
    if "lesgroep" in extras:
        additional["lesgroep"] = group
    if "swigemaaktVinkjes" in extras:
        tick = resource("studiewijzer.RSWIGemaakt", homework.key + 2, f"{base}/swigemaakt")
        ticks = [tick | {"leerling": pupil_answer(homework.pupil, address), "gemaakt": True}] if homework.done else []
        additional["swigemaaktVinkjes"] = {"$type": "LinkableWrapper", "items": ticks}
    kind = f"studiewijzer.{_CLASSES[homework.listed]}"
    answer = resource(kind, homework.key, f"{base}/studiewijzeritem{homework.listed}") | {
        "additionalObjects": additional,
        "studiewijzerItem": item,
        "sortering": 0,
        "lesgroep": group,
    }
    if homework.listed == OF_WEEK:
        first = homework.start.date()
        last = first + timedelta(weeks=homework.weeks - 1)
        return answer | {"weeknummerVanaf": first.isocalendar().week, "weeknummerTm": last.isocalendar().week}
    return answer | {"datumTijd": stamp(homework.start)}
