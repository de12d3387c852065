"""The courses of the sample university, in blocks with exam weeks. Always the same.

An academic year begins near ISO week 36: so that the week of `today` is the last of teaching in a block, and the next
one has exams. Each of its six blocks is weeks of teaching and an exam week; the weeks of Christmas and the summer are
free.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Amsterdam")
TYPES = {"module": "Vak", "studentset": "Groep", "location": "Lokaal", "user": "Persoon"}
RESOURCES = ("location",)
BLOCKS = {
    1: range(7),
    2: range(8, 15),
    3: range(18, 21),
    4: range(22, 29),
    5: range(30, 37),
    6: range(38, 41),
}
_WEEK = timedelta(weeks=1)
_FREE = {(4, 27), (5, 5)}
_ROOMS = ("REC A1.02", "REC B2.08", "REC C0.01", "Science Park D1.112")
_ONLINE = "https://video.university.example/j/"
MINUTES = {"Hoorcollege": 105, "Werkcollege": 105, "Practicum": 225, "Spreekuur": 45, "Tentamen": 180}
_ENGLISH = {
    "Hoorcollege": "lecture",
    "Werkcollege": "seminar",
    "Practicum": "lab",
    "Spreekuur": "hour",
    "Tentamen": "exam",
}

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Course:
    """A course and its week: weekday (0 is Monday), hour and type of each session.

    An `old` one is as on servers before 3.0: without id and event type, with staff as plain text.
    """

    code: str
    name: str
    blocks: tuple[int, ...]
    week: tuple[tuple[int, int, str], ...]
    staff: tuple[tuple[str, str], ...]
    groups: tuple[str, ...] = ()
    old: bool = False


TEACHER, _SMIT, _HAAN = (
    ("dr. E. van Dijk", "EDIJK"),
    ("prof. dr. M. Smit", "MSMIT"),
    ("drs. P. de Haan", "PHAAN"),
)
COURSES = (
    Course(
        "5062INPR6Y",
        "Inleiding programmeren",
        (1,),
        ((0, 9, "Hoorcollege"), (1, 11, "Werkcollege"), (3, 13, "Practicum")),
        (TEACHER,),
        ("INF-A1", "INF-A2"),
    ),
    Course(
        "5062LOGI6Y",
        "Logica & verzamelingen",
        (1, 2),
        ((1, 9, "Hoorcollege"), (4, 11, "Werkcollege")),
        (_SMIT,),
        ("INF-A1",),
        old=True,
    ),
    Course(
        "5062DATA6Y",
        "Datastructuren",
        (2, 3),
        ((0, 11, "Hoorcollege"), (2, 9, "Hoorcollege"), (3, 13, "Practicum"), (4, 15, "Spreekuur")),
        (TEACHER, _HAAN),
        ("INF-A1",),
    ),
    Course(
        "5062LINA6Y",
        "Lineaire algebra",
        (4,),
        ((0, 9, "Hoorcollege"), (2, 13, "Werkcollege"), (2, 15, "Werkcollege")),
        (_SMIT,),
        (),
        old=True,
    ),
    Course(
        "5062OPSY6Y",
        "Besturingssystemen",
        (4, 5),
        ((1, 13, "Hoorcollege"), (3, 9, "Practicum")),
        (TEACHER,),
        ("INF-A1", "INF-A2"),
    ),
    Course(
        "5062PROJ6Y",
        "Project software engineering",
        (6,),
        ((0, 9, "Practicum"), (3, 9, "Practicum")),
        (_HAAN,),
    ),
)


def academic_year(day: date) -> int:
    """The year in which the academic year of `day` begins. From August on it is the new one."""
    return day.year if day.month >= 8 else day.year - 1  # noqa: PLR2004 - August


def first_monday(year: int, today: date) -> date:
    """When the academic year that begins in `year` does so, seen from `today`."""
    monday = today - timedelta(days=today.weekday())
    usual = [date.fromisocalendar(today.year + number, 36, 1) for number in (-1, 0, 1)]
    off = [(monday - start) // _WEEK - block[-1] for start in usual for block in BLOCKS.values()]
    return date.fromisocalendar(year, 36, 1) + min(off, key=abs) * _WEEK


def key_of(year: int, kind: str, name: str) -> str:
    """The key of a timetable, such as `2026!module!49CB…`. That of a room has its name, with spaces."""
    return f"{year}!{kind}!{name if kind in RESOURCES else hexadecimal(kind, name)}"


def options_of(code: str) -> list[dict[str, str]]:
    """The options of a course: one for each type of its sessions. Events do not say to which they belong."""
    [course] = [course for course in COURSES if course.code == code]
    kinds = sorted({kind for _, _, kind in course.week})
    return [{"id": hexadecimal(code, kind), "name": f"{course.name} - {kind}"} for kind in kinds]


def timetables(year: int) -> dict[str, tuple[str, str]]:
    """All timetables of the database of `year` by key: their names and host keys."""
    groups = sorted({group for course in COURSES for group in course.groups})
    return (
        {key_of(year, "module", course.code): (course.name, course.code) for course in COURSES}
        | {key_of(year, "studentset", group): (group, group) for group in groups}
        | {key_of(year, "location", room): (room, room) for room in _ROOMS}
        | {key_of(year, "studentset", "all"): ("Iedereen", "ALL")}
    )


def events(year: int, today: date) -> list[Event]:
    """All of the year before `year` to the year after, in MyTimetable's words, under the keys of `year`."""
    found = [
        event
        for monday in (first_monday(start, today) for start in (year - 1, year, year + 1))
        for event in (*_teaching(monday, year, today), *_whole_days(monday, year))
    ]
    return sorted(found, key=lambda event: (event["startDate"], event["endDate"]))


