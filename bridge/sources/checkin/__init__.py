"""Check-in: the daily and weekly check-ins of students, as the HBO-ICT programme of Hanze keeps them."""

from pydantic import Field

from bridge.model.clock import Clock
from bridge.model.event import Part
from bridge.settings.schema import SourceSettings
from bridge.settings.values import HttpAddress
from bridge.sources.checkin.client import CheckinClient
from bridge.sources.checkin.source import Checkin
from bridge.upstream.contract import SourceType, Surroundings
from bridge.upstream.standin import StandIn


class CheckinSettings(SourceSettings):
    """The settings of one Check-in."""

    api_url: HttpAddress = Field(description="where Check-in is; `/api/v1` and `/api/v3` are appended")


def _create(settings: CheckinSettings, surroundings: Surroundings) -> Checkin:
    client = CheckinClient(surroundings.http(settings), settings.api_url)
    return Checkin(settings, client, surroundings.clock)


def _stand_in(clock: Clock) -> StandIn:
    from bridge.sources.checkin.standin.server import stand_in  # noqa: PLC0415 - not needed in service

    return stand_in(clock)


SOURCE = SourceType(
    name="checkin",
    summary="Daily and weekly check-ins of students: what they did, and what is due.",
    settings=CheckinSettings,
    create=_create,
    parts=(Part.CHECKINS,),
    stand_in=_stand_in,
    identity_help="e-mail address",
    secret_help="password; it is exchanged for a token and not kept",  # noqa: S106 - says what the secret is
)
