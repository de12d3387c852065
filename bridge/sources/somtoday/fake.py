"""A stand-in for SOMtoday: tokens that rotate, pages, and the pupils of a made-up school.

As picky as the real one: without User-Agent 403, without `Accept: application/json` XML, an old refresh token ends
its family.
"""

import json
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from aiohttp import web

from bridge.oauth import Clock
from bridge.sources.somtoday.client import CLIENT_ID
from bridge.sources.somtoday.fake_answers import (
    resource,
    told_absence_report,
    told_appointment,
    told_observation,
    told_pupil,
    told_restrictions,
    told_vacation,
)
from bridge.sources.somtoday.fake_school import REASONS, SCHOOL, ZONE, FakePupil, School, subject_name
from bridge.standin import SamplePerson, StandIn

_RANGE = re.compile(r"items=(\d+)-(\d+)")
_LARGEST_PAGE = 100
_THING = TypeVar("_THING")

ANNA = FakePupil(1409824200, 119371, "Anna", "de Wit", "A5")
BRAM = FakePupil(1409824201, 119372, "Bram", "Yildiz", "V6", hides_absences=True)
SEM = FakePupil(1409824202, 119373, "Sem", "Bakker", "H4")
LOTTE = FakePupil(1409824203, 119374, "Lotte", "Bakker", "B2")


@dataclass
class Login:
    """One token family: the pupils that it opens, the refresh token that is good now, and what was good before."""

    pupils: tuple[FakePupil, ...]
    refresh_token: str
    spent: set[str] = field(default_factory=set)
    dead: bool = False


