"""Logins at the stand-in for SOMtoday: the authorize page, codes, tokens that rotate, and revocation."""

import hashlib
import html
import json
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from bridge.model.clock import Clock
from bridge.sources.somtoday.client import CLIENT_ID
from bridge.sources.somtoday.standin.school import SamplePupil

REDIRECT = "somtoday://nl.topicus.somtoday.leerling/oauth/callback"
_CODES_LAST = timedelta(minutes=1)
_AUTHORIZE = {
    "client_id": CLIENT_ID,
    "redirect_uri": REDIRECT,
    "response_type": "code",
    "scope": "openid",
    "session": "no_session",
    "code_challenge_method": "S256",
}


@dataclass(eq=False)
class Login:
    """One token family: the pupils that it opens, the refresh token that is good now, and what was good before."""

    pupils: tuple[SamplePupil, ...]
    refresh_token: str
    spent: set[str] = field(default_factory=set)
    dead: bool = False


@dataclass(frozen=True, slots=True)
class Code:
    """What the authorize page gave: good once, for whoever knows the verifier of `challenge`."""

    login: Login
    challenge: str
    until: datetime


@dataclass
class LoginServer:
    """The tokens that the server gave and takes.

    `replays` counts refresh tokens that came back after they were spent; `lifetime` is that of access tokens.
    """

    clock: Clock
    logins: list[Login]
    lifetime: timedelta = timedelta(hours=1)
    replays: int = 0
    grants: int = 0
    address: str = ""
    access_tokens: dict[str, tuple[Login, datetime]] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)

    def register_logins(self, app: web.Application) -> None:
        """Put what a login needs on `app`."""
        app.router.add_get("/oauth2/authorize", self.authorize)
        app.router.add_post("/oauth2/authorize", self.choose)
        app.router.add_post("/oauth2/token", self.token)
        app.router.add_post("/oauth2/revoke", self.revoke)

    async def authorize(self, request: web.Request) -> web.Response:
        """GET /oauth2/authorize: a page with a button for each login."""
        self._expect_the_app(request)
        buttons = "\n".join(
            f'<p><button name="login" value="{number}">{html.escape(_names(login))}</button></p>'
            for number, login in enumerate(self.logins)
        )
        page = f"<!doctype html><title>Inloggen</title><h1>Wie ben je?</h1><form method=post>{buttons}</form>"
        return web.Response(text=page, content_type="text/html")

    async def choose(self, request: web.Request) -> web.Response:
        """POST of that page: a new token family, and the way back to the app with a code for it."""
        self._expect_the_app(request)
        number = str((await request.post()).get("login", ""))
        if not number.isdecimal() or int(number) >= len(self.logins):
            raise web.HTTPBadRequest
        login = Login(self.logins[int(number)].pupils, secrets.token_urlsafe(24))
        self.logins.append(login)
        code = secrets.token_urlsafe(24)
        self.codes[code] = Code(login, request.query["code_challenge"], self.clock() + _CODES_LAST)
        words = urlencode({"code": code, "state": request.query["state"], "iss": "https://somtoday.nl"})
        return web.Response(status=302, headers={"Location": f"{REDIRECT}?{words}"})

    def _expect_the_app(self, request: web.Request) -> None:
        wrong = [name for name, value in _AUTHORIZE.items() if request.query.get(name) != value]
        if wrong or not request.query.get("state") or not request.query.get("code_challenge"):
            raise web.HTTPBadRequest(text=f"wrong or missing: {', '.join(wrong) or 'state, code_challenge'}")

    async def token(self, request: web.Request) -> web.Response:
        """POST /oauth2/token, for a code or a refresh token."""
        form = await request.post()
        if form.get("client_id") != CLIENT_ID:
            return _refusal("invalid_client", "Client unknown")
        if form.get("grant_type") == "authorization_code":
            return self._for_code({name: str(value) for name, value in form.items()})
        if form.get("grant_type") != "refresh_token":
            return _refusal("unsupported_grant_type", "Not supported")
        given = str(form.get("refresh_token", ""))
        for login in self.logins:
            if given in login.spent:
                self.replays += 1
                login.dead = True
            if given in login.spent or (given == login.refresh_token and login.dead):
                return _refusal("invalid_grant", "Token revoked")
            if given == login.refresh_token:
                return web.json_response(self._grant(login))
        return _refusal("invalid_grant", "Unknown refresh token")

    def _for_code(self, form: dict[str, str]) -> web.Response:
        code = self.codes.pop(form.get("code", ""), None)
        if code is None or code.until <= self.clock():
            return _refusal("invalid_grant", "Code unknown, spent or expired")
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if urlsafe_b64encode(digest).decode().rstrip("=") != code.challenge or form.get("redirect_uri") != REDIRECT:
            return _refusal("invalid_grant", "Not from whom the code was asked for")
        return web.json_response(self._grant(code.login))

    def _grant(self, login: Login) -> dict[str, Any]:
        self.grants += 1
        login.spent.add(login.refresh_token)
        login.refresh_token = secrets.token_urlsafe(24)
        access_token = secrets.token_urlsafe(24)
        self.access_tokens[access_token] = (login, self.clock() + self.lifetime)
        return {
            "access_token": access_token,
            "refresh_token": login.refresh_token,
            "somtoday_api_url": self.address,
            "scope": "openid",
            "somtoday_tenant": "fortes",
            "id_token": secrets.token_urlsafe(24),
            "token_type": "Bearer",
            "expires_in": int(self.lifetime.total_seconds()),
        }

    async def revoke(self, request: web.Request) -> web.Response:
        """POST /oauth2/revoke (RFC 7009): the family of a refresh token ends; a token that is none is no error."""
        form = await request.post()
        if form.get("client_id") != CLIENT_ID:
            return web.json_response({"error": "invalid_client"}, status=401)
        for login in self.logins:
            if form.get("token") == login.refresh_token:
                login.dead = True
        return web.Response()

    def login_of(self, request: web.Request) -> Login:
        """Whose request it is; raises what the real one would answer to a wrong one."""
        if not request.headers.get("User-Agent"):
            raise web.HTTPForbidden
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        login, until = self.access_tokens.get(token, (None, self.clock()))
        if scheme != "Bearer" or login is None or until <= self.clock() or login.dead:
            raise web.HTTPUnauthorized(text=json.dumps({"error": "invalid_token"}), content_type="application/json")
        if "json" not in request.headers.get("Accept", ""):
            raise _Answered(web.Response(text='<?xml version="1.0"?><items/>', content_type="application/xml"))
        return login


class _Answered(web.HTTPOk):
    """Leaves a handler with an answer that is no error."""

    def __init__(self, answer: web.Response) -> None:
        super().__init__(text=answer.text, content_type=answer.content_type)


def _names(login: Login) -> str:
    return " en ".join(pupil.first_name for pupil in login.pupils)


def _refusal(error: str, description: str) -> web.Response:
    return web.json_response({"error": error, "error_description": description}, status=400)
