"""The sample programme: its students, their check-ins, and what can be made to happen."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from bridge.model.clock import Clock

ZONE = ZoneInfo("Europe/Amsterdam")
_WEEKS_BACK = 10
_SATURDAY, _THURSDAY = 5, 3
_MOODS = (
    (5, "Zonnebloemig", "Eindelijk werkt de knipperlichtmodule."),
    (4, "Toppie", "Heb je een scooter?"),
    (3, "Mwah", "Lang gezocht naar een puntkomma."),
    (2, "Hondsmoe", "Slecht geslapen door de buurkat."),
    (1, "Huilerig", "Ruzie over het Scrumbord."),
)
_REVIEW = (3, "Havermoutig", "Volgende week minder vergaderen met Pinkeltje.")
PRIVATE_WORDS = tuple(word for _, mood, comment in (*_MOODS, _REVIEW) for word in (mood, comment))

GROUP = {
    "id": 1,
    "name": "Coachingsgroep Ronald (Checkin)",
    "description": "Studenten die werken aan de check-in tool.",
}
PROJECTS = (
    {"id": 1, "name": "Check-in", "description": "Het ontwikkelen van een feedback en check-in tool"},
    {
        "id": 3,
        "name": "Colloquium app",
        "description": "Maken van een applicatie waarin voordrachten worden bijgehouden",
    },
)


@dataclass
class Student:
    """A student with their check-ins, the oldest first, and their valid tokens."""

    key: int
    name: str
    email: str
    password: str = field(repr=False)
    projects: tuple[dict[str, Any], ...] = ()
    groups: tuple[dict[str, Any], ...] = ()
    daily: list[dict[str, Any]] = field(default_factory=list)
    weekly: list[dict[str, Any]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)


class Programme:
    """The students of a programme in Amsterdam. `students[0]` has checked in today, the others have not."""

    def __init__(self, clock: Clock, students: tuple[Student, ...]) -> None:
        self._clock = clock
        self._numbers = count(1001)
        self.students = students
        for number, student in enumerate(students):
            self._fill_in(student, number)

    def can_do_daily(self, student: Student) -> bool:
        """Whether the student has not checked in today."""
        return all(_day_of(done) != self.today for done in student.daily)

    def can_do_weekly(self, student: Student) -> bool:
        """Whether the student has not done this week's check-in."""
        return all(_day_of(done).isocalendar()[:2] != self.today.isocalendar()[:2] for done in student.weekly)

    @property
    def today(self) -> date:
        """The local day."""
        return self._clock().astimezone(ZONE).date()

    def do_daily(self) -> str:
        """Let all students do today's check-in."""
        found = [student for student in self.students if self.can_do_daily(student)]
        for student in found:
            student.daily.append(self._check_in(student, self._clock(), len(student.daily), hours=6))
        return f"{len(found)} students have filled in the daily check-in of {self.today}."

    def check_in(self, student: Student, values: dict[str, Any]) -> dict[str, Any]:
        """Keep today's check-in of a student."""
        empty = dict.fromkeys(("mood_score", "mood_description", "hours_worked", "comment"))
        student.daily.append(self._saved(student, self._clock()) | empty | values)
        return student.daily[-1]

    def do_weekly(self) -> str:
        """Let all students do this week's check-in."""
        found = [student for student in self.students if self.can_do_weekly(student)]
        for student in found:
            student.weekly.append(self._review(student, self._clock()))
        return f"{len(found)} students have filled in the weekly check-in of the week of {self.today}."

    def withdraw_tokens(self) -> str:
        """Withdraw all tokens."""
        for student in self.students:
            student.tokens.clear()
        return "All tokens have been withdrawn."

    def _fill_in(self, student: Student, number: int) -> None:
        """Add check-ins of the last weeks; those of today and this week only for the first student."""
        monday = self.today - timedelta(days=self.today.weekday(), weeks=_WEEKS_BACK)
        for days in range((self.today - monday).days + (number == 0)):
            day = monday + timedelta(days=days)
            if (day.weekday() < _SATURDAY and (days + number) % 9) or day == self.today:
                at = min(datetime.combine(day, time(16, 40 - number), ZONE), self._clock())
                student.daily.append(self._check_in(student, at, days + number, hours=4 + days % 5))
            if day.weekday() == _THURSDAY and day.isocalendar()[:2] != self.today.isocalendar()[:2]:
                student.weekly.append(self._review(student, datetime.combine(day, time(17, 5), ZONE)))
        if number == 0:
            student.weekly.append(self._review(student, self._clock()))

    def _check_in(self, student: Student, at: datetime, mood: int, *, hours: int) -> dict[str, Any]:
        score, description, comment = _MOODS[mood % len(_MOODS)]
        return self._saved(student, at) | {
            "mood_score": score,
            "mood_description": description,
            "hours_worked": hours,
            "comment": comment if mood % 3 else None,
        }

    def _review(self, student: Student, at: datetime) -> dict[str, Any]:
        score, description, comment = _REVIEW
        return self._saved(student, at) | {"mood_score": score, "mood_description": description, "comment": comment}

    def _saved(self, student: Student, at: datetime) -> dict[str, Any]:
        written = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000000Z")
        return {"id": next(self._numbers), "user_id": student.key, "created_at": written, "updated_at": written}


def _day_of(check_in: dict[str, Any]) -> date:
    return datetime.fromisoformat(check_in["created_at"]).astimezone(ZONE).date()
