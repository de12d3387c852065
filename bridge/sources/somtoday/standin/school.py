"""The sample school: pupils, a school year around today, and what happens in it."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import groupby
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Amsterdam")
WEEKDAYS = ("ma", "di", "wo", "do", "vr", "za", "zo")
SCHOOL = "Fortes Lyceum"
_HOURS = (time(8, 30), time(9, 20), time(10, 30), time(11, 20), time(12, 40), time(13, 30), time(14, 20))
_LESSON = timedelta(minutes=50)
_SUBJECTS = {
    "netl": "Nederlandse taal",
    "entl": "Engelse taal",
    "dutl": "Duitse taal",
    "wisB": "wiskunde B",
    "nat": "natuurkunde",
    "schk": "scheikunde",
    "biol": "biologie",
    "ges": "geschiedenis",
    "ak": "aardrijkskunde",
    "econ": "economie",
    "lo": "lichamelijke opvoeding",
    "maat": "maatschappijleer",
}
# Monday to Friday; "" is a free hour, the same subject twice in a row a double lesson
_WEEK = (
    ("netl", "wisB", "wisB", "ges", "", "entl", ""),
    ("nat", "nat", "dutl", "", "biol", "lo", "lo"),
    ("", "entl", "schk", "wisB", "econ", "netl", ""),
    ("ak", "dutl", "nat", "maat", "", "biol", ""),
    ("schk", "econ", "netl", "entl", "ges", "", ""),
)
# ISO weeks without school
_VACATIONS = {
    "Herfstvakantie": (42, 42),
    "Kerstvakantie": (52, 1),
    "Voorjaarsvakantie": (9, 9),
    "Meivakantie": (18, 19),
    "Zomervakantie": (29, 34),
}
REASONS = ("Tandarts", "Ziek", "Orthodontist")
_TEACHERS = ("Bak", "Bos", "Dek", "Hen", "Jan", "Kok", "Mul", "Pet", "Smi", "Vis", "Vos", "Wit")
_WEEKS_BACK, _WEEKS = 10, 64
_TEST_WEEKS = range(_WEEKS_BACK + 1, _WEEKS, 12)  # counted from the first: the next is one, this is an ordinary one
_TEST_EVERY = 3
_TESTED_INSTEAD = {(2, 4): "biol", (4, 4): "netl"}
"""What is tested at a weekday and hour of a test week, so that no subject has two tests."""
_FORTNIGHT = timedelta(weeks=2)


@dataclass(frozen=True, slots=True)
class SamplePupil:
    """A pupil. `key` is the id in links, `number` the leerlingnummer."""

    key: int
    number: int
    first_name: str
    last_name: str
    group: str
    hides_absences: bool = False


@dataclass(frozen=True, slots=True)
class Lesson:
    """One appointment of a pupil; `why` it is cancelled."""

    key: int
    pupil: SamplePupil
    start: datetime
    end: datetime
    period: int
    subject: str
    room: str
    teacher: str
    test: bool = False
    cancelled: bool = False
    change: str = ""
    why: str = ""

    @property
    def title(self) -> str:
        """The title in the timetable."""
        return f"{self.room} - {self.pupil.group}{self.subject} - {self.teacher}"


@dataclass(frozen=True, slots=True)
class Trip:
    """An appointment of a pupil of several days."""

    key: int
    pupil: SamplePupil
    title: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Absence:
    """A report of a pupil's absence."""

    key: int
    reason: str
    start: datetime
    end: datetime
    first_period: int
    last_period: int


