"""A stand-in for Informat that refuses what its documentation does not allow."""

import json
import re
import secrets
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from bridge.model.clock import Clock
from bridge.sources.informat.standin.answers import employee_answer, employee_v1_answer, written_day
from bridge.sources.informat.standin.institute import CLAES, PEETERS, WILLEMS, WOUTERS, Institute
from bridge.sources.informat.standin.numbers import Numbers
from bridge.sources.informat.standin.records import Records
from bridge.sources.informat.standin.refusal import Refusal
from bridge.upstream.standin import SamplePerson, StandIn

CLIENT_ID, CLIENT_SECRET = "informat_customer_sintjan", "standin-client-secret"
INSTITUTE, OTHER_INSTITUTE = "012345", "054321"
_SCOPE = "api_informat_sas_personeel.personeel."
_YEAR = re.compile(r"(\d{4})-(\d{2})")
_FILTERED = {"311", "312"}
"""The structures by which version 2 filters employees; others are ignored."""
_STRUCTURE = re.compile(r"\d{3}")

_LARGEST_BODY = 32 * 1024 * 1024

Item = dict[str, Any]


@dataclass(frozen=True)
class _Query:
    """The query of a request: the first and last day of a school year in the API's form, and a structure."""

    first: str
    last: str
    structure: str

    def during(self, items: Iterable[Item]) -> list[Item]:
        """The items of the structure with a day in the school year."""
        return [
            item
            for item in items
            if item["begindatum"] <= self.last
            and item["einddatum"] >= self.first
            and self.structure in {"", item["hfd"].strip()}
        ]


