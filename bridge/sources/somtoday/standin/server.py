"""A stand-in for SOMtoday: rotating tokens, pages, and the pupils of a sample school.

It is as strict as SOMtoday: a request without User-Agent gets 403, one without `Accept: application/json` gets XML, and
an old refresh token ends the login.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from aiohttp import web

from bridge.model.clock import Clock
from bridge.sources.somtoday.standin.answers import (
    absence_report_answer,
    account_answer,
    appointment_answer,
    item_answer,
    journey_answer,
    observation_answer,
    paged,
    pupil_answer,
    school_year_answer,
    trip_answer,
    vacation_answer,
)
from bridge.sources.somtoday.standin.homework import (
    OF_DAY,
    OF_WEEK,
    TIED,
    Homework,
    homework_answer,
    homework_of,
    move_homework,
    words_to_learn,
)
from bridge.sources.somtoday.standin.link import link_text
from bridge.sources.somtoday.standin.login import APP, SomtodayLogins
from bridge.sources.somtoday.standin.records import Grade, grade_answer, grades_of, registrations_answer, school_answer
from bridge.sources.somtoday.standin.school import (
    REASONS,
    SCHOOL,
    ZONE,
    Lesson,
    SamplePupil,
    School,
    Trip,
    subject_name,
)
from bridge.upstream.standin import SamplePerson, StandIn
from bridge.upstream.standin_login import Login

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

ANNA = SamplePupil(1409824200, 119371, "Anna", "de Wit", "A5")
BRAM = SamplePupil(1409824201, 119372, "Bram", "Yildiz", "V6", hides_absences=True)
SEM = SamplePupil(1409824202, 119373, "Sem", "Bakker", "H4")
LOTTE = SamplePupil(1409824203, 119374, "Lotte", "Bakker", "B2")


@dataclass
class SomtodayServer(SomtodayLogins):
    """The state of the server, which tests read and change.

    `lacks` and `forbids` are calls that it does not have (404) or refuses (403), by the first word of their path.
    `own_identifiers` gives lessons another identity in /afspraakitems than in /afspraken.
    """

    school: School = field(kw_only=True)
    lacks: set[str] = field(default_factory=set)
    forbids: set[str] = field(default_factory=set)
    own_identifiers: bool = False
    homework: dict[int, list[Homework]] = field(default_factory=dict)
    grades: dict[int, list[Grade]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for pupil in self.school.pupils:
            lessons = self.school.lessons[pupil.key]
            self.homework[pupil.key] = homework_of(pupil, lessons, self.school.today)
            self.grades[pupil.key] = grades_of(pupil, lessons, self.school.today)

    def register(self, app: web.Application, address: str) -> None:
        """Register the API on `app`, which gets `address`."""
        self.address = address
        self.register_logins(app)
        for path, handler in {
            "leerlingen": self.pupils,
            "leerlingen/{id}": self.pupil,
            "leerlingen/{id}/registratieOverzicht": self.registrations,
            "account/me": self.account,
            "afspraken": self.appointments,
            "afspraakitems/{id}/jaar/{year}/week/{week}": self.week,
            "absentiemeldingen": self.absence_reports,
            "waarnemingen": self.observations,
            "vakanties/leerling/{id}": self.vacations,
            "studiewijzeritem{list}": self.assignments,
            "resultaten/huidigVoorLeerling/{id}": self.results,
            "{id}/schoolgegevens": self.school_data,
            "icalendar": self.link,
            "icalendar/stream/{id}": self.stream,
            "schooljaren": self.school_years,
            "schooljaren/huidig": self.school_years,
        }.items():
            app.router.add_get(f"/rest/v1/{path}", self._guarded(handler))

    def _guarded(self, handler: Handler) -> Handler:
        async def answer(request: web.Request) -> web.StreamResponse:
            words = set(request.path.split("/"))
            if words & self.lacks:
                raise web.HTTPNotFound
            if words & self.forbids:
                raise web.HTTPForbidden
            return await handler(request)

        return answer

    async def pupils(self, request: web.Request) -> web.Response:
        """GET /leerlingen."""
        login = self.login_of(request)
        return paged(request, login.people, lambda pupil: pupil_answer(pupil, self.address))

    async def pupil(self, request: web.Request) -> web.Response:
        """GET /leerlingen/{id}."""
        return web.json_response(pupil_answer(self._own(request, self.login_of(request)), self.address))

    def _own(self, request: web.Request, login: Login[SamplePupil]) -> SamplePupil:
        for pupil in login.people:
            if str(pupil.key) == request.match_info["id"]:
                return pupil
        raise web.HTTPForbidden

    async def account(self, request: web.Request) -> web.Response:
        """GET /account/me."""
        login = self.login_of(request)
        extras = request.query.getall("additional", [])
        return web.json_response(account_answer(login.people, extras, self.address))

    async def appointments(self, request: web.Request) -> web.Response:
        """GET /afspraken, for all pupils of the login. `einddatum` is inclusive."""
        login = self.login_of(request)
        if any(f"{name}datum" not in request.query for name in ("begin", "eind")):
            raise web.HTTPBadRequest
        first, last = request.query["begindatum"], request.query["einddatum"]
        extras = request.query.getall("additional", [])
        lessons = sorted(
            (
                lesson
                for pupil in login.people
                for lesson in self.school.lessons[pupil.key]
                if first <= lesson.start.date().isoformat() <= last and not lesson.cancelled
            ),
            key=lambda lesson: lesson.key,
        )
        trips = [
            trip
            for pupil in login.people
            for trip in self.school.trips[pupil.key]
            if first <= trip.end.date().isoformat() and trip.start.date().isoformat() <= last
        ]

        def answer(one: Lesson | Trip) -> dict[str, Any]:
            if isinstance(one, Lesson):
                return appointment_answer(one, extras, self.address)
            return journey_answer(one, extras, self.address)

        found: list[Lesson | Trip] = [*lessons, *trips]
        return paged(request, found, answer)

    async def week(self, request: web.Request) -> web.Response:
        """GET /afspraakitems/{id}/jaar/{year}/week/{week}, with cancelled and changed lessons."""
        pupil = self._own(request, self.login_of(request))
        try:
            monday = date.fromisocalendar(int(request.match_info["year"]), int(request.match_info["week"]), 1)
        except ValueError as error:
            raise web.HTTPBadRequest from error
        end = monday + timedelta(weeks=1)
        lessons = [lesson for lesson in self.school.lessons[pupil.key] if monday <= lesson.start.date() < end]
        trips = [trip for trip in self.school.trips[pupil.key] if trip.start.date() < end and monday <= trip.end.date()]
        prefix = "item-" if self.own_identifiers else ""
        items = [item_answer(lesson, f"{prefix}{lesson.key}", self.address) for lesson in lessons]
        return web.json_response({"items": [*items, *map(trip_answer, trips)], "statusNotifications": []})

    async def assignments(self, request: web.Request) -> web.Response:
        """GET /studiewijzeritem…toekenningen that begin on `begintNaOfOp` or later."""
        login, listed = self.login_of(request), request.match_info["list"]
        if listed not in {TIED, OF_DAY, OF_WEEK}:
            raise web.HTTPNotFound
        first, extras = request.query.get("begintNaOfOp", ""), request.query.getall("additional", [])
        wanted = request.query.get("geenDifferentiatieOfGedifferentieerdVoorLeerling", "")
        found = [
            homework
            for pupil in login.people
            for homework in self.homework[pupil.key]
            if homework.listed == listed
            and wanted in {"", str(pupil.key)}
            and first <= (homework.start + timedelta(weeks=homework.weeks - 1)).date().isoformat()
        ]
        return paged(request, found, lambda homework: homework_answer(homework, extras, self.address))

    async def registrations(self, request: web.Request) -> web.Response:
        """GET /leerlingen/{id}/registratieOverzicht."""
        pupil = self._own(request, self.login_of(request))
        if request.query.get("periode") != "SCHOOLJAAR":
            raise web.HTTPBadRequest
        absences, observations = self.school.absences[pupil.key], self.school.observations[pupil.key]
        return web.json_response(registrations_answer(absences, observations, self.address))

    async def results(self, request: web.Request) -> web.Response:
        """GET /resultaten/huidigVoorLeerling/{id}."""
        pupil = self._own(request, self.login_of(request))
        extras = request.query.getall("additional", [])
        return paged(request, self.grades[pupil.key], lambda grade: grade_answer(grade, extras, self.address))

    async def school_data(self, request: web.Request) -> web.Response:
        """GET /{id}/schoolgegevens."""
        return web.json_response(school_answer(self._own(request, self.login_of(request))))

    async def link(self, request: web.Request) -> web.Response:
        """GET /icalendar: the iCal link of the login's first pupil."""
        pupil = self.login_of(request).people[0]
        link = f"{self.address}/rest/v1/icalendar/stream/{pupil.key}"
        return web.json_response({"links": [], "permissions": [], "leerlingICalendarLink": link})

    async def stream(self, request: web.Request) -> web.Response:
        """The iCal link itself, which needs no token."""
        lessons = self.school.lessons.get(int(request.match_info["id"]), [])
        return web.Response(body=link_text(lessons, self.clock()), content_type="text/calendar")

    async def absence_reports(self, request: web.Request) -> web.Response:
        """GET /absentiemeldingen."""
        login = self.login_of(request)
        first, last = request.query.get("begindatumtijd", ""), request.query.get("einddatumtijd", "9")
        reports = [
            (pupil, found)
            for pupil in login.people
            for found in self.school.absences[pupil.key]
            if first <= found.start.date().isoformat() <= last
        ]
        return paged(request, reports, lambda report: absence_report_answer(*report, self.address))

    async def observations(self, request: web.Request) -> web.Response:
        """GET /waarnemingen, filtered by `waarnemingSoort` and `begintNaOfOp`."""
        login = self.login_of(request)
        sort, first = request.query.get("waarnemingSoort", ""), request.query.get("begintNaOfOp", "")
        found = [
            (lesson, "Aanwezig" if present else "Afwezig")
            for pupil in login.people
            for lesson, present in self.school.observations[pupil.key]
            if first <= lesson.start.date().isoformat()
        ]
        wanted = [(lesson, seen) for lesson, seen in found if sort.casefold() in {"", seen.casefold()}]
        return paged(request, wanted, lambda one: observation_answer(*one, self.address))

    async def vacations(self, request: web.Request) -> web.Response:
        """GET /vakanties/leerling/{id}. `eindDatum` is the last day."""
        self._own(request, self.login_of(request))
        return paged(request, list(self.school.vacations()), lambda found: vacation_answer(*found, self.address))

    async def school_years(self, request: web.Request) -> web.Response:
        """GET /schooljaren and /schooljaren/huidig."""
        self.login_of(request)
        return web.json_response({"items": [school_year_answer(self.school.today, f"{self.address}/rest/v1")]})

    def cancel_lesson(self) -> str:
        """Cancel Anna's next lesson."""
        lesson = self.school.next_lesson(self.clock(), ANNA)
        self.school.cancel(lesson)
        return f"cancelled: {subject_name(lesson.subject)}, {lesson.start:%Y-%m-%d %H:%M}"

    def move_lesson(self) -> str:
        """Move Anna's next lesson to half an hour later, in another room, with its homework."""
        lesson = self.school.next_lesson(self.clock(), ANNA)
        moved = self.school.change_room(self.school.move(lesson, timedelta(minutes=30)), "x999")
        self.homework[ANNA.key] = move_homework(self.homework[ANNA.key], lesson, moved)
        return f"moved: {subject_name(lesson.subject)}, {lesson.start:%Y-%m-%d %H:%M} to {moved.start:%H:%M}"

    def change_room(self) -> str:
        """Move Anna's next lesson to another room."""
        lesson = self.school.next_lesson(self.clock(), ANNA)
        self.school.change_room(lesson, "y001")
        return f"changed: {subject_name(lesson.subject)}, {lesson.start:%Y-%m-%d %H:%M}, {lesson.room} to y001"

    def add_homework(self) -> str:
        """Add homework to Anna's next lesson."""
        lesson = self.school.next_lesson(self.clock(), ANNA)
        self.homework[ANNA.key].append(words_to_learn(lesson, len(self.homework[ANNA.key])))
        return f"homework: {subject_name(lesson.subject)}, {lesson.start:%Y-%m-%d %H:%M}"


