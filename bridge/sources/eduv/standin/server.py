"""A stand-in for a register with the Edu-V Education API 1.1.1, as far as it is used. It refuses all else.

It also lists the other school of the board, and ignores `filterByOrgId` for subjects, as a server may.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from bridge.model.clock import Clock
from bridge.sources.eduv.client import SCOPE
from bridge.sources.eduv.standin.school import LYCEUM, SCHOOLS, STUDIES, Register, SampleSchool
from bridge.upstream.standin import StandIn

CLIENT_ID = "roosterbridge"
CLIENT_SECRET = "standin-client-secret"
_SCHOOL = ("orgMasterId", "orgId", "orgIdType")
_NAMES = ("Wiskunde B", "Wiskunde bèta")


@dataclass
class RegisterServer:
    """The state of the server, which tests read and change.

    `lifetime` is that of access tokens. `filters` is whether it takes `filterByOrgId`, which is optional for a server.
    """

    clock: Clock
    register: Register
    lifetime: timedelta = timedelta(hours=1)
    filters: bool = True
    grants: int = 0
    tokens: dict[str, datetime] = field(default_factory=dict)

    def routes(self, app: web.Application, address: str) -> None:  # noqa: ARG002 - its answers name no address
        """Register the API, under /v1, and its token endpoint on `app`."""
        app.router.add_post("/oauth2/token", self.token)
        for path, handler in {
            "organisations": self.organisations,
            "studyofferings/school": self.study_offerings,
            "subjectofferings/school": self.subject_offerings,
        }.items():
            app.router.add_get(f"/v1/{path}", self._answering(handler))

    async def token(self, request: web.Request) -> web.Response:
        """POST /oauth2/token, the client credentials grant (RFC 6749, 4.4)."""
        form = await request.post()
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return web.json_response({"error": "invalid_client"}, status=401)
        if form.get("grant_type") != "client_credentials":
            return web.json_response({"error": "unsupported_grant_type"}, status=400)
        if form.get("scope") != SCOPE:
            return web.json_response({"error": "invalid_scope"}, status=400)
        self.grants += 1
        token = secrets.token_urlsafe(24)
        self.tokens[token] = self.clock() + self.lifetime
        seconds = int(self.lifetime.total_seconds())
        return web.json_response({"access_token": token, "token_type": "Bearer", "expires_in": seconds, "scope": SCOPE})

    def organisations(self, request: web.Request) -> Any:
        """GET /organisations: a school with the others of its board."""
        _only(request, *_SCHOOL)
        if _asked_school(request) is None:
            raise _Refused(400, "Give a school.")
        return [self.register.organisation(one) for one in SCHOOLS]

    def study_offerings(self, request: web.Request) -> Any:
        """GET /studyofferings/school."""
        school = self._school_of_list(request)
        return [self.register.study(study) for study in STUDIES if study.school is school]

    def subject_offerings(self, request: web.Request) -> Any:
        """GET /subjectofferings/school; with a secondary identifier, those of the whole board."""
        school = self._school_of_list(request)
        by_primary = "orgMasterId" in request.query
        subjects = self.register.subjects
        return [self.register.subject(one) for one in subjects if one.school is school or not by_primary]

    def rename_subject(self) -> str:
        """Give Wiskunde B another name, or its old one again."""
        subjects = [one for one in self.register.subjects if one.name in _NAMES]
        old = subjects[0].name
        (new,) = set(_NAMES) - {old}
        for subject in subjects:
            subject.name, subject.changed = new, self.clock()
        return f"renamed: {old} to {new}"

    def stand_in(self) -> StandIn:
        """The stand-in with this state."""
        return StandIn(
            source="eduv",
            settings={
                "title": "Schoolregister",
                "client_id": CLIENT_ID,
                "client_secret": CLIENT_SECRET,
                "organisation": LYCEUM.primary,
                "names_for": ["somtoday"],
            },
            addresses=("api_url", "token_url"),
            paths={"api_url": "/v1", "token_url": "/oauth2/token"},
            routes=self.routes,
            controls={"rename-subject": self.rename_subject},
            shown_to={"rename-subject": "anna"},
        )

    def _school_of_list(self, request: web.Request) -> SampleSchool:
        _only(request, *_SCHOOL, "filterByOrgId")
        if "filterByOrgId" in request.query and not self.filters:
            raise _Refused(400, "filterByOrgId is not supported.")
        filtered = request.query.get("filterByOrgId", "false")
        if filtered not in {"true", "false"} or (filtered == "true" and "orgMasterId" in request.query):
            raise _Refused(400, "filterByOrgId is true or false, and goes with orgId only.")
        school = _asked_school(request)
        if school is None:
            raise _Refused(400, "Give a school.")
        return school

    def _answering(self, handler: Callable[[web.Request], Any]) -> Any:
        async def answer(request: web.Request) -> web.Response:
            try:
                self._admit(request)
                return web.json_response(handler(request))
            except _Refused as refused:
                return web.json_response(refused.body, status=refused.status)

        return answer

    def _admit(self, request: web.Request) -> None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or self.tokens.get(token, self.clock()) <= self.clock():
            raise _Refused(401, "The token is missing, unknown or too old.")
        if "application/json" not in request.headers.get("Accept", ""):
            raise _Refused(400, "There is JSON only.")


class _Refused(Exception):
    """A StatusResponse."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"status": status * 10, "statusMessage": message}


def make_server(clock: Clock) -> RegisterServer:
    """Create the state of a server."""
    midnight = clock().replace(hour=0, minute=0, second=0, microsecond=0)
    return RegisterServer(clock, Register(midnight))


def stand_in(clock: Clock) -> StandIn:
    """The register of Fortes Lyceum."""
    return make_server(clock).stand_in()


def _only(request: web.Request, *known: str) -> None:
    if unknown := set(request.query) - set(known):
        raise _Refused(400, f"Unknown parameter: {min(unknown)}.")
    if len(set(request.query)) != len(request.query):
        raise _Refused(400, "A parameter comes twice.")


def _asked_school(request: web.Request) -> SampleSchool | None:
    primary, secondary, kind = (request.query.get(name) for name in _SCHOOL)
    if (secondary is None) != (kind is None) or (primary and secondary):
        raise _Refused(400, "Give orgMasterId, or orgId with orgIdType.")
    if primary is None and secondary is None:
        return None
    for school in SCHOOLS:
        if primary == school.primary or (kind, secondary) in school.secondary.items():
            return school
    raise _Refused(404, "There is no such school.")
