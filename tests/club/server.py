"""The club's server: lessons, days on which it is closed, and the logins of its members."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from aiohttp import web

from bridge.model.clock import Clock
from bridge.upstream.standin import SamplePerson, StandIn
from bridge.upstream.standin_login import KnownApp, Login, LoginServer

TITLE = "Chess Club"
API, LESSONS, CLOSED, HIDDEN, TOKEN, PASSWORD = (
    "/api",
    "/api/lessons",
    "/api/closed",
    "/api/hidden",
    "/oauth2/token",
    "/oauth2/password",
)
PAST, AHEAD = 6, 14
"""How many lessons a new club has given, and how many it will give."""
APP = KnownApp("club-app", "club://callback", issuer="https://club.example", words={"scope": "lessons"})


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who plays there."""

    id: str
    first_name: str


ANNA, BRAM, SEM, LOTTE = (Member(name.lower(), name) for name in ("Anna", "Bram", "Sem", "Lotte"))
PEOPLE = (
    SamplePerson("anna", "Anna", secret="refresh-anna"),
    SamplePerson("bram", "Bram", secret="refresh-bram"),
    SamplePerson("bakker", "Parent of Sem and Lotte", identity="sem", secret="refresh-bakker"),
)


@dataclass(frozen=True, slots=True)
class Lesson:
    """What the club says of one lesson. Its title is its own: no other lesson has it."""

    id: str
    title: str
    start: datetime
    end: datetime
    room: str
    match: bool = False
    cancelled: bool = False


@dataclass
class Club(LoginServer[Member]):
    """The lessons by id, as they stand now for every member; while the club is `forgetful` it tells of none.

    `hidden` are the lessons that the members do not want to see, by id. `exchanged` holds the logins that were given
    for a password.
    """

    lessons: dict[str, Lesson] = field(default_factory=dict)
    closed: dict[str, tuple[date, date]] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    forgetful: bool = False
    exchanged: list[Login[Member]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.stand_in = StandIn(
            "club",
            PEOPLE,
            settings={"title": TITLE},
            routes=self._routes,
            controls={"cancel-lesson": self._cancel_lesson, "move-lesson": self._move_lesson},
        )

    def ahead(self) -> list[Lesson]:
        """What is still to come, in the order of time."""
        coming = [lesson for lesson in self.lessons.values() if lesson.start > self.clock()]
        return sorted(coming, key=lambda lesson: lesson.start)

    def told(self) -> list[Lesson]:
        """What it answers, while it answers."""
        return [] if self.forgetful else list(self.lessons.values())

    def put(self, *lessons: Lesson) -> None:
        """Add them, or put each in the place of what has its id."""
        self.lessons |= {lesson.id: lesson for lesson in lessons}

    def take(self, count: int) -> list[Lesson]:
        """The next lessons are no longer told; gives them."""
        return [self.lessons.pop(lesson.id) for lesson in self.ahead()[:count]]

    def move(self, **span: float) -> Lesson:
        """The next lesson is at another time; gives it as it is now."""
        lesson, shift = self.ahead()[0], timedelta(**span)
        moved = replace(lesson, start=lesson.start + shift, end=lesson.end + shift)
        self.put(moved)
        return moved

    def log_out(self) -> None:
        """Access tokens are no longer taken; refresh tokens are."""
        self.access_tokens.clear()

    @property
    def asked(self) -> int:
        """How many requests there have been."""
        return self.stand_in.requests.total()

    def _cancel_lesson(self) -> str:
        (lesson,) = self.take(1)
        return f"cancelled: {lesson.title}"

    def _move_lesson(self) -> str:
        return f"moved: {self.move(minutes=30).title}"

    def _routes(self, app: web.Application, address: str) -> None:
        async def password(request: web.Request) -> web.Response:
            form = await request.post()
            for login in [login for login in self.logins if form.get("password") == password_of(login.people[0])]:
                if form.get("member") == login.people[0].id:
                    self.exchanged.append(Login(login.people, secrets.token_urlsafe(24)))
                    self.logins.append(self.exchanged[-1])
                    return web.json_response({"refresh_token": self.exchanged[-1].refresh_token})
            raise web.HTTPUnauthorized

        async def members(request: web.Request) -> web.Response:
            people = [{"id": member.id, "name": member.first_name} for member in self.login_of(request).people]
            return web.json_response({"members": people})

        async def lessons(request: web.Request) -> web.Response:
            self._expect_its_member(request)
            return web.json_response({"lessons": [_told(lesson) for lesson in self.told()]})

        async def closed(request: web.Request) -> web.Response:
            self._expect_its_member(request)
            days = [{"why": why, "first": str(first), "last": str(last)} for why, (first, last) in self.closed.items()]
            return web.json_response({"closed": days})

        async def hidden(request: web.Request) -> web.Response:
            self._expect_its_member(request)
            return web.json_response({"hidden": sorted(self.hidden)})

        self.address = address
        self.register_logins(app)
        app.router.add_post(PASSWORD, password)
        for path, handler in {f"{API}/members": members, LESSONS: lessons, CLOSED: closed, HIDDEN: hidden}.items():
            app.router.add_get(path, handler)

    def _expect_its_member(self, request: web.Request) -> None:
        if request.query.get("member") not in {member.id for member in self.login_of(request).people}:
            raise web.HTTPForbidden


def password_of(member: Member) -> str:
    """What they log in with where the club has passwords."""
    return f"password of {member.first_name}"


def _told(lesson: Lesson) -> dict[str, object]:
    return {
        "id": lesson.id,
        "title": lesson.title,
        "start": lesson.start.isoformat(),
        "end": lesson.end.isoformat(),
        "room": lesson.room,
        "match": lesson.match,
        "cancelled": lesson.cancelled,
    }


def empty_club(clock: Clock, more: Iterable[Member] = ()) -> Club:
    """A club without lessons; `more` are further members with a login each."""
    logins = [
        Login((ANNA,), "refresh-anna"),
        Login((BRAM,), "refresh-bram"),
        Login((SEM, LOTTE), "refresh-bakker"),
        *(Login((member,), f"refresh-{member.id}") for member in more),
    ]
    return Club(clock, logins, app=APP)


def new_club(clock: Clock, more: Iterable[Member] = ()) -> Club:
    """A club with a lesson a day, today excepted, and a holiday in a month."""
    club = empty_club(clock, more)
    today = clock().replace(hour=15, minute=0, second=0, microsecond=0)
    for day in (*range(-PAST, 0), *range(1, AHEAD + 1)):
        start = today + timedelta(days=day)
        club.put(Lesson(f"day {day}", f"Lesson of day {day}", start, start + timedelta(hours=1), "A1"))
    club.closed["Winter holiday"] = (today.date() + timedelta(days=30), today.date() + timedelta(days=39))
    return club