def stand_in(clock: Clock, pupils: tuple[SamplePupil, ...] = ()) -> StandIn:
    """Fortes Lyceum with Anna, Bram and a parent of two. `pupils` are more pupils, with a login each."""
    standin = make_server(clock, pupils)
    return StandIn(
        source="somtoday",
        settings={"title": SCHOOL, "grades": "on"},
        addresses=("api_url", "auth_url"),
        routes=standin.register,
        people=(
            SamplePerson("anna", "Anna", secret="refresh-anna", about="havo 5"),
            SamplePerson("bram", "Bram", secret="refresh-bram", about="vwo 6, whose school hides absences"),
            SamplePerson("bakker", "Sem", identity="119373", secret="refresh-bakker", about="havo 4, read by a parent"),
        ),
        controls={
            "cancel-lesson": standin.cancel_lesson,
            "move-lesson": standin.move_lesson,
            "change-room": standin.change_room,
            "add-homework": standin.add_homework,
        },
        shown_to=dict.fromkeys(["cancel-lesson", "move-lesson", "change-room", "add-homework"], "anna"),
        private_words=REASONS,
    )


def make_server(clock: Clock, pupils: tuple[SamplePupil, ...] = ()) -> SomtodayServer:
    """Create the state of a server."""
    today = clock().astimezone(ZONE).date()
    school = School(today, (ANNA, BRAM, SEM, LOTTE, *pupils))
    logins = [
        Login((ANNA,), "refresh-anna"),
        Login((BRAM,), "refresh-bram"),
        Login((SEM, LOTTE), "refresh-bakker"),
        *(Login((pupil,), f"refresh-{pupil.number}") for pupil in pupils),
    ]
    return SomtodayServer(clock, logins, app=APP, school=school)
