"""MyTimetable: timetables of students and staff at universities, and of rooms, courses and groups."""

from typing import cast

from bridge.model.clock import Clock
from bridge.settings.schema import SourceSettings
from bridge.sources.mytimetable.client import MyTimetableClient
from bridge.sources.mytimetable.settings import MyTimetableSettings
from bridge.sources.mytimetable.source import OPTIONS, PARTS, MyTimetable
from bridge.upstream.contract import Source, SourceType, Surroundings
from bridge.upstream.standin import StandIn


def _create(settings: SourceSettings, surroundings: Surroundings) -> Source:
    own = cast("MyTimetableSettings", settings)
    client = MyTimetableClient(surroundings.http(own), own)
    return MyTimetable(own, client, surroundings.shared(own), surroundings.clock)


def _stand_in(clock: Clock) -> StandIn:
    from bridge.sources.mytimetable.standin.server import stand_in  # noqa: PLC0415 - only for the demo and for tests

    return stand_in(clock)


SOURCE = SourceType(
    name="mytimetable",
    summary="Timetables of students and staff at universities in the Netherlands and beyond.",
    settings=MyTimetableSettings,
    create=_create,
    parts=PARTS,
    stand_in=_stand_in,
    identity_help="user name, for the personal timetable",
    secret_help="the person's own OAuth access token; without one the api_token of the settings is used",  # noqa: S106 - says what the secret is
    options=OPTIONS,
)
