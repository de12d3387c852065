"""SOMtoday's words to events: pure. Times without an offset are local to the school."""

from bridge.sources.somtoday.mapping.absences import read_absences, read_registrations
from bridge.sources.somtoday.mapping.grades import read_grades
from bridge.sources.somtoday.mapping.homework import (
    LISTS,
    TIED,
    days_of,
    read_assignments,
    read_homework,
    with_tasks,
)
from bridge.sources.somtoday.mapping.lessons import read_schedule, read_weeks
from bridge.sources.somtoday.mapping.link import read_link
from bridge.sources.somtoday.mapping.vacations import read_vacations

__all__ = [
    "LISTS",
    "TIED",
    "days_of",
    "read_absences",
    "read_assignments",
    "read_grades",
    "read_homework",
    "read_link",
    "read_registrations",
    "read_schedule",
    "read_vacations",
    "read_weeks",
    "with_tasks",
]
