"""The logins of the stand-in, as strict as SOMtoday's."""

import secrets
from collections.abc import Mapping

from aiohttp import web

from bridge.sources.somtoday.client import CLIENT_ID
from bridge.sources.somtoday.standin.school import SamplePupil
from bridge.upstream.standin_login import KnownApp, Login, LoginServer

APP = KnownApp(
    client_id=CLIENT_ID,
    redirect_uri="somtoday://nl.topicus.somtoday.leerling/oauth/callback",
    issuer="https://somtoday.nl",
    words={"scope": "openid", "session": "no_session"},
)


class SomtodayLogins(LoginServer[SamplePupil]):
    """The logins, and what else every request must have."""

    def token_extras(self) -> Mapping[str, str]:
        """Further strings of a token answer."""
        return {
            "somtoday_api_url": self.address,
            "scope": "openid",
            "somtoday_tenant": "fortes",
            "id_token": secrets.token_urlsafe(24),
        }

    def login_of(self, request: web.Request) -> Login[SamplePupil]:
        """The login of a request. Raises what SOMtoday answers to a wrong one."""
        if not request.headers.get("User-Agent"):
            raise web.HTTPForbidden
        login = super().login_of(request)
        if "json" not in request.headers.get("Accept", ""):
            raise _Answered(web.Response(text='<?xml version="1.0"?><items/>', content_type="application/xml"))
        return login


class _Answered(web.HTTPOk):
    """Ends a handler with an answer that is not an error."""

    def __init__(self, answer: web.Response) -> None:
        super().__init__(text=answer.text, content_type=answer.content_type)
