"""A stand-in for MyTimetable that refuses whatever its document does not allow."""

import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from aiohttp import web

from bridge.oauth import Clock
from bridge.sources.mytimetable.curriculum import COURSES, RESOURCES, TYPES, key_of
from bridge.sources.mytimetable.university import OWN, STAFF, STUDENT, University
from bridge.standin import SamplePerson, StandIn

API_TOKEN = "standin-elevated-api-token"
PLAIN_TOKEN = "standin-plain-api-token"
OWN_TOKEN = "standin-oauth-token-of-thijs"
_DAYS = {"startDate", "endDate", "limit"}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class _ApiError(Exception):
    def __init__(self, status: int, error_type: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"errorType": error_type, "errorMessage": message, "status": "error"}


class _Query:
    """The days and the limit that a request asks for."""

    def __init__(self, request: web.Request, known: set[str], at: University) -> None:
        if unknown := set(request.query) - known:
            raise _ApiError(400, "unknown_parameter", f"Unknown parameter: {min(unknown)}.")
        limit = request.query.get("limit", "0")
        if not limit.isdecimal():
            raise _ApiError(400, "invalid_limit", "The limit is a number.")
        self.limit = int(limit)
        try:
            self.start = at.day(request.query.get("startDate", "1970-01-01"))
            self.end = at.day(request.query.get("endDate", "2999-12-31"))
        except ValueError:
            raise _ApiError(400, "invalid_date", "A date is written yyyy-MM-dd.") from None


class _Api:
    def __init__(self, at: University) -> None:
        self._at = at

    def routes(self, app: web.Application, address: str) -> None:  # noqa: ARG002 - its answers name no address
        for path, handler in (
            ("timetabletypes", self.types),
            ("timetables", self.listing),
            ("timetable", self.personal),
            ("timetables/{key}", self.single),
        ):
            app.router.add_get(f"/api/v0/{path}", _answering(handler))

    async def types(self, request: web.Request) -> Any:
        self._caller(request)
        return {"timetableType": list(TYPES)}

    async def listing(self, request: web.Request) -> Any:
        self._caller(request)
        kind = request.query.get("type")
        if kind not in TYPES:
            raise _ApiError(400, "invalid_type", "The type is required.")
        found = [
            {"description": name, "hostKey": name, "value": key}
            for key, name in self._at.timetables.items()
            if key.split("!")[1] == kind
        ]
        return {"timetable": found}

    async def personal(self, request: web.Request) -> Any:
        user = self._caller(request)
        if user is None:
            raise _ApiError(403, "login_required", "No user has been given.")
        if user not in self._at.subscriptions:
            raise _ApiError(404, "user_not_found", f"The user {user} was not found.")
        known = _DAYS | {"type"} | (set() if self._at.before_3_1 else {"excludeResourceTimetables"})
        query = _Query(request, known, self._at)
        types = set(request.query.getall("type", list(TYPES)))
        if not types <= set(TYPES):
            raise _ApiError(400, "invalid_type", "There is no such type.")
        if request.query.get("excludeResourceTimetables") == "true":
            types -= set(RESOURCES)
        keys = [key for key in self._at.subscriptions[user] if key.split("!")[1] in types]
        return self._at.between(keys, query.start, query.end, query.limit)

    async def single(self, request: web.Request) -> Any:
        if "requestedAuth" in request.headers:
            raise _ApiError(400, "impersonation_not_supported", "A timetable belongs to nobody.")
        self._caller(request)
        if set(request.rel_url.raw_name) & set("! "):
            raise _ApiError(400, "invalid_key", "The key has not been escaped.")
        key = request.match_info["key"]
        if key not in self._at.timetables:
            raise _ApiError(404, "timetable_not_found", "The requested timetable was not found.")
        query = _Query(request, _DAYS, self._at)
        return self._at.between([key], query.start, query.end, query.limit)

    def _caller(self, request: web.Request) -> str | None:
        """Whom the credentials stand for: nobody with an API token alone."""
        bearer = request.headers.get("Authorization", "")
        token = request.headers.get("apiToken")
        user = request.headers.get("requestedAuth")
        if bearer:
            if token or user:
                raise _ApiError(400, "ambiguous_credentials", "One sort of credentials is enough.")
            owner = self._at.own_tokens.get(bearer.removeprefix("Bearer "))
            if not bearer.startswith("Bearer ") or owner is None:
                raise _ApiError(401, "invalid_access_token", "The access token is not valid.")
            return owner
        if token not in {API_TOKEN, PLAIN_TOKEN}:
            raise _ApiError(401, "invalid_api_token", "The API token is missing or not valid.")
        if user is not None and token != API_TOKEN:
            raise _ApiError(403, "elevation_required", f"The token may not act for {user}.")
        return user


def stand_in(clock: Clock) -> StandIn:
    """A university with a student, a teacher, a student with a token of their own, and a room."""
    at = University(clock, {OWN_TOKEN: OWN})
    module = key_of(at.year, "module", COURSES[2].code)
    return StandIn(
        source="mytimetable",
        people=(
            SamplePerson("noor", "Noor Bakker, student", identity=STUDENT),
            SamplePerson("vandijk", "Els van Dijk, teacher", identity=STAFF),
            SamplePerson("thijs", "Thijs Visser, student with an access token", identity=OWN, secret=OWN_TOKEN),
            SamplePerson("zaal", "A course and a room", options={"timetables": f"{module},{at.room_key}"}),
        ),
        settings={"title": "Universiteit", "api_token": API_TOKEN},
        routes=_Api(at).routes,
        controls={
            "cancel-lesson": at.cancel_lesson,
            "move-lesson": at.move_lesson,
            "old-version": at.grow_old,
            "withdraw-token": at.withdraw_token,
        },
    )


def _answering(handler: Callable[[web.Request], Awaitable[Any]]) -> Handler:
    """JSON where it is asked for, else XML, as their document has it; gzip where it is taken."""

    async def answer(request: web.Request) -> web.StreamResponse:
        if "application/json" not in request.headers.get("Accept", ""):
            return web.Response(text='<?xml version="1.0"?><events/>', content_type="application/xml")
        try:
            status, body = HTTPStatus.OK.value, await handler(request)
        except _ApiError as refused:
            status, body = refused.status, refused.body
        response = web.Response(status=status, text=json.dumps(body), content_type="application/json")
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            response.enable_compression(web.ContentCoding.gzip)
        return response

    return answer
