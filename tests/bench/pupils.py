"""A stand-in for SOMtoday with many pupils, in a process of its own, that answers from memory.

Every pupil has the same full school week again and again, so no figure depends on the season, and homework for lessons
on two pages. That makes 11 requests of a refresh in which nothing changed.
"""

import asyncio
import multiprocessing
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from multiprocessing.connection import Connection
from typing import Any
from urllib.request import Request, urlopen

from aiohttp import web

from bridge.model.clock import Clock, now_utc
from bridge.sources.somtoday.standin.homework import TIED, homework_of, words_to_learn
from bridge.sources.somtoday.standin.school import Lesson, SamplePupil
from bridge.sources.somtoday.standin.server import Handler, SomtodayServer, make_server
from bridge.upstream.standin import CONTROLS, StandIn

_HOMEWORK = 105
_FIRST_WEEK = timedelta(weeks=7)  # how far back lessons begin
_PATIENCE = 60


def sample_pupils(count: int) -> tuple[SamplePupil, ...]:
    """The pupils; the refresh token of each is `refresh-` and the number."""
    return tuple(SamplePupil(2_000_000_000 + n, 200_000 + n, f"Pupil{n}", "Bench", "A5") for n in range(count))


def make_school(pupils: tuple[SamplePupil, ...], lessons: int, clock: Clock) -> SomtodayServer:
    """A server with so many lessons of each pupil."""
    server = make_server(clock, pupils)
    school = server.school
    for pupil in pupils:
        own = _repeated(school.lessons[pupil.key], school.today)[:lessons]
        homework = homework_of(pupil, own, school.today)
        missing = _HOMEWORK - sum(one.listed == TIED for one in homework)
        school.lessons[pupil.key] = own
        server.homework[pupil.key] = homework + [words_to_learn(lesson, n) for n, lesson in enumerate(own[:missing])]
    return server


def _repeated(lessons: Sequence[Lesson], today: date) -> list[Lesson]:
    """The fullest school week among the lessons, for over a year."""
    by_week: defaultdict[date, list[Lesson]] = defaultdict(list)
    for lesson in lessons:
        by_week[_monday(lesson.start.date())].append(lesson)
    model, full_week = max(by_week.items(), key=lambda week: len(week[1]))
    shifts = [_monday(today) - _FIRST_WEEK - model + timedelta(weeks=week) for week in range(60)]
    return [
        replace(lesson, key=lesson.key + shift.days * 10, start=lesson.start + shift, end=lesson.end + shift)
        for shift in shifts
        for lesson in full_week
    ]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


@dataclass
class RememberingServer:
    """A server whose answers are worked out once, until lessons change."""

    server: SomtodayServer
    pupils: tuple[SamplePupil, ...]
    known: dict[tuple[str, ...], web.Response] = field(default_factory=dict)
    changes: int = 0

    def register(self, app: web.Application, address: str) -> None:
        """Put the API on `app`, which will be at `address`."""
        self.server.register(app, address)
        app.middlewares.append(self.answer_from_memory)

    @web.middleware
    async def answer_from_memory(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer a GET as the last time, if the same login asked for it before."""
        if request.method != "GET":
            return await handler(request)
        key = (request.path_qs, *(request.headers.get(name, "") for name in ("Authorization", "Range")))
        if key not in self.known:
            answer = await handler(request)
            assert isinstance(answer, web.Response)
            self.known[key] = answer
        known = self.known[key]
        return web.Response(status=known.status, body=known.body, headers=known.headers)

    def change_lessons(self) -> str:
        """Move the next lesson of each pupil to another room."""
        self.changes += 1
        for pupil in self.pupils:
            lesson = self.server.school.next_lesson(self.server.clock(), pupil)
            self.server.school.change_room(lesson, f"n{self.changes:03}")
        self.known.clear()
        return f"changed {len(self.pupils)} lessons"


async def _serve(count: int, lessons: int, started: Connection) -> None:
    pupils = sample_pupils(count)
    server = RememberingServer(make_school(pupils, lessons, now_utc), pupils)
    server.server.lifetime = timedelta(days=1)  # a crowd takes longer than an hour
    stand_in = StandIn("somtoday", routes=server.register, addresses=("api_url", "auth_url"))

    def count_requests() -> str:
        requests = stand_in.requests.total()
        stand_in.requests.clear()
        return str(requests)

    stand_in.controls = {"change-lessons": server.change_lessons, "count-requests": count_requests}
    async with stand_in.serve() as address:
        started.send(stand_in.settings_at(address))
        await asyncio.Event().wait()


def _run(count: int, lessons: int, started: Connection) -> None:
    asyncio.run(_serve(count, lessons, started))


@dataclass(frozen=True, slots=True)
class RunningServer:
    """The stand-in in its own process; `settings` are those of a source that reads it."""

    settings: dict[str, Any]

    def change_lessons(self) -> None:
        """See `RememberingServer.change_lessons`."""
        self._control("change-lessons")

    def count_requests(self) -> int:
        """How many requests came since the last count."""
        return int(self._control("count-requests"))

    def _control(self, name: str) -> str:
        request = Request(f"{self.settings['api_url']}{CONTROLS}/{name}", method="POST")
        with urlopen(request, timeout=_PATIENCE) as answer:
            return str(answer.read().decode())


@contextmanager
def running_server(count: int, lessons: int) -> Iterator[RunningServer]:
    """Start the stand-in with `count` pupils, each with so many lessons."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_run, args=(count, lessons, there), daemon=True)
    process.start()
    try:
        if not here.poll(_PATIENCE):
            raise RuntimeError("The stand-in did not start.")
        yield RunningServer(here.recv())
    finally:
        process.terminate()
        process.join()