@dataclass
class FakeSomtoday:
    """The server's state; tests look at it and change it.

    `replays` counts refresh tokens that came back after they were spent; `lifetime` is that of access tokens.
    """

    clock: Clock
    school: School
    logins: list[Login]
    lifetime: timedelta = timedelta(hours=1)
    replays: int = 0
    grants: int = 0
    address: str = ""
    access_tokens: dict[str, tuple[Login, datetime]] = field(default_factory=dict)

    def register(self, app: web.Application, address: str) -> None:
        """Put the API on `app`, which will be at `address`."""
        self.address = address
        app.router.add_post("/oauth2/token", self.token)
        for path, handler in {
            "leerlingen": self.pupils,
            "leerlingen/{id}": self.pupil,
            "account/me": self.account,
            "afspraken": self.appointments,
            "absentiemeldingen": self.absence_reports,
            "waarnemingen": self.observations,
            "vakanties/leerling/{id}": self.vacations,
            "schooljaren": self.school_years,
            "schooljaren/huidig": self.school_years,
        }.items():
            app.router.add_get(f"/rest/v1/{path}", handler)

    async def token(self, request: web.Request) -> web.Response:
        """POST /oauth2/token, the refresh grant."""
        form = await request.post()
        given = str(form.get("refresh_token", ""))
        if form.get("client_id") != CLIENT_ID:
            return _refusal("invalid_client", "Client unknown")
        if form.get("grant_type") != "refresh_token":
            return _refusal("unsupported_grant_type", "Not supported")
        for login in self.logins:
            if given in login.spent:
                self.replays += 1
                login.dead = True
            if given in login.spent or (given == login.refresh_token and login.dead):
                return _refusal("invalid_grant", "Token revoked")
            if given == login.refresh_token:
                return web.json_response(self._grant(login))
        return _refusal("invalid_grant", "Unknown refresh token")

    def _grant(self, login: Login) -> dict[str, Any]:
        self.grants += 1
        login.spent.add(login.refresh_token)
        login.refresh_token = secrets.token_urlsafe(24)
        access_token = secrets.token_urlsafe(24)
        self.access_tokens[access_token] = (login, self.clock() + self.lifetime)
        return {
            "access_token": access_token,
            "refresh_token": login.refresh_token,
            "somtoday_api_url": self.address,
            "scope": "openid",
            "somtoday_tenant": "fortes",
            "id_token": secrets.token_urlsafe(24),
            "token_type": "Bearer",
            "expires_in": int(self.lifetime.total_seconds()),
        }

    def _login(self, request: web.Request) -> Login:
        """Whose request it is; raises what the real one would answer to a wrong one."""
        if not request.headers.get("User-Agent"):
            raise web.HTTPForbidden
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        login, until = self.access_tokens.get(token, (None, self.clock()))
        if scheme != "Bearer" or login is None or until <= self.clock() or login.dead:
            raise web.HTTPUnauthorized(text=json.dumps({"error": "invalid_token"}), content_type="application/json")
        if "json" not in request.headers.get("Accept", ""):
            xml = web.Response(text='<?xml version="1.0"?><items/>', content_type="application/xml")
            raise _Answered(xml)
        return login

    async def pupils(self, request: web.Request) -> web.Response:
        """GET /leerlingen."""
        login = self._login(request)
        return _paged(request, login.pupils, lambda pupil: told_pupil(pupil, self.address))

    async def pupil(self, request: web.Request) -> web.Response:
        """GET /leerlingen/{id}."""
        return web.json_response(told_pupil(self._own(request, self._login(request)), self.address))

    def _own(self, request: web.Request, login: Login) -> FakePupil:
        for pupil in login.pupils:
            if str(pupil.key) == request.match_info["id"]:
                return pupil
        raise web.HTTPForbidden

    async def account(self, request: web.Request) -> web.Response:
        """GET /account/me."""
        login = self._login(request)
        account = resource("auth.RAccount", login.pupils[0].key + 5, f"{self.address}/rest/v1/account")
        if "restricties" in request.query.getall("additional", []):
            account["additionalObjects"] = {
                "restricties": {
                    "$type": "LinkableWrapper",
                    "items": [told_restrictions(pupil) for pupil in login.pupils],
                }
            }
        return web.json_response(account | {"gebruikersnaam": "hidden", "accountPermissions": []})

    async def appointments(self, request: web.Request) -> web.Response:
        """GET /afspraken, for all pupils of the login; `einddatum` is inclusive."""
        login = self._login(request)
        if any(f"{name}datum" not in request.query for name in ("begin", "eind")):
            raise web.HTTPBadRequest
        first, last = request.query["begindatum"], request.query["einddatum"]
        extras = request.query.getall("additional", [])
        lessons = sorted(
            (
                lesson
                for pupil in login.pupils
                for lesson in self.school.lessons[pupil.key]
                if first <= lesson.start.date().isoformat() <= last
            ),
            key=lambda lesson: lesson.key,
        )
        return _paged(request, lessons, lambda lesson: told_appointment(lesson, extras, self.address))

    async def absence_reports(self, request: web.Request) -> web.Response:
        """GET /absentiemeldingen."""
        login = self._login(request)
        first, last = request.query.get("begindatumtijd", ""), request.query.get("einddatumtijd", "9")
        reports = [
            (pupil, found)
            for pupil in login.pupils
            for found in self.school.absences[pupil.key]
            if first <= found.start.date().isoformat() <= last
        ]
        return _paged(request, reports, lambda report: told_absence_report(*report, self.address))

    async def observations(self, request: web.Request) -> web.Response:
        """GET /waarnemingen, filtered by `waarnemingSoort` and `begintNaOfOp`."""
        login = self._login(request)
        sort, first = request.query.get("waarnemingSoort", ""), request.query.get("begintNaOfOp", "")
        found = [
            (lesson, "Aanwezig" if present else "Afwezig")
            for pupil in login.pupils
            for lesson, present in self.school.observations[pupil.key]
            if first <= lesson.start.date().isoformat()
        ]
        wanted = [(lesson, told) for lesson, told in found if sort.casefold() in {"", told.casefold()}]
        return _paged(request, wanted, lambda one: told_observation(*one, self.address))

    async def vacations(self, request: web.Request) -> web.Response:
        """GET /vakanties/leerling/{id}; `eindDatum` is the last day."""
        self._own(request, self._login(request))
        return _paged(request, list(self.school.vacations()), lambda found: told_vacation(*found, self.address))

    async def school_years(self, request: web.Request) -> web.Response:
        """GET /schooljaren and /schooljaren/huidig."""
        self._login(request)
        start = self.school.today.year - (self.school.today.month < 8)  # noqa: PLR2004 - August
        year = resource(
            "onderwijsinrichting.RSchooljaar", 40851950 + start % 100, f"{self.address}/rest/v1/schooljaren"
        )
        year |= {
            "naam": f"{start}/{start + 1}",
            "vanafDatum": f"{start}-08-01",
            "totDatum": f"{start + 1}-07-31",
            "isHuidig": True,
        }
        return web.json_response({"items": [year]})

    def cancel_lesson(self) -> str:
        """Anna's next lesson is cancelled: /afspraken does not have it any more."""
        lesson = self.school.next_lesson(self.clock(), ANNA)
        self.school.cancel(lesson)
        return f"cancelled: {subject_name(lesson.subject)}, {lesson.start:%Y-%m-%d %H:%M}"

    def move_lesson(self) -> str:
        """Anna's next lesson begins half an hour later, in another room."""
        lesson = self.school.next_lesson(self.clock(), ANNA)
        later = timedelta(minutes=30)
        self.school.change(lesson, replace(lesson, start=lesson.start + later, end=lesson.end + later, room="x999"))
        return f"moved: {subject_name(lesson.subject)}, {lesson.start:%Y-%m-%d %H:%M} to {lesson.start + later:%H:%M}"


