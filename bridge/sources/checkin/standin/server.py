"""A stand-in for Check-in that refuses what its documentation does not allow, as a Laravel application does.

Without `Accept: application/json` a refusal is a redirect to the login page. A request without a token gets 401; one
with a wrong token, or that a student may not make, gets 403.
"""

import json
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

from aiohttp import web

from bridge.model.clock import Clock
from bridge.model.event import Kind
from bridge.sources.checkin.standin.programme import GROUP, PRIVATE_WORDS, PROJECTS, Programme, Student
from bridge.upstream.standin import SamplePerson, StandIn

FORMATS = ("text", "string", "object")
_LISTED = ("daily-checkins", "weekly-checkins", "projects", "groups")
_EXTRAS = ("projects", "groups", "canDoDaily", "canDoWeekly", "hoursWorkedThisWeek", "happiness")
_COLUMNS = {
    "users": {"id", "name", "email"},
    "daily-checkins": {"id", "user_id", "mood_score", "mood_description", "hours_worked", "comment", "created_at"},
    "weekly-checkins": {"id", "user_id", "mood_score", "mood_description", "comment", "created_at"},
    "projects": {"id", "name", "description"},
    "groups": {"id", "name", "description"},
}
_MOMENTS = {"created_at"}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class _Refused(Exception):
    def __init__(self, status: int, message: str, errors: Mapping[str, list[str]] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"message": message} | ({"errors": errors} if errors else {})


