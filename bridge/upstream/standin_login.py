"""Logins at a stand-in (RFC 6749, 7636, 7009): authorize page, codes, rotating tokens and revocation."""

import hashlib
import html
import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from bridge.model.clock import Clock
from bridge.upstream.oauth import client_authorization

_CODES_LAST = timedelta(minutes=1)
_NO_ICON = "<link rel=icon href=data:,>"


class Named(Protocol):
    """A person of a login."""

    @property
    def first_name(self) -> str:
        """Their name on the login page."""


_PERSON = TypeVar("_PERSON", bound=Named)


@dataclass(frozen=True, slots=True)
class KnownApp:
    """The app that may log people in. `words` are further parameters that its authorize address must have.

    Of a redirect to the web only the path counts: a stand-in does not know where the service is.
    """

    client_id: str
    redirect_uri: str
    issuer: str
    words: Mapping[str, str]
    client_secret: str = ""

    def redirects_to(self, address: str) -> bool:
        """Whether `address` is registered."""
        found, known = urlsplit(address), urlsplit(self.redirect_uri)
        web = {found.scheme, known.scheme} <= {"http", "https"}
        return address == self.redirect_uri or (web and found[2:] == known[2:])


@dataclass(eq=False)
class Login(Generic[_PERSON]):
    """A login with its people, its valid refresh token and its earlier ones."""

    people: tuple[_PERSON, ...]
    refresh_token: str
    spent: set[str] = field(default_factory=set)
    dead: bool = False


@dataclass(frozen=True, slots=True)
class Code(Generic[_PERSON]):
    """A code from the authorize page. It works once, with the verifier of `challenge`."""

    login: Login[_PERSON]
    challenge: str
    redirect_uri: str
    until: datetime


