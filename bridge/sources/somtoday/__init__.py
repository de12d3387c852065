"""SOMtoday: timetables, homework and absences of pupils in the Netherlands, as pupils and parents see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.model.clock import Clock
from bridge.model.event import Part
from bridge.sources.somtoday.settings import RESTRICTED, SomtodaySettings
from bridge.upstream.source_type import SourceType

if TYPE_CHECKING:
    from bridge.upstream.contract import Source
    from bridge.upstream.standin import StandIn
    from bridge.upstream.surroundings import Surroundings

_REDIRECT = "somtoday://nl.topicus.somtoday.leerling/oauth/callback"
_RESTRICTIONS = "GET /rest/v1/account/me"
_HOMEWORK = "GET /rest/v1/studiewijzeritemafspraaktoekenningen"
_STEPS = (
    "Open this address in a browser, choose the school and log in as in the SOMtoday app.",
    "The browser cannot open what follows, an address that begins with somtoday://; copy all of it and paste it here.",
)


def _create(settings: SomtodaySettings, surroundings: Surroundings) -> Source:
    from yarl import URL

    from bridge.sources.somtoday.client import CLIENT_ID, SomtodayClient
    from bridge.sources.somtoday.source import Somtoday
    from bridge.upstream.browser_login import App, CodeLogin
    from bridge.upstream.oauth import RefreshTokenGrant

    http = surroundings.http(settings)
    grant = RefreshTokenGrant(http, URL(settings.auth_url) / "oauth2/token", CLIENT_ID, surroundings.clock)
    client = SomtodayClient(
        http,
        grant,
        api_url=settings.api_url,
        follow_token="api_url" not in settings.model_fields_set,
    )
    login = CodeLogin(
        http,
        App(
            client_id=CLIENT_ID,
            redirect_uri=_REDIRECT,
            scope="openid",
            authorize_url=f"{settings.auth_url}/oauth2/authorize",
            token_url=f"{settings.auth_url}/oauth2/token",
            revoke_url=f"{settings.auth_url}/oauth2/revoke",
            extra=(("session", "no_session"),),
        ),
        surroundings.clock,
        steps=_STEPS,
    )
    return Somtoday(settings, client, login, surroundings.clock)


def _stand_in(clock: Clock) -> StandIn:
    from bridge.sources.somtoday.standin.server import stand_in

    return stand_in(clock)


SOURCE = SourceType(
    name="somtoday",
    title="SOMtoday",
    summary="Timetables, homework, absences and holidays of pupils at Dutch secondary schools.",
    settings=SomtodaySettings,
    create=_create,
    parts=(Part.SCHEDULE, Part.ABSENCES, Part.HOLIDAYS, Part.HOMEWORK, Part.NOTICES),
    further=dict.fromkeys(RESTRICTED, (_RESTRICTIONS,)) | {Part.SCHEDULE: (_RESTRICTIONS, _HOMEWORK)},
    stand_in=_stand_in,
    identity_help="pupil number or id, if a login has several pupils",
    secret_help="refresh token",  # noqa: S106 - says what the secret is
    login_steps=_STEPS,
)