@dataclass
class School:
    """The events of the pupils around `today`. Lessons can be cancelled and moved.

    `observations` are lessons of the last weeks, with whether the pupil was present.
    """

    today: date
    pupils: tuple[SamplePupil, ...]
    lessons: dict[int, list[Lesson]] = field(default_factory=dict)
    absences: dict[int, list[Absence]] = field(default_factory=dict)
    observations: dict[int, list[tuple[Lesson, bool]]] = field(default_factory=dict)
    trips: dict[int, list[Trip]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for pupil in self.pupils:
            lessons = list(_lessons(pupil, self.today))
            given = [lesson for lesson in lessons if not lesson.cancelled]
            self.lessons[pupil.key] = lessons
            self.absences[pupil.key] = _absences(pupil, given, self.today)
            self.observations[pupil.key] = _observations(given, self.absences[pupil.key], self.today)
            self.trips[pupil.key] = [_trip(pupil, self.today)]

    def next_lesson(self, now: datetime, pupil: SamplePupil) -> Lesson:
        """The first lesson that has not begun and is not cancelled."""
        return next(lesson for lesson in self.lessons[pupil.key] if lesson.start > now and not lesson.cancelled)

    def cancel(self, lesson: Lesson) -> None:
        """Cancel a lesson. /afspraken no longer has it; /afspraakitems has it as cancelled."""
        self.change(lesson, replace(lesson, cancelled=True))

    def move(self, lesson: Lesson, later: timedelta) -> Lesson:
        """Move a lesson to a later time."""
        local = lesson.start.astimezone(ZONE)
        words = f"De les is verplaatst (komt van {WEEKDAYS[local.weekday()]} {local.hour}:{local.minute:02}u)."
        moved = replace(lesson, start=lesson.start + later, end=lesson.end + later, change=words)
        self.change(lesson, moved)
        return moved

    def change_room(self, lesson: Lesson, room: str) -> Lesson:
        """Move a lesson to another room."""
        changed = replace(lesson, room=room, change=f"Lokaal gewijzigd (was {lesson.room}).")
        self.change(lesson, changed)
        return changed

    def change(self, lesson: Lesson, changed: Lesson) -> None:
        """Replace a lesson."""
        own = self.lessons[lesson.pupil.key]
        own[own.index(lesson)] = changed

    def vacations(self) -> Iterator[tuple[int, str, date, date]]:
        """Id, name, first and last day of each vacation of last, this and next year."""
        return _vacations(self.today)


def _vacations(today: date) -> Iterator[tuple[int, str, date, date]]:
    """There is school this week and the next, whenever that is."""
    monday = today - timedelta(days=today.weekday())
    for year in (today.year - 1, today.year, today.year + 1):
        for number, (name, (first, last)) in enumerate(_VACATIONS.items()):
            start = date.fromisocalendar(year, first, 1)
            end = date.fromisocalendar(year + (last < first), last, 5)
            if end < monday or start >= monday + _FORTNIGHT:
                yield year * 10 + number, name, start, end


@lru_cache(maxsize=32)  # the same school is made over and over in the tests
def _lessons(pupil: SamplePupil, today: date) -> tuple[Lesson, ...]:
    """Every lesson of a pupil's year that is in no vacation and not during the trip."""
    trip = _trip(pupil, today)
    free = [(start, end) for _, _, start, end in _vacations(today)]
    return tuple(lesson for lesson in _year(pupil, today, free) if not _overlap(lesson, trip))


def _absences(pupil: SamplePupil, lessons: list[Lesson], today: date) -> list[Absence]:
    """A dentist lately, ill from one day to the next after that, an orthodontist soon."""
    days = [list(of_day) for _, of_day in groupby(lessons, lambda lesson: lesson.start.date())]
    past = [of_day for of_day in days if of_day[0].start.date() < today]
    ahead = [of_day for of_day in days if of_day[0].start.date() > today]
    spans: list[list[Lesson]] = [[], [], []]
    if len(past) > _DENTIST:
        spans[0] = past[-_DENTIST][:2]
        spans[1] = [*past[-2][2:], *past[-1][:2]]
    if len(ahead) > 1:
        spans[2] = ahead[1][:2]
    return [
        Absence(pupil.key * 100 + n, reason, span[0].start, span[-1].end, span[0].period, span[-1].period)
        for n, (reason, span) in enumerate(zip(REASONS, spans, strict=True))
        if span
    ]


def _trip(pupil: SamplePupil, today: date) -> Trip:
    """A journey over the weekend after the test week, so that it is in two weeks."""
    friday = today - timedelta(days=today.weekday()) + timedelta(days=4, weeks=2)
    start = datetime.combine(friday, time(9), ZONE)
    end = datetime.combine(friday + timedelta(days=4), time(16, 30), ZONE)
    return Trip(7_700_000_000_000 + pupil.key, pupil, "Studiereis", start, end)


def _overlap(lesson: Lesson, other: Trip | Absence) -> bool:
    return lesson.start < other.end and lesson.end > other.start


def _observations(lessons: list[Lesson], absences: Sequence[Absence], today: date) -> list[tuple[Lesson, bool]]:
    past = [lesson for lesson in lessons if lesson.start.date() < today][-60:]
    return [
        (lesson, number != _SKIPPED and not any(_overlap(lesson, absence) for absence in absences))
        for number, lesson in enumerate(past)
    ]


_WHY = ("docent op cursus", "", "sectieoverleg")
_DENTIST = 4
_SELDOM = 0.03
_SKIPPED = 20


def _year(pupil: SamplePupil, today: date, free: Sequence[tuple[date, date]]) -> Iterator[Lesson]:
    """Every lesson from 10 weeks back to 54 weeks ahead, but for those in a vacation."""
    chance = random.Random(pupil.key)
    monday = today - timedelta(days=today.weekday(), weeks=_WEEKS_BACK)
    rooms = {subject: f"{chance.choice('abcd')}{chance.randint(1, 30):03}" for subject in _SUBJECTS}
    teachers = dict(zip(_SUBJECTS, chance.sample(_TEACHERS, len(_SUBJECTS)), strict=True))
    for week in range(_WEEKS):
        for weekday, subjects in enumerate(_WEEK):
            day = monday + timedelta(weeks=week, days=weekday)
            if any(first <= day <= last for first, last in free):
                continue
            for period, subject in enumerate(subjects, 1):
                in_test_week = week in _TEST_WEEKS
                is_test = (in_test_week and period in {2, 4}) or (
                    week % _TEST_EVERY == 0 and (weekday, period) == (3, 3)
                )
                if not subject or (in_test_week and not is_test):
                    continue
                subject = _TESTED_INSTEAD.get((weekday, period), subject) if in_test_week else subject  # noqa: PLW2901
                cancelled = chance.random() < _SELDOM
                start = datetime.combine(day, _HOURS[period - 1], ZONE)
                usual = room = "aula" if is_test else rooms[subject]
                if not cancelled and chance.random() < _SELDOM:
                    room = "mediatheek"
                yield Lesson(
                    key=8_800_000_000_000 + pupil.key * 10_000_000 + day.toordinal() * 10 + period,
                    pupil=pupil,
                    start=start,
                    end=start + _LESSON,
                    period=period,
                    subject=subject,
                    room=room,
                    teacher=teachers[subject],
                    test=is_test,
                    cancelled=cancelled,
                    why=_WHY[day.toordinal() % len(_WHY)],
                    change="" if room == usual else f"Lokaal gewijzigd (was {usual}).",
                )


def subject_name(subject: str) -> str:
    """The full name of a subject."""
    return _SUBJECTS[subject]