@dataclass
class InformatServer:
    """The state of the server, which tests read and change.

    `ignores_structure` is whether it sends assignments and interruptions of all structures, `writable` whether its
    clients may write.
    """

    clock: Clock
    institute: Institute
    records: Records
    numbers: Numbers = field(default_factory=Numbers)
    versions: frozenset[str] = frozenset({"1", "2"})
    ignores_structure: bool = False
    writable: bool = True
    scopes: frozenset[str] = frozenset({_SCOPE + INSTITUTE, _SCOPE + OTHER_INSTITUTE})
    tokens: dict[str, tuple[frozenset[str], datetime]] = field(default_factory=dict)

    def register(self, app: web.Application, address: str) -> None:  # noqa: ARG002 - its answers name no address
        """Register the API on `app`."""
        app.router.add_post("/connect/token", self.token)
        app.router.add_get("/employees", self._answering(self.employees))
        app.router.add_get("/employees/assignments", self._answering(self.assignments))
        app.router.add_get("/employees/interruptions", self._answering(self.interruptions))
        app.router.add_get("/employees/{personId}", self._answering(self.employee))
        app.router.add_get("/employees/{personId}/assignments", self._answering(self.assignments))
        app.router.add_get("/employees/{personId}/interruptions", self._answering(self.interruptions))
        app.router.add_put("/employees/{personId}/interruptions/{id}", self._writing(self.put_interruption))
        app.router.add_delete("/employees/interruptions/{id}", self._writing(self.delete_interruption))
        attachment = "/employees/interruptions/{id}/attachments/{attachmentId}"
        app.router.add_put(attachment, self._writing(self.put_attachment))
        app.router.add_delete(attachment, self._writing(self.delete_attachment))
        number = "/employees/{personId}/communication-number"
        app.router.add_put(number, self._writing(self.put_number))
        app.router.add_delete(f"{number}/{{id}}", self._writing(self.delete_number))

    async def token(self, request: web.Request) -> web.Response:
        """POST /connect/token, the client credentials grant."""
        form = await request.post()
        wanted = frozenset(str(form.get("scope", "")).split())
        if form.get("grant_type") != "client_credentials":
            return web.json_response({"error": "unsupported_grant_type"}, status=400)
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return web.json_response({"error": "invalid_client"}, status=400)
        if not wanted or not wanted <= self.scopes:
            return web.json_response({"error": "invalid_scope"}, status=400)
        token = secrets.token_urlsafe(32)
        self.tokens[token] = wanted, self.clock() + timedelta(hours=1)
        return web.json_response(
            {
                "access_token": token,
                "expires_in": 3600,
                "token_type": "Bearer",
                "scope": " ".join(sorted(wanted)),
            }
        )

    async def employees(self, request: web.Request) -> Any:
        """GET /employees, in both versions."""
        if request.headers.get("Api-Version", "1") == "1":
            structure = _query(request, year=False, structure=True).structure
            return [employee_v1_answer(one) for one in self.institute.employees if structure in one.structures]
        query = _query(request)
        query = replace(query, structure=query.structure if query.structure in _FILTERED else "")
        ended = query.last < written_day(self.institute.today)
        busy = {item["personId"] for item in query.during(self.institute.assignments)}
        return [
            employee_answer(one) | {"comnrs": self.numbers.told(one.key)}
            for one in self.institute.employees
            if one.key in busy or (not ended and not query.structure)
        ]

    async def employee(self, request: web.Request) -> Any:
        """GET /employees/{personId}, the same in both versions."""
        _query(request)
        person = _person(request)
        return next((employee_answer(one) for one in self.institute.employees if one.key == person), None)

    async def assignments(self, request: web.Request) -> Any:
        """GET /employees/assignments, and of one employee."""
        return _of_person(request, self._query_of(request).during(self.institute.assignments))

    async def interruptions(self, request: web.Request) -> Any:
        """GET /employees/interruptions, and of one employee."""
        return _of_person(request, self._query_of(request).during(self.institute.interruptions))

    async def put_interruption(self, request: web.Request) -> None:
        """PUT /employees/{personId}/interruptions/{interruptionId}."""
        person, key = _person(request), _guid(request, "id", "BR002")
        self.records.put(person, key, await _body(request))

    async def delete_interruption(self, request: web.Request) -> None:
        """DELETE /employees/interruptions/{interruptionId}."""
        self.records.delete(_guid(request, "id", "BR002"))

    async def put_attachment(self, request: web.Request) -> None:
        """PUT /employees/interruptions/{interruptionId}/attachments/{attachmentId}."""
        keys = _guid(request, "id", "BR002"), _guid(request, "attachmentId", "BR015")
        self.records.put_file(*keys, await _body(request))

    async def delete_attachment(self, request: web.Request) -> None:
        """DELETE /employees/interruptions/{interruptionId}/attachments/{attachmentId}."""
        self.records.delete_file(_guid(request, "id", "BR002"), _guid(request, "attachmentId", "BR015"))

    async def put_number(self, request: web.Request) -> web.Response:
        """PUT /employees/{personId}/communication-number. The document's answer is not quite JSON."""
        person, body = _person(request), await _body(request)
        employee = next((one for one in self.institute.employees if one.key == person), None)
        key = self.numbers.put(employee, INSTITUTE, body)
        return web.Response(text=f'{{ \n    "{key}" \n}}', content_type="application/json")

    async def delete_number(self, request: web.Request) -> None:
        """DELETE /employees/{personId}/communication-number/{communicationNoId}."""
        self.numbers.delete(_person(request), _guid(request, "id", "BR027"))

    def _writing(
        self, handler: Callable[[web.Request], Awaitable[web.Response | None]]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """Answer valid writes with 200 and what the handler returns, or an empty body."""

        async def answer(request: web.Request) -> web.StreamResponse:
            try:
                self._admit(request, to_write=True)
                found = await handler(request)
            except Refusal as refused:
                return _refusal(refused)
            return found or web.Response()

        return answer

    def _query_of(self, request: web.Request) -> _Query:
        query = _query(request)
        return replace(query, structure="") if self.ignores_structure else query

    def _answering(
        self, handler: Callable[[web.Request], Awaitable[Any]]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """Answer valid requests with JSON, or with 404 if there is no data."""

        async def answer(request: web.Request) -> web.StreamResponse:
            try:
                self._admit(request)
                found = _told(await handler(request))
            except Refusal as refused:
                return _refusal(refused)
            response = web.json_response(found)
            response.enable_compression()
            return response

        return answer

    def _admit(self, request: web.Request, *, to_write: bool = False) -> None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        scopes, until = self.tokens.get(token, (frozenset[str](), self.clock()))
        if scheme.lower() != "bearer" or until <= self.clock():
            raise Refusal(401, WWW_Authenticate="Bearer")
        institutes = request.headers.getall("InstituteNo", [])
        if len(institutes) != 1 or not re.fullmatch(r"\d{6}", institutes[0]):
            raise Refusal(400, "BR003A")
        if _SCOPE + institutes[0] not in scopes or (to_write and not self.writable):
            raise Refusal(403, "FB001", capitals=False)
        if request.headers.get("Api-Version", "1") not in self.versions:
            raise Refusal(400, "VE001", capitals=False)


def _told(found: Any) -> Any:
    if not found:
        raise Refusal(404, "NF001", capitals=False)
    return found


def _query(request: web.Request, *, year: bool = True, structure: bool = False) -> _Query:
    """Parse a query. `year` and `structure` say what must not be missing."""
    given = {name.lower(): value for name, value in request.query.items()}
    if unknown := set(given) - {"schoolyear", "structure", "inclnonsubhours"}:
        raise Refusal(400, f"UP{len(min(unknown)):03d}")
    if year and "schoolyear" not in given:
        raise Refusal(400, "BR004A")
    if structure and "structure" not in given:
        raise Refusal(400, "BR005A")
    chosen = given.get("structure", "")
    if chosen and not _STRUCTURE.fullmatch(chosen):
        raise Refusal(400, "BR005B")
    if "schoolyear" not in given:
        return _Query("0001", "9999", chosen)
    match = _YEAR.fullmatch(given["schoolyear"])
    if match is None or (int(match[1]) + 1) % 100 != int(match[2]):
        raise Refusal(400, "BR004B")
    return _Query(f"{match[1]}-09-01", f"{int(match[1]) + 1:04d}-08-31T23:59:59", chosen)


def _of_person(request: web.Request, items: list[Item]) -> list[Item]:
    """The items of the employee in the path, or all."""
    if "personId" not in request.match_info:
        return items
    person = _person(request)
    return [item for item in items if item["personId"].strip() == person]


def _person(request: web.Request) -> str:
    return _guid(request, "personId", "BR001")


def _guid(request: web.Request, name: str, code: str) -> str:
    """A GUID in the path, in any form. Else the request is refused with `code`."""
    found = request.match_info[name].strip().lower().strip("{}")
    if not re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", found):
        raise Refusal(400, code)
    return found


async def _body(request: web.Request) -> dict[str, Any]:
    """The object in a body, by names in lower case."""
    if request.content_type != "application/json":
        raise Refusal(415)
    try:
        given = json.loads(await request.clone(client_max_size=_LARGEST_BODY).read())
    except ValueError:
        raise Refusal(500) from None
    if not isinstance(given, dict):
        raise Refusal(500)
    return {str(name).lower(): value for name, value in given.items()}


def _refusal(refused: Refusal) -> web.Response:
    text = json.dumps(refused.body) if refused.body else ""
    return web.Response(status=refused.status, text=text, content_type="application/json", headers=refused.headers)


def make_server(clock: Clock, extra: int = 0) -> InformatServer:
    """Create the state of a server with `extra` more employees."""
    institute = Institute(clock, extra)
    return InformatServer(clock, institute, Records(institute, INSTITUTE))


def stand_in_of(standin: InformatServer) -> StandIn:
    """Sint-Jan with a teacher, the colleague who replaces them, and an employee of the secretariat."""
    return StandIn(
        source="informat",
        settings={
            "title": "Sint-Jan",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "institute": INSTITUTE,
        },
        addresses=("api_url", "auth_url"),
        private_words=("Ziekteverlof", "grieperig", "Staking", "Omstandigheidsverlof", "Huwelijk", "autoband"),
        routes=standin.register,
        people=(
            SamplePerson("claes", "Lotte Claes", identity=CLAES.address, about="replaces a colleague"),
            SamplePerson("peeters", "Els Peeters", identity=PEETERS.address, about="secretariat"),
            SamplePerson("wouters", "Jan Wouters", identity=WOUTERS.key, about="is ill"),
            SamplePerson("willems", "Anke Willems", identity=WILLEMS.address, about="is on strike soon"),
        ),
        controls={
            "fall-ill": standin.institute.fall_ill,
            "substitute": standin.institute.substitute,
            "recover": standin.institute.recover,
            "verify": standin.records.verify,
        },
        shown_to={"fall-ill": "wouters", "substitute": "willems", "recover": "claes"},
    )


def stand_in(clock: Clock, extra: int = 0) -> StandIn:
    """Sint-Jan with `extra` more employees."""
    return stand_in_of(make_server(clock, extra))
