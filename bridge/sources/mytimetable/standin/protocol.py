"""How the stand-in accepts and refuses requests: credentials, parameters and formats."""

import json
from collections.abc import Awaitable, Callable, Collection
from http import HTTPStatus
from typing import Any

from aiohttp import web

from bridge.sources.mytimetable.standin.logins import Logins
from bridge.sources.mytimetable.standin.university import University

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class ApiError(Exception):
    """A refusal, with its HTTP status and error type."""

    def __init__(self, status: int, error_type: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"errorType": error_type, "errorMessage": message, "status": "error"}


def unknown_call() -> ApiError:
    """The answer of an older server to a call that it does not have."""
    return ApiError(404, "not_found", "There is no such call.")


def require_known(request: web.Request, known: Collection[str]) -> None:
    """Refuse unknown parameters."""
    if unknown := set(request.query) - set(known):
        raise ApiError(400, "unknown_parameter", f"Unknown parameter: {min(unknown)}.")


class Span:
    """The days and the limit of a request."""

    KNOWN = frozenset({"startDate", "endDate", "limit"})

    def __init__(self, request: web.Request, at: University) -> None:
        self.limit = number(request, "limit")
        try:
            self.start = at.day(request.query.get("startDate", "1970-01-01"))
            self.end = at.day(request.query.get("endDate", "2999-12-31"))
        except ValueError:
            raise ApiError(400, "invalid_date", "A date is written yyyy-MM-dd.") from None


def number(request: web.Request, name: str) -> int:
    """A parameter that is a number, 0 by default."""
    text = request.query.get(name, "0")
    if not text.isdecimal():
        raise ApiError(400, f"invalid_{name}", f"The {name} is a number.")
    return int(text)


class Gate:
    """Finds the person of credentials. The elevated API token may read personal timetables, the plain one may not."""

    def __init__(self, at: University, logins: Logins, *, elevated: str, plain: str) -> None:
        self._at = at
        self._logins = logins
        self._elevated = elevated
        self._plain = plain

    def caller(self, request: web.Request) -> str | None:
        """The user; `None` with only an API token."""
        bearer = request.headers.get("Authorization", "")
        token = request.headers.get("apiToken")
        user = request.headers.get("requestedAuth")
        if bearer:
            if token or user:
                raise ApiError(400, "ambiguous_credentials", "One sort of credentials is enough.")
            owner = self._at.own_tokens.get(bearer.removeprefix("Bearer ")) or self._logins.user_of(request)
            if not bearer.startswith("Bearer ") or owner is None:
                raise ApiError(401, "invalid_access_token", "The access token is not valid.")
            return owner
        if token not in {self._elevated, self._plain}:
            raise ApiError(401, "invalid_api_token", "The API token is missing or not valid.")
        if user is not None and token != self._elevated:
            raise ApiError(403, "elevation_required", f"The token may not act for {user}.")
        return user

    def person(self, request: web.Request) -> str:
        """The user, who must be given and known."""
        user = self.caller(request)
        if user is None:
            raise ApiError(403, "login_required", "No user has been given.")
        if user not in self._at.subscriptions:
            raise ApiError(404, "user_not_found", f"The user {user} was not found.")
        return user


def answering(handler: Callable[[web.Request], Awaitable[Any]]) -> Handler:
    """Answer with JSON if it is requested, else XML; with gzip if it is accepted; with 204 if there is nothing."""

    async def answer(request: web.Request) -> web.StreamResponse:
        if "application/json" not in request.headers.get("Accept", ""):
            return web.Response(text='<?xml version="1.0"?><events/>', content_type="application/xml")
        try:
            status, body = HTTPStatus.OK.value, await handler(request)
        except ApiError as refused:
            status, body = refused.status, refused.body
        if body is None:
            return web.Response(status=HTTPStatus.NO_CONTENT)
        response = web.Response(status=status, text=json.dumps(body), content_type="application/json")
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            response.enable_compression(web.ContentCoding.gzip)
        return response

    return answer