@dataclass
class CheckinServer:
    """The state of the server, which tests read and change.

    `token_format` is the form of a token answer: plain text, a JSON string or an object. `closed` are routes that
    students may not use. `page` is how many rows of a list are sent at once. `filters_moments` is whether `<` and `>`
    work on `created_at`. `passwords` counts the passwords that were sent.
    """

    programme: Programme
    token_format: str = FORMATS[0]
    closed: set[str] = field(default_factory=set)
    filters_moments: bool = True
    page: int | None = None
    passwords: int = 0
    numbers: Any = field(default_factory=lambda: count(12))

    def register(self, app: web.Application, address: str) -> None:
        """Register the API on `app`, which gets `address`."""
        self._login_page = f"{address}/login"
        app.router.add_post("/api/v1/sanctum/token", self._answering(self.token))
        app.router.add_post("/api/v1/sanctum/logout", self._answering(self.logout))
        app.router.add_get("/api/v1/user", self._answering(self.me))
        app.router.add_post("/api/v3/users/search", self._answering(self.search_users))
        app.router.add_get("/api/v3/users/{id}", self._answering(self.user))
        for relation in _LISTED:
            path = f"/api/v3/users/{{id}}/{relation}"
            app.router.add_post(f"{path}/search", self._answering(self.search_relation))
            app.router.add_get(path, self._answering(self.search_relation))
        app.router.add_post("/api/v3/users/{id}/daily-checkins", self._answering(self.check_in))
        app.router.add_delete("/api/v3/users/{id}/daily-checkins/{item}", self._answering(self.withdraw))

    async def token(self, request: web.Request) -> web.StreamResponse:
        """POST /api/v1/sanctum/token, as a form or as JSON."""
        as_json = request.content_type == "application/json"
        given: dict[str, Any] = await _body(request) if as_json else dict(await request.post())
        missing = [name for name in ("email", "password", "device_name") if not isinstance(given.get(name), str)]
        if missing:
            errors = {name: [f"The {name} field is required."] for name in missing}
            raise _Refused(422, "The given data was invalid.", errors)
        self.passwords += 1
        email = given["email"].casefold()
        for student in self.programme.students:
            if (student.email, student.password) == (email, given["password"]):
                token = f"{next(self.numbers)}|{secrets.token_urlsafe(30)}"
                student.tokens.add(token)
                return self._token_answer(token)
        wrong = "The provided credentials are incorrect."
        raise _Refused(422, wrong, {"email": [wrong]})

    def _token_answer(self, token: str) -> web.Response:
        if self.token_format == "text":
            return web.Response(text=token, content_type="text/html")
        return web.json_response(token if self.token_format == "string" else {"token": token})

    async def logout(self, request: web.Request) -> web.StreamResponse:
        """POST /api/v1/sanctum/logout: revoke the token of the request."""
        self._caller(request).tokens.discard(_bearer(request))
        return web.Response(status=204)

    async def me(self, request: web.Request) -> web.StreamResponse:
        """GET /api/v1/user."""
        student = self._caller(request)
        return web.json_response({"id": student.key, "name": student.name, "email": student.email})

    async def search_users(self, request: web.Request) -> web.StreamResponse:
        """POST /api/v3/users/search: a student finds only themselves."""
        caller = self._caller(request)
        wanted = await _body(request)
        extras = wanted.pop("with", [])
        rows = [{"id": one.key, "name": one.name, "email": one.email} for one in self.programme.students]
        found = [row for row in self._matching(rows, "users", wanted) if row["id"] == caller.key]
        return web.json_response([self._user_answer(caller, extras) for _ in found])

    async def user(self, request: web.Request) -> web.StreamResponse:
        """GET /api/v3/users/{id}, with `with[]` in the query or `with` in the body."""
        student = self._own(request)
        extras = request.query.getall("with[]", []) or (await _body(request)).get("with", [])
        return web.json_response(self._user_answer(student, extras))

    async def search_relation(self, request: web.Request) -> web.StreamResponse:
        """POST /api/v3/users/{id}/RELATION/search, or GET without the last step."""
        student = self._own(request)
        relation = request.path.removesuffix("/search").rpartition("/")[2]
        rows: dict[str, Sequence[dict[str, Any]]] = {
            "daily-checkins": student.daily,
            "weekly-checkins": student.weekly,
            "projects": student.projects,
            "groups": student.groups,
        }
        found = self._matching(rows[relation], relation, await _body(request))
        return web.json_response(found if self.page is None else self._page(request, found, self.page))

    async def check_in(self, request: web.Request) -> web.StreamResponse:
        """POST /api/v3/users/{id}/daily-checkins."""
        student = self._own(request)
        given = await _body(request)
        fields = {"mood_score", "mood_description", "hours_worked", "comment"}
        mood, hours = given.get("mood_score", 5), given.get("hours_worked")
        texts = (given.get("mood_description", ""), given.get("comment", ""))
        if (
            set(given) - fields
            or not isinstance(hours, int | float)
            or not isinstance(mood, int)
            or not all(isinstance(text, str) for text in texts)
            or not self.programme.can_do_daily(student)
        ):
            raise _Refused(400, "The given data was invalid.")
        return web.json_response(self.programme.check_in(student, given), status=201)

    async def withdraw(self, request: web.Request) -> web.StreamResponse:
        """DELETE /api/v3/users/{id}/daily-checkins/{id}."""
        student = self._own(request)
        found = next((one for one in student.daily if str(one["id"]) == request.match_info["item"]), None)
        if found is None:
            raise _Refused(404, "Not found.")
        student.daily.remove(found)
        return web.Response(status=204)

    def _page(self, request: web.Request, found: list[dict[str, Any]], size: int) -> dict[str, Any]:
        """One page of a list, as Laravel sends it."""
        number = int(request.query.get("page", "1"))
        more = f"{request.url.with_query(page=number + 1)}" if len(found) > number * size else None
        return {"data": found[(number - 1) * size : number * size], "links": {"next": more}}

    def _caller(self, request: web.Request) -> Student:
        token = _bearer(request)
        if not token:
            raise _Refused(401, "Unauthenticated.")
        route = request.match_info.route.resource
        for student in self.programme.students:
            if token in student.tokens and (route is None or route.canonical not in self.closed):
                return student
        raise _Refused(403, "This action is unauthorized.")

    def _own(self, request: web.Request) -> Student:
        caller = self._caller(request)
        if request.match_info["id"] not in {str(one.key) for one in self.programme.students}:
            raise _Refused(404, "Not found.")
        if request.match_info["id"] != str(caller.key):
            raise _Refused(403, "This action is unauthorized.")
        return caller

    def _user_answer(self, student: Student, extras: Any) -> dict[str, Any]:
        if not isinstance(extras, list) or not set(extras) <= set(_EXTRAS):
            raise _Refused(400, "There is no such relation.")
        answer: dict[str, Any] = {"id": student.key, "name": student.name, "email": student.email}
        answer |= {"roles": [], "permissions": ["use studentendashboard"]}
        more: dict[str, Any] = {
            "projects": list(student.projects),
            "groups": list(student.groups),
            "canDoDaily": self.programme.can_do_daily(student),
            "canDoWeekly": self.programme.can_do_weekly(student),
            "hoursWorkedThisWeek": 0,
            "happiness": [],
        }
        return answer | {name: more[name] for name in extras}

    def _matching(self, rows: Sequence[dict[str, Any]], entity: str, wanted: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The rows that match a search, by value or by `like`, `<` and `>`."""
        if unknown := set(wanted) - _COLUMNS[entity]:
            raise _Refused(400, f"Unknown column {min(unknown)}.")
        found = list(rows)
        for column, condition in wanted.items():
            tests = condition if isinstance(condition, dict) else {"=": condition}
            for operator, value in tests.items():
                if column in _MOMENTS and not self.filters_moments:
                    raise _Refused(400, f"The column {column} is not numeric.")
                found = [row for row in found if _holds(row.get(column), operator, value, moment=column in _MOMENTS)]
        return found

    def _answering(self, handler: Handler) -> Handler:
        async def answer(request: web.Request) -> web.StreamResponse:
            try:
                return await handler(request)
            except _Refused as refused:
                if "application/json" not in request.headers.get("Accept", ""):
                    raise web.HTTPFound(self._login_page) from None
                return web.json_response(refused.body, status=refused.status)

        return answer

    def next_format(self) -> str:
        """Send tokens in another format from now on."""
        self.token_format = FORMATS[(FORMATS.index(self.token_format) + 1) % len(FORMATS)]
        return f"Tokens come as {self.token_format} from now on."


def _bearer(request: web.Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme == "Bearer" else ""


async def _body(request: web.Request) -> dict[str, Any]:
    """The JSON object in the body; empty without a body."""
    text = await request.text()
    if text and request.content_type != "application/json":
        raise _Refused(400, "The body is not JSON.")
    try:
        body = json.loads(text or "{}")
    except ValueError:
        raise _Refused(400, "The body is not JSON.") from None
    if isinstance(body, dict):
        return body
    raise _Refused(400, "The body is no object.")


def _holds(held: Any, operator: str, value: Any, *, moment: bool) -> bool:
    if operator == "=":
        return str(held) == str(value)
    if operator == "like":
        return str(value).casefold() in str(held).casefold()
    if operator not in {"<", ">"}:
        raise _Refused(400, "There is no such operator.")
    try:
        number, limit = (_moment(held), _moment(value)) if moment else (float(held), float(value))
    except (TypeError, ValueError):
        raise _Refused(400, "The value is not numeric.") from None
    return number < limit if operator == "<" else number > limit


def _moment(text: Any) -> float:
    found = datetime.fromisoformat(text)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def make_server(clock: Clock) -> CheckinServer:
    """Create the state of a server."""
    students = (
        Student(47, "Yara Postma", "y.postma@st.example.nl", "tulpenbol-47", tuple(PROJECTS), (GROUP,)),
        Student(48, "Joost Hoekstra", "j.hoekstra@st.example.nl", "fietsbel-48", PROJECTS[:1], (GROUP,)),
        Student(49, "Femke Wiersma", "f.wiersma@st.example.nl", "regenjas-49"),
    )
    return CheckinServer(Programme(clock, students))


def stand_in(clock: Clock) -> StandIn:
    """HBO-ICT with a student who is up to date and two who have check-ins to do."""
    return stand_in_of(make_server(clock))


def stand_in_of(standin: CheckinServer) -> StandIn:
    """The stand-in with the state `standin`."""
    abouts = ("up to date", "with two check-ins due", "with two check-ins due and no projects")
    users = ("yara", "joost", "femke")
    return StandIn(
        source="checkin",
        settings={"title": "Check-in HBO-ICT"},
        routes=standin.register,
        people=tuple(
            SamplePerson(
                user,
                user.title(),
                student.email,
                student.password,
                kinds=(Kind.CHECKIN,),
                about=f"student HBO-ICT, {about}",
            )
            for user, about, student in zip(users, abouts, standin.programme.students, strict=True)
        ),
        controls={
            "do-daily": standin.programme.do_daily,
            "do-weekly": standin.programme.do_weekly,
            "withdraw-tokens": standin.programme.withdraw_tokens,
            "next-token-format": standin.next_format,
        },
        shown_to={"do-daily": "joost", "do-weekly": "joost"},
        private_words=PRIVATE_WORDS,
    )
