"""A stand-in for MyTimetable that refuses what its documentation does not allow."""

from collections.abc import Callable
from secrets import token_urlsafe
from typing import Any

from aiohttp import web

from bridge.model.clock import Clock
from bridge.model.event import Kind
from bridge.sources.mytimetable.standin.catalogue import Catalogue
from bridge.sources.mytimetable.standin.curriculum import COURSES, RESOURCES, TYPES, key_of
from bridge.sources.mytimetable.standin.logins import APP, CLIENT_SECRET, Logins, Member
from bridge.sources.mytimetable.standin.profile import Profile
from bridge.sources.mytimetable.standin.protocol import ApiError, Gate, Span, answering, require_known
from bridge.sources.mytimetable.standin.university import OWN, STAFF, STUDENT, University
from bridge.upstream.standin import SamplePerson, StandIn
from bridge.upstream.standin_login import Login

API_TOKEN = "standin-elevated-api-token"
PLAIN_TOKEN = "standin-plain-api-token"
OWN_TOKEN = "standin-oauth-token-of-thijs"


class _Timetables:
    def __init__(self, at: University, gate: Gate) -> None:
        self._at = at
        self._gate = gate

    async def personal(self, request: web.Request) -> Any:
        user = self._gate.person(request)
        require_known(
            request, Span.KNOWN | {"type"} | (set() if self._at.before_3_1 else {"excludeResourceTimetables"})
        )
        span = Span(request, self._at)
        types = set(request.query.getall("type", list(TYPES)))
        if not types <= set(TYPES):
            raise ApiError(400, "invalid_type", "There is no such type.")
        if request.query.get("excludeResourceTimetables") == "true":
            types -= set(RESOURCES)
        followed = set(self._at.followed(user))
        return [
            event | {"timetableKeys": [key for key in event["timetableKeys"] if key in followed]}
            for event in self._at.between(self._at.followed(user, types), span.start, span.end, span.limit)
            if self._at.chosen(user, event)
        ]

    async def single(self, request: web.Request) -> Any:
        if "requestedAuth" in request.headers:
            raise ApiError(400, "impersonation_not_supported", "A timetable belongs to nobody.")
        self._gate.caller(request)
        if set(request.rel_url.raw_name) & set("! "):
            raise ApiError(400, "invalid_key", "The key has not been escaped.")
        require_known(request, Span.KNOWN | {"fetchBy", "type"})
        key = self._key(request)
        span = Span(request, self._at)
        return self._at.between([key], span.start, span.end, span.limit)

    def _key(self, request: web.Request) -> str:
        """The key of the requested timetable, which may be named by its type and host key."""
        key, fetch_by, kind = request.match_info["key"], request.query.get("fetchBy"), request.query.get("type")
        known = self._at.timetables_of(str(self._at.year))
        if (fetch_by is None) is not (kind is None) or fetch_by not in {None, "hostKey"}:
            raise ApiError(400, "invalid_fetch_by", "A timetable is fetched by its key, or by its host key and type.")
        if kind is not None:
            key = next((one for one, (_, host) in known.items() if host == key and one.split("!")[1] == kind), "")
        if key not in known:
            raise ApiError(404, "timetable_not_found", "The requested timetable was not found.")
        return key


def _routes(at: University, logins: Logins) -> Callable[[web.Application, str], None]:
    gate = Gate(at, logins, elevated=API_TOKEN, plain=PLAIN_TOKEN)
    timetables, catalogue, profile = _Timetables(at, gate), Catalogue(at, gate), Profile(at, gate)
    calls = {
        "timetabletypes": catalogue.types,
        "timetabletypesdetails": catalogue.type_details,
        "timetablefilters": catalogue.filters,
        "timetables": catalogue.timetables,
        "timetables/{key}": timetables.single,
        "timetables/{key}/options": profile.options,
        "timetables/{parent}/{key}/options": profile.options,
        "timetable": timetables.personal,
        "databases": catalogue.databases,
        "databasedetails": catalogue.database_details,
        "weeklabelmaps": catalogue.week_maps,
        "weeklabelmaps/{key}": catalogue.weeks,
        "terms": catalogue.terms,
        "subscriptions": profile.subscriptions,
        "eventtypegroups": profile.event_type_groups,
        "user": profile.user,
        "user/messages": profile.messages,
    }

    below = "subscriptions/{parent}/{key}"
    changes = (
        ("POST", "subscriptions/{key}", profile.subscribe),
        ("DELETE", "subscriptions/{key}", profile.unsubscribe),
        ("PUT", "subscriptions/{key}", profile.switch),
        ("PUT", "subscriptions/{key}/options", profile.set_options),
        ("DELETE", "subscriptions/{key}/options", profile.clear_options),
        ("PUT", below, profile.switch),
        ("PUT", f"{below}/options", profile.set_options),
        ("DELETE", f"{below}/options", profile.clear_options),
    )

    def routes(app: web.Application, address: str) -> None:
        logins.address = address
        logins.register_logins(app)
        for path, handler in calls.items():
            app.router.add_get(f"/api/v0/{path}", answering(handler))
        for method, path, change in changes:
            app.router.add_route(method, f"/api/v0/{path}", answering(change))

    return routes


def stand_in(clock: Clock) -> StandIn:
    """A university with a student, a teacher, a student with an own token, and a room."""
    at = University(clock, {OWN_TOKEN: OWN})
    members = Member(STUDENT, "Noor"), Member(STAFF, "Els"), Member(OWN, "Thijs")
    logins = Logins(clock, [Login((member,), token_urlsafe()) for member in members], app=APP)

    def end_logins() -> str:
        """End all logins."""
        for login in logins.logins:
            login.dead = True
        return "All logins with OAuth 2 have been ended."

    module = key_of(at.year, "module", COURSES[2].code)
    return StandIn(
        source="mytimetable",
        people=(
            SamplePerson("noor", "Noor", identity=STUDENT, kinds=(Kind.NOTICE,), about="student"),
            SamplePerson("vandijk", "Els van Dijk", identity=STAFF, about="teacher"),
            SamplePerson("thijs", "Thijs", identity=OWN, secret=OWN_TOKEN, about="student with an access token"),
            SamplePerson(
                "zaal", "Vak en zaal", options={"timetables": f"{module},{at.room_key}"}, about="a course and a room"
            ),
        ),
        # the controls take effect at once: no answer is shared
        settings={
            "title": "Universiteit",
            "api_token": API_TOKEN,
            "share_for": "0s",
            "client_id": APP.client_id,
            "client_secret": CLIENT_SECRET,
            "scope": APP.words["scope"],
        },
        optional={"week_labels": True, "terms": True},
        addresses=("api_url", "authorize_url", "token_url"),
        paths={"authorize_url": "/oauth2/authorize", "token_url": "/oauth2/token"},
        routes=_routes(at, logins),
        controls={
            "cancel-lesson": at.cancel_lesson,
            "move-lesson": at.move_lesson,
            "post-message": at.post_message,
            "disable-subscription": at.disable_subscription,
            "filter-type": at.filter_type,
            "filter-lesson": at.filter_lesson,
            "choose-option": at.choose_option,
            "old-version": at.grow_old,
            "withdraw-token": at.withdraw_token,
            "end-logins": end_logins,
        },
        shown_to=dict.fromkeys(
            [
                *("cancel-lesson", "move-lesson", "post-message", "filter-lesson"),
                *("choose-option", "disable-subscription", "filter-type"),
            ],
            "noor",
        ),
    )