class _Answered(web.HTTPOk):
    """Leaves a handler with an answer that is no error."""

    def __init__(self, answer: web.Response) -> None:
        super().__init__(text=answer.text, content_type=answer.content_type)


def stand_in(clock: Clock, pupils: tuple[FakePupil, ...] = ()) -> StandIn:
    """Fortes Lyceum, with Anna, Bram and a parent of two; `pupils` are further ones with a login each."""
    fake = make_fake(clock, pupils)
    return StandIn(
        source="somtoday",
        settings={"title": SCHOOL},
        addresses=("api_url", "auth_url"),
        routes=fake.register,
        people=(
            SamplePerson("anna", "Anna (havo 5)", secret="refresh-anna"),
            SamplePerson("bram", "Bram (vwo 6, school hides absences)", secret="refresh-bram"),
            SamplePerson("bakker", "Ouder van Sem en Lotte", identity="119373", secret="refresh-bakker"),
        ),
        controls={"cancel-lesson": fake.cancel_lesson, "move-lesson": fake.move_lesson},
        private_words=REASONS,
    )


def make_fake(clock: Clock, pupils: tuple[FakePupil, ...] = ()) -> FakeSomtoday:
    """The server's state, for tests that look into it."""
    today = clock().astimezone(ZONE).date()
    school = School(today, (ANNA, BRAM, SEM, LOTTE, *pupils))
    logins = [
        Login((ANNA,), "refresh-anna"),
        Login((BRAM,), "refresh-bram"),
        Login((SEM, LOTTE), "refresh-bakker"),
        *(Login((pupil,), f"refresh-{pupil.number}") for pupil in pupils),
    ]
    return FakeSomtoday(clock, school, logins)


def _refusal(error: str, description: str) -> web.Response:
    return web.json_response({"error": error, "error_description": description}, status=400)


def _paged(request: web.Request, found: Sequence[_THING], told: Callable[[_THING], dict[str, Any]]) -> web.Response:
    """What was found, as `Range: items=a-b` asks for it, 100 at most; all of it without that."""
    match = _RANGE.fullmatch(request.headers.get("Range", ""))
    if match is None:
        return web.json_response({"items": [told(thing) for thing in found]})
    first, last = int(match[1]), min(int(match[2]), int(match[1]) + _LARGEST_PAGE - 1)
    page = [told(thing) for thing in found[first : last + 1]]
    if first and not page:
        return web.Response(status=416, headers={"Content-Range": f"items */{len(found)}"})
    extent = f"{first}-{first + len(page) - 1}" if page else "*"
    return web.json_response({"items": page}, status=206, headers={"Content-Range": f"items {extent}/{len(found)}"})