def _teaching(monday: date, year: int, today: date) -> Iterator[Event]:
    for course in COURSES:
        for number in course.blocks:
            block = BLOCKS[number]
            for week in block:
                for session, (weekday, hour, kind) in enumerate(course.week):
                    day = monday + timedelta(weeks=week, days=weekday)
                    if (day.month, day.day) not in _FREE and not _is_christmas(day, today):
                        yield _session(course, kind, day, hour, session=session, year=year, online=week == block[-1])
        for number in course.blocks[:-1]:
            halfway = _open_day(monday + timedelta(weeks=BLOCKS[number][-1] + 1, days=4), today)
            test = _session(course, "Tentamen", halfway, 13, session=89 - number, year=year)
            yield test | {"activityDescription": f"Deeltentamen {course.name}"}
        exams = _open_day(monday + timedelta(weeks=BLOCKS[course.blocks[-1]][-1] + 1, days=2), today)
        yield _session(course, "Tentamen", exams, 9, session=90, year=year) | {"notes": "Legitimatie verplicht"}
        resit = _session(course, "Tentamen", monday + timedelta(weeks=43, days=1), 13, session=91, year=year)
        yield resit | {"activityDescription": f"Hertentamen {course.name}", "draft": True}


def _is_christmas(day: date, today: date) -> bool:
    """Whether the university is closed for Christmas; it is not this week or the next, whenever that is."""
    monday = today - timedelta(days=today.weekday())
    if monday <= day < monday + 2 * _WEEK:
        return False
    christmas = date(day.year - (day.month == 1), 12, 25) + timedelta(days=2)  # a weekend counts with the week after it
    first = christmas - timedelta(days=christmas.weekday())
    return first <= day < first + 2 * _WEEK


def _open_day(day: date, today: date) -> date:
    """`day`, or the same one after Christmas."""
    return day + 2 * _WEEK if _is_christmas(day, today) else day


def _session(
    course: Course, kind: str, day: date, hour: int, *, session: int, year: int, online: bool = False
) -> Event:
    room = "Sporthal 2" if kind == "Tentamen" else _ROOMS[(day.toordinal() // 7 + session) % len(_ROOMS)]
    start = datetime.combine(day, time(hour), ZONE)
    address = _ONLINE + hexadecimal(course.code, str(session))[:9] if online and kind == "Hoorcollege" else None
    keys = [key_of(year, "module", course.code), *(key_of(year, "studentset", g) for g in course.groups)]
    if room in _ROOMS and not address:
        keys.append(key_of(year, "location", room))
    event = {
        "startDate": milliseconds(start),
        "endDate": milliseconds(start + timedelta(minutes=MINUTES[kind])),
        "allDay": False,
        "moduleCode": course.code,
        "activityDescription": course.name,
        "activityTypeName": _ENGLISH[kind].upper(),
        "activityTypeDescription": kind,
        "activityTypeColor": "#2c3e50",
        "staffMembers": [name for name, _ in course.staff],
        "locations": []
        if address
        else [{"id": f"{year}!{hexadecimal(room)}", "name": room, "key": room, "capacity": 40}],
        "studentSets": list(course.groups),
        "notes": "Online" if address else None,
        "notes2": None,
        "notes3": "",
        "conferenceUrl": address,
        "filtered": kind == "Spreekuur",
        "draft": False,
        "tags": [{"key": "weblecture", "name": "Web Lecture"}] if address else [],
        "timetableKeys": keys,
    }
    if course.old:
        return event
    return {
        "id": f"{year}!{hexadecimal(course.code, kind, str(session))}-{day:%Y%m%d}",
        **event,
        "staffMembers": [{"name": name, "key": key} for name, key in course.staff],
        "eventType": {
            "id": _ENGLISH[kind],
            "description": kind,
            "color": "#2c3e50",
            "eventTypeGroup": {"id": kind, "description": kind},
        },
    }


def _whole_days(monday: date, year: int) -> Iterator[Event]:
    days = (
        ("Introductiedagen", monday - timedelta(days=5), 3),
        ("Dies natalis", date(monday.year + 1, 1, 8), 1),
        ("Studiereis", monday + timedelta(weeks=29), 5),
    )
    for name, first, length in days:
        yield {
            "id": f"{year}!{hexadecimal(name)}-{first:%Y%m%d}",
            "startDate": milliseconds(datetime.combine(first, time(), ZONE)),
            "endDate": milliseconds(datetime.combine(first + timedelta(days=length), time(), ZONE)),
            "allDay": True,
            "moduleCode": None,
            "activityDescription": name,
            "eventType": {"id": "event", "description": "Activiteit"},
            "staffMembers": [],
            "locations": None,
            "studentSets": None,
            "filtered": False,
            "draft": False,
            "timetableKeys": [key_of(year, "studentset", "all")],
        }


def milliseconds(moment: datetime) -> int:
    """A moment in milliseconds since 1970, to the second."""
    return int(moment.timestamp()) * 1000


def hexadecimal(*words: str) -> str:
    """An id that depends only on `words`."""
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:32].upper()