@dataclass
class LoginServer(Generic[_PERSON]):
    """A server of logins and tokens. A refresh token that is used twice ends its login, unless it is `forgiving`.

    `replays` counts refresh tokens that were used twice. `lifetime` is that of access tokens.
    """

    clock: Clock
    logins: list[Login[_PERSON]]
    app: KnownApp = field(kw_only=True)
    lifetime: timedelta = timedelta(hours=1)
    forgiving: bool = False
    replays: int = 0
    grants: int = 0
    address: str = ""
    access_tokens: dict[str, tuple[Login[_PERSON], datetime]] = field(default_factory=dict)
    codes: dict[str, Code[_PERSON]] = field(default_factory=dict)

    def register_logins(self, server: web.Application) -> None:
        """Register the routes of logins on `server`."""
        server.router.add_get("/oauth2/authorize", self.authorize)
        server.router.add_post("/oauth2/authorize", self.choose)
        server.router.add_post("/oauth2/token", self.token)
        server.router.add_post("/oauth2/revoke", self.revoke)

    async def authorize(self, request: web.Request) -> web.Response:
        """GET /oauth2/authorize: a page with a button for each login."""
        self._expect_the_app(request)
        buttons = "\n".join(
            f'<p><button name="login" value="{number}">{html.escape(_names(login))}</button></p>'
            for number, login in enumerate(self.logins)
        )
        page = f"<!doctype html><title>Log in</title>{_NO_ICON}<h1>Who are you?</h1><form method=post>{buttons}</form>"
        return web.Response(text=page, content_type="text/html")

    async def choose(self, request: web.Request) -> web.Response:
        """POST of that page: a new login, and a redirect to the app with a code for it."""
        self._expect_the_app(request)
        number = str((await request.post()).get("login", ""))
        if not number.isdecimal() or int(number) >= len(self.logins):
            raise web.HTTPBadRequest
        login = Login(self.logins[int(number)].people, secrets.token_urlsafe(24))
        self.logins.append(login)
        code = secrets.token_urlsafe(24)
        redirect = request.query["redirect_uri"]
        self.codes[code] = Code(login, request.query["code_challenge"], redirect, self.clock() + _CODES_LAST)
        words = urlencode({"code": code, "state": request.query["state"], "iss": self.app.issuer})
        return web.Response(status=302, headers={"Location": f"{redirect}?{words}"})

    def _expect_the_app(self, request: web.Request) -> None:
        expected = {
            "client_id": self.app.client_id,
            "response_type": "code",
            "code_challenge_method": "S256",
            **self.app.words,
        }
        wrong = [name for name, value in expected.items() if request.query.get(name) != value]
        wrong += [] if self.app.redirects_to(request.query.get("redirect_uri", "")) else ["redirect_uri"]
        if wrong or not request.query.get("state") or not request.query.get("code_challenge"):
            raise web.HTTPBadRequest(text=f"wrong or missing: {', '.join(wrong) or 'state, code_challenge'}")

    async def token(self, request: web.Request) -> web.Response:
        """POST /oauth2/token, for a code or a refresh token."""
        form = await request.post()
        expected = client_authorization(self.app.client_id, self.app.client_secret).get("Authorization")
        if form.get("client_id") != self.app.client_id or request.headers.get("Authorization") != expected:
            return _refusal("invalid_client", "Client unknown")
        if form.get("grant_type") == "authorization_code":
            return self._for_code({name: str(value) for name, value in form.items()})
        if form.get("grant_type") != "refresh_token":
            return _refusal("unsupported_grant_type", "Not supported")
        given = str(form.get("refresh_token", ""))
        for login in self.logins:
            if given in login.spent:
                self.replays += 1
                login.dead |= not self.forgiving
            if given in {login.refresh_token, *login.spent}:
                if login.dead:
                    return _refusal("invalid_grant", "Token revoked")
                return web.json_response(self._grant(login))
        return _refusal("invalid_grant", "Unknown refresh token")

    def _for_code(self, form: dict[str, str]) -> web.Response:
        code = self.codes.pop(form.get("code", ""), None)
        if code is None or code.until <= self.clock():
            return _refusal("invalid_grant", "Code unknown, spent or expired")
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = urlsafe_b64encode(digest).decode().rstrip("=")
        if challenge != code.challenge or form.get("redirect_uri") != code.redirect_uri:
            return _refusal("invalid_grant", "Not from whom the code was asked for")
        return web.json_response(self._grant(code.login))

    def _grant(self, login: Login[_PERSON]) -> dict[str, Any]:
        self.grants += 1
        login.spent.add(login.refresh_token)
        login.refresh_token = secrets.token_urlsafe(24)
        access_token = secrets.token_urlsafe(24)
        self.access_tokens[access_token] = (login, self.clock() + self.lifetime)
        return {
            "access_token": access_token,
            "refresh_token": login.refresh_token,
            "token_type": "Bearer",
            "expires_in": int(self.lifetime.total_seconds()),
            **self.token_extras(),
        }

    def token_extras(self) -> Mapping[str, str]:
        """Further strings of a token answer."""
        return {}

    async def revoke(self, request: web.Request) -> web.Response:
        """POST /oauth2/revoke (RFC 7009): end the login of a refresh token. An unknown token is no error."""
        form = await request.post()
        if form.get("client_id") != self.app.client_id:
            return web.json_response({"error": "invalid_client"}, status=401)
        for login in self.logins:
            if form.get("token") == login.refresh_token:
                login.dead = True
        return web.Response()

    def login_of(self, request: web.Request) -> Login[_PERSON]:
        """The login of a request. Raises 401 without a valid access token."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        login, until = self.access_tokens.get(token, (None, self.clock()))
        if scheme != "Bearer" or login is None or until <= self.clock() or login.dead:
            raise web.HTTPUnauthorized(text=json.dumps({"error": "invalid_token"}), content_type="application/json")
        return login


def _names(login: Login[_PERSON]) -> str:
    return " & ".join(person.first_name for person in login.people)


def _refusal(error: str, description: str) -> web.Response:
    return web.json_response({"error": error, "error_description": description}, status=400)
