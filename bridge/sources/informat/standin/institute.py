"""The sample school: its staff, who is ill, on strike or replaced, and what can be made to happen."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bridge.model.clock import Clock
from bridge.sources.informat.standin.answers import (
    SampleEmployee,
    assignment_answer,
    interruption_answer,
    key_of,
    school_year_of,
    written_day,
)

ZONE = ZoneInfo("Europe/Brussels")
FIRST_GRADE = "leerkrachten 1ste graad"

CLAES = SampleEmployee(4481, "Lotte", "Claes", subject="Wiskunde", groups=(FIRST_GRADE,), hours=8)
PEETERS = SampleEmployee(4074, "Els", "Peeters", "Administratief medewerker", groups=("secretariaat",), full_hours=36)
WOUTERS = SampleEmployee(4102, "Jan", "Wouters", subject="Wetenschappelijk werk", groups=(FIRST_GRADE,), hours=18)
EL_AMRANI = SampleEmployee(4210, "Karim", "El Amrani", "Leermeester", "Zedenleer", ("111", "211"), hours=10)
MAES = SampleEmployee(4311, "Sofie", "Maes", subject="Frans")
JACOBS = SampleEmployee(4312, "Tom", "Jacobs", subject="Lichamelijke opvoeding", place="Sporthal")
WILLEMS = SampleEmployee(4313, "Anke", "Willems", subject="Geschiedenis", groups=(FIRST_GRADE,))
GOOSSENS = SampleEmployee(3007, "Rita", "Goossens", active=False)
STAFF = (CLAES, PEETERS, WOUTERS, EL_AMRANI, MAES, JACOBS, WILLEMS, GOOSSENS)

_STRIKE: dict[str, Any] = {"code": "45", "omschrijving": "Staking", "opmSecretariaat": ""}
_LEAVE: dict[str, Any] = {"code": "24", "omschrijving": "Omstandigheidsverlof", "opmSecretariaat": "Huwelijk"}
_LATE: dict[str, Any] = {"code": "002", "omschrijving": "Te laat toegekomen", "soort": "0", "verstuurdAgODi": None}


class Institute:
    """The lists of a school in Brussels, which change only by the controls."""

    def __init__(self, clock: Clock, extra: int = 0) -> None:
        self._clock = clock
        self.employees = (*STAFF, *(_extra(number) for number in range(extra)))
        self.assignments = [
            assignment_answer(self.assignment_of(employee, structure), employee, structure, *school_year_of(self.today))
            for employee in self.employees
            if employee.active
            for structure in employee.structures
        ]
        self.interruptions = [*self._first_interruptions(), *self._of_extras()]
        self._replace("ill", WOUTERS, CLAES, self.today - timedelta(days=2), self.today + timedelta(days=11))

    @property
    def today(self) -> date:
        """The local day."""
        return self._clock().astimezone(ZONE).date()

    def assignment_of(self, employee: SampleEmployee, structure: str = "311") -> str:
        """The key of an employee's assignment of the whole year."""
        return key_of("assignment", employee.number, structure)

    def fall_ill(self) -> str:
        """Make the replaced teacher ill again, for a week, in three weeks."""
        if any(item["doId"] == self._relapse.upper() for item in self.interruptions):
            return "Jan Wouters is ill already."
        first = self.today + timedelta(days=21)
        self.interruptions.append(interruption_answer(self._relapse, WOUTERS, "311", first, first + timedelta(days=6)))
        return f"Jan Wouters is ill from {first} for a week."

    def substitute(self) -> str:
        """Add a substitute for that week, from the second day on."""
        if not any(item["doId"] == self._relapse.upper() for item in self.interruptions):
            self.fall_ill()
        first = self.today + timedelta(days=22)
        self._replace("relapse", WOUTERS, WILLEMS, first, first + timedelta(days=5))
        return f"Anke Willems replaces Jan Wouters from {first}."

    def recover(self) -> str:
        """End the teacher's interruptions and substitutions of today and later."""
        yesterday = self.today - timedelta(days=1)
        kept = []
        for item in self.interruptions:
            if item["personId"].strip() != WOUTERS.key or item["einddatum"] < written_day(self.today):
                kept.append(item)
            elif item["begindatum"] < written_day(self.today):
                kept.append(item | {"einddatum": written_day(yesterday)})
        self.interruptions = kept
        return f"Jan Wouters is well again since {self.today}."

    @property
    def _relapse(self) -> str:
        return key_of("interruption", "relapse")

    def _replace(self, what: str, absent: SampleEmployee, substitute: SampleEmployee, first: date, last: date) -> None:
        """Add an assignment of a substitute with the hours of the absent colleague."""
        own = next(item for item in self.assignments if item["id"] == self.assignment_of(absent))
        link = {"opdrachtId": key_of("replacement", what), "doId": key_of("interruption", what)}
        if link in own["vervangingen"]:
            return
        own["vervangingen"] = [*own["vervangingen"], link]
        hours = {"prestatieUren": absent.hours, "vak": absent.subject, "ato": "1"}
        self.assignments.append(assignment_answer(link["opdrachtId"], substitute, "311", first, last, **hours))

    def _first_interruptions(self) -> list[dict[str, Any]]:
        def days(
            what: str, who: SampleEmployee, first: int, last: int, hfd: str = "311", **more: Any
        ) -> dict[str, Any]:
            start, end = self.today + timedelta(days=first), self.today + timedelta(days=last)
            return interruption_answer(key_of("interruption", what), who, hfd, start, end, **more)

        return [
            days("ill", WOUTERS, -3, 11),
            days("both 111", EL_AMRANI, 4, 5, "111"),
            days("both 211", EL_AMRANI, 4, 5, "211"),
            days("strike", MAES, 9, 9, **_STRIKE, staking="Dag"),
            days("morning", JACOBS, 9, 9, **_STRIKE, staking="VM"),
            days("afternoon", JACOBS, 10, 10, **_STRIKE, staking="NM"),
            days("hours", WILLEMS, 9, 9, **_STRIKE, staking="Uren", stakingUren=2.0),
            days("late", CLAES, -1, -1, **_LATE, opmSecretariaat="Lekke autoband"),
            days("wedding", PEETERS, 16, 17, **_LEAVE),
            days("long ago", PEETERS, -20, -18),
        ]

    def _of_extras(self) -> list[dict[str, Any]]:
        """Interruptions of two days for every tenth of the additional employees."""
        return [
            interruption_answer(
                key_of("interruption", employee.number),
                employee,
                "311",
                self.today + timedelta(days=number % 30),
                self.today + timedelta(days=number % 30 + 1),
            )
            for number, employee in enumerate(self.employees[len(STAFF) :])
            if number % 10 == 0
        ]


def _extra(number: int) -> SampleEmployee:
    return SampleEmployee(10_000 + number, f"Voornaam{number}", f"Naam{number}", subject="Nederlands")
