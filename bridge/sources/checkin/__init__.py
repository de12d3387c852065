"""Check-in: the daily and weekly check-ins of students, as the HBO-ICT programme of Hanze keeps them."""

from typing import TYPE_CHECKING

from pydantic import Field

from bridge.model import Part
from bridge.oauth import Clock
from bridge.settings import SourceSettings
from bridge.source import SourceType, Surroundings
from bridge.sources.checkin.client import CheckinClient
from bridge.sources.checkin.source import Checkin
from bridge.values import HttpAddress

if TYPE_CHECKING:
    from bridge.standin import StandIn


class CheckinSettings(SourceSettings):
    """The settings of one Check-in."""

    api_url: HttpAddress = Field(description="where Check-in is; `/api/v1` and `/api/v3` are appended")


def _create(settings: CheckinSettings, surroundings: Surroundings) -> Checkin:
    client = CheckinClient(surroundings.http(settings), settings.api_url)
    return Checkin(settings, client, surroundings.clock)


def _stand_in(clock: Clock) -> "StandIn":
    from bridge.sources.checkin.fake import stand_in  # noqa: PLC0415 - not needed in service

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
