"""The departments, terms and names of weeks of the sample university. Always the same."""

from datetime import date, datetime, time, timedelta
from typing import Any

from bridge.sources.mytimetable.standin.curriculum import BLOCKS, ZONE, hexadecimal, milliseconds

DEPARTMENTS = {
    "FNWI": ("Faculteit der Natuurwetenschappen, Wiskunde en Informatica", hexadecimal("FNWI")),
    "FEB": ("Faculteit Economie en Bedrijfskunde", hexadecimal("FEB")),
}
_OF_ECONOMICS = {"5062PROJ6Y"}
_EXAM_WEEK = "tentamenweek"


def department_of(course: str) -> str:
    """The host key of the department of a course."""
    return "FEB" if course in _OF_ECONOMICS else "FNWI"


def terms(year: int, first: date) -> list[dict[str, Any]]:
    """The terms of the academic year `year`, which begins on the Monday `first`.

    Each semester is ranges of days around the free weeks.
    """
    semesters = {"Semester 1": (BLOCKS[1], BLOCKS[2], BLOCKS[3]), "Semester 2": (BLOCKS[4], BLOCKS[5], BLOCKS[6])}
    return [
        {
            "id": f"{year}!{hexadecimal(name)}",
            "key": None,
            "name": name,
            "dateRanges": [
                {"startDate": _midnight(first, block[0]), "endDate": _midnight(first, block[-1] + 2)}
                for block in blocks
            ],
        }
        for name, blocks in semesters.items()
    ]


def week_labels(first: date) -> list[dict[str, Any]]:
    """The name of each week of teaching and of exams in the academic year that begins on the Monday `first`."""
    found = []
    for number, block in BLOCKS.items():
        names = [*(f"blok {number} week {week}" for week, _ in enumerate(block, 1)), f"blok {number} {_EXAM_WEEK}"]
        for week, name in enumerate(names, block[0]):
            of_year = (first + timedelta(weeks=week)).isocalendar()
            found.append({"year": of_year.year, "week": of_year.week, "description": name})
    return found


def _midnight(first: date, week: int) -> int:
    return milliseconds(datetime.combine(first + timedelta(weeks=week), time(), ZONE))
