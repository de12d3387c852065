"""Fortes Lyceum with a short timetable without changes in words, and no homework: a stand-in to look into."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from aiohttp import web

from bridge.model.clock import Clock
from bridge.sources.somtoday.standin.school import Lesson, SamplePupil
from bridge.sources.somtoday.standin.server import ANNA, SomtodayServer, make_server, stand_in
from bridge.upstream.standin import StandIn

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
TOKEN, API, SCHEDULE = "/oauth2/token", "/rest/v1", "/rest/v1/afspraken"
ABSENCES, HOLIDAYS = "/rest/v1/absentiemeldingen", "/rest/v1/vakanties"
PAST, AHEAD = 6, 14


@dataclass
class Fortes:
    """A stand-in and what it tells; `ahead` lessons of each pupil are still to come."""

    clock: Clock
    standin: SomtodayServer
    stand_in: StandIn

    def ahead(self, pupil: SamplePupil = ANNA) -> list[Lesson]:
        lessons = self.standin.school.lessons[pupil.key]
        return [lesson for lesson in lessons if lesson.start > self.clock() and not lesson.cancelled]

    def cancel(self, count: int, pupil: SamplePupil = ANNA) -> list[Lesson]:
        """The next lessons are no longer told."""
        gone = self.ahead(pupil)[:count]
        for lesson in gone:
            self.standin.school.cancel(lesson)
        return gone

    def put_back(self, lessons: list[Lesson]) -> None:
        for lesson in lessons:
            self.standin.school.lessons[lesson.pupil.key].append(lesson)

    def move(self, **span: float) -> None:
        """Anna's next lesson is at another time."""
        lesson = self.ahead()[0]
        shift = timedelta(**span)
        self.standin.school.change(lesson, replace(lesson, start=lesson.start + shift, end=lesson.end + shift))

    def log_out(self) -> None:
        """Access tokens are no longer taken; refresh tokens are."""
        self.standin.access_tokens.clear()

    @property
    def asked(self) -> int:
        """How many requests there have been."""
        return self.stand_in.requests.total()

    @property
    def grants_asked(self) -> int:
        return self.stand_in.requests[f"POST {TOKEN}"]


def fortes(clock: Clock, pupils: tuple[SamplePupil, ...] = ()) -> Fortes:
    standin = make_server(clock, pupils)
    standin.lacks = {"registratieOverzicht", "icalendar"}
    for pupil in standin.school.pupils:
        standin.school.trips[pupil.key].clear()
        standin.homework[pupil.key].clear()
    for lessons in standin.school.lessons.values():
        lessons[:] = [lesson for lesson in lessons if not lesson.cancelled]
        first = next(number for number, lesson in enumerate(lessons) if lesson.start > clock())
        lessons[:] = lessons[first - PAST : first + AHEAD]
    controls = {"cancel-lesson": standin.cancel_lesson, "move-lesson": standin.move_lesson}
    settings = {"title": "Fortes Lyceum", "schedule_api": "afspraken"}
    return Fortes(
        clock, standin, replace(stand_in(clock, pupils), settings=settings, routes=standin.register, controls=controls)
    )


def saying(status: int, text: str = "", content_type: str = "application/json", **headers: str) -> Handler:
    """A fault that answers so."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, text=text, content_type=content_type, headers=named)

    return answer


async def as_usual(request: web.Request) -> web.StreamResponse:
    """For a fault that has done what it wanted: the answer of the API."""
    return await request.match_info.handler(request)
