"""MyTimetable: timetables of students and staff at universities, and of rooms, courses and groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.model.clock import Clock
from bridge.model.event import Part
from bridge.sources.mytimetable.options import MyTimetableOptions
from bridge.sources.mytimetable.settings import MyTimetableSettings
from bridge.upstream.source_type import SourceType

if TYPE_CHECKING:
    from bridge.upstream.contract import Source
    from bridge.upstream.standin import StandIn
    from bridge.upstream.surroundings import Surroundings

_WEEK_NAMES = ("GET /api/v0/weeklabelmaps", "GET /api/v0/weeklabelmaps/{key}")


def _create(settings: MyTimetableSettings, surroundings: Surroundings) -> Source:
    from bridge.sources.mytimetable.client import MyTimetableClient
    from bridge.sources.mytimetable.login import MyTimetableWithLogin, OwnToken, login_of, tokens_of
    from bridge.sources.mytimetable.source import MyTimetable

    http, clock = surroundings.http(settings), surroundings.clock
    client, shared = MyTimetableClient(http, settings), surroundings.shared(settings)
    if settings.authorize_url is None:
        return MyTimetable(settings, client, shared, clock, OwnToken(http.origin))
    tokens, login = tokens_of(settings, http, surroundings), login_of(settings, http, surroundings)
    return MyTimetableWithLogin(settings, client, shared, clock, tokens, login)


def _stand_in(clock: Clock) -> StandIn:
    from bridge.sources.mytimetable.standin.server import stand_in

    return stand_in(clock)


SOURCE = SourceType(
    name="mytimetable",
    title="MyTimetable",
    summary="Timetables of students and staff at universities in the Netherlands and beyond.",
    settings=MyTimetableSettings,
    create=_create,
    parts=(Part.SCHEDULE, Part.NOTICES),
    further={
        Part.SCHEDULE: ("GET /api/v0/subscriptions", "GET /api/v0/eventtypegroups", *_WEEK_NAMES),
        Part.NOTICES: ("GET /api/v0/terms",),
    },
    stand_in=_stand_in,
    identity_help="user name, for the personal timetable",
    secret_help="the person's own OAuth access token; without it and a login, the settings' api_token is used",  # noqa: S106 - says what the secret is
    options=MyTimetableOptions,
    claimable=lambda settings: settings.any_user_name,
)
