"""SOMtoday: timetables, absences and holidays of pupils in the Netherlands, as they or their parents see them."""

from typing import TYPE_CHECKING, Literal

from pydantic import Field
from yarl import URL

from bridge.model import Part
from bridge.oauth import Clock, RefreshTokenGrant
from bridge.settings import HttpAddress, SourceSettings
from bridge.source import SourceType, Surroundings
from bridge.sources.somtoday.client import CLIENT_ID, SomtodayClient
from bridge.sources.somtoday.source import Somtoday

if TYPE_CHECKING:
    from bridge.standin import StandIn


class SomtodaySettings(SourceSettings):
    """A school that uses SOMtoday."""

    type: Literal["somtoday"] = Field(description="`somtoday`")
    api_url: HttpAddress = Field(
        "https://api.somtoday.nl", description="where the API is; without it, a token answer may name another"
    )
    auth_url: HttpAddress = Field("https://inloggen.somtoday.nl", description="where logins and tokens are")


def _create(settings: SomtodaySettings, surroundings: Surroundings) -> Somtoday:
    http = surroundings.http(settings)
    grant = RefreshTokenGrant(http, URL(settings.auth_url) / "oauth2/token", CLIENT_ID, surroundings.clock)
    client = SomtodayClient(
        http,
        grant,
        api_url=settings.api_url,
        follow_token="api_url" not in settings.model_fields_set,
    )
    return Somtoday(settings, client)


def _stand_in(clock: Clock) -> "StandIn":
    from bridge.sources.somtoday.fake import stand_in  # noqa: PLC0415 - not needed in service

    return stand_in(clock)


SOURCE = SourceType(
    name="somtoday",
    summary="Timetables, absences and holidays of pupils at Dutch secondary schools.",
    settings=SomtodaySettings,
    create=_create,
    parts=(Part.SCHEDULE, Part.ABSENCES, Part.HOLIDAYS),
    stand_in=_stand_in,
    identity_help="pupil number, or id, where a login has several pupils",
    secret_help="refresh token",  # noqa: S106 - says what the secret is
)
