"""A school's sign-in provider (OpenID Connect Core 1.0), in a process of its own.

It is as strict as real ones are: registered addresses, the client's secret, PKCE, codes that work once and for a
minute. Tests can make it misbehave by what they write to `/control`.
"""

import asyncio
import contextlib
import hashlib
import html
import json
import secrets
from base64 import b64decode, urlsafe_b64encode
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any
from urllib.parse import urlencode, urlsplit

import aiohttp
import pytest
from aiohttp import web
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from tests.conftest import SettableClock
from tests.program import FORKS

CLIENT, SECRET = "roosterbridge", "a secret: with a colon"
PEOPLE: dict[str, dict[str, Any]] = {
    "anna": {"sub": "s-1", "name": "Anna Jansen", "email": "Anna@school.example", "email_verified": True},
    "bram": {"sub": "s-2", "name": "Bram Smit", "email": "bram@school.example", "email_verified": False},
    "ict": {"sub": "s-3", "name": "Ina Beheer", "email": "ict@school.example", "email_verified": True},
}
_CODES_LAST = 60


@dataclass
class Code:
    """A code that a browser was led back with."""

    person: str
    query: dict[str, str]
    made: float


@dataclass
class ProviderServer:
    """The provider. `how` is how it misbehaves, by name of what it does otherwise."""

    address: str
    now: float
    people: dict[str, dict[str, Any]]
    keys: list[RSAKey] = field(default_factory=list)
    codes: dict[str, Code] = field(default_factory=dict)
    access: dict[str, str] = field(default_factory=dict)
    how: dict[str, Any] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)
    signed_out: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rotate()

    def rotate(self) -> None:
        """Sign with another key; the ones before are not published any more."""
        self.keys.append(RSAKey.generate_key(2048, {"kid": f"key-{len(self.keys) + 1}", "use": "sig"}))

    def app(self) -> web.Application:
        made = web.Application(middlewares=[self._watch])
        made.router.add_get("/.well-known/openid-configuration", self.describe)
        made.router.add_get("/authorize", self.ask)
        made.router.add_post("/authorize", self.choose)
        made.router.add_post("/token", self.token)
        made.router.add_get("/userinfo", self.userinfo)
        made.router.add_get("/jwks", self.jwks)
        made.router.add_get("/end", self.end)
        made.router.add_post("/control", self.control)
        return made

    @web.middleware
    async def _watch(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.seen[request.path] += 1
        if request.path == self.how.get("away") or (self.how.get("away") == "all" and request.path != "/control"):
            return web.Response(status=503)
        answer: web.StreamResponse = await handler(request)
        return answer

    async def control(self, request: web.Request) -> web.Response:
        given = await request.json()
        self.now = given.pop("now", self.now)
        for name, claims in given.pop("people", {}).items():
            self.people[name] = self.people.get(name, {}) | claims
        if given.pop("rotate", False):
            self.rotate()
        self.how |= given
        return web.json_response({"seen": self.seen, "signed_out": self.signed_out})

    async def describe(self, _request: web.Request) -> web.Response:
        described = {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "userinfo_endpoint": f"{self.address}/userinfo",
            "jwks_uri": f"{self.address}/jwks",
            "end_session_endpoint": f"{self.address}/end",
            "authorization_response_iss_parameter_supported": True,
            "id_token_signing_alg_values_supported": ["RS256"],
        }
        return web.json_response(described | self.how.get("description", {}))

    def _expect_the_client(self, query: dict[str, str]) -> None:
        back = urlsplit(query.get("redirect_uri", ""))
        right = (
            query.get("client_id") == CLIENT
            and query.get("response_type") == "code"
            and "openid" in query.get("scope", "").split()
            and query.get("code_challenge_method") == "S256"
            and (back.hostname, back.path) == ("127.0.0.1", "/login/callback")
            and all(query.get(name) for name in ("state", "nonce", "code_challenge"))
        )
        if not right:
            raise web.HTTPBadRequest(text="not a request of this client")

    async def ask(self, request: web.Request) -> web.Response:
        self._expect_the_client(dict(request.query))
        buttons = "".join(
            f'<p><button name="person" value="{name}">{html.escape(claims.get("name", name))}</button></p>'
            for name, claims in self.people.items()
        )
        head = "<!doctype html><html lang=en><title>School</title><link rel=icon href=data:,>"
        page = f"{head}<h1>Who are you?</h1><form method=post>{buttons}"
        return web.Response(text=page, content_type="text/html")

    async def choose(self, request: web.Request) -> web.Response:
        query = dict(request.query)
        self._expect_the_client(query)
        person = str((await request.post()).get("person", ""))
        words = {"state": query["state"], "iss": self.how.get("named", self.address)}
        if person not in self.people:
            words["error"] = "access_denied"
        else:
            words["code"] = secrets.token_urlsafe(24)
            self.codes[words["code"]] = Code(person, query, self.now)
        return web.Response(status=302, headers={"Location": f"{query['redirect_uri']}?{urlencode(words)}"})

    async def token(self, request: web.Request) -> web.Response:
        form = await request.post()
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Basic" or b64decode(given).decode() != "roosterbridge:a%20secret%3A%20with%20a%20colon":
            return web.json_response({"error": "invalid_client"}, status=401)
        code = self.codes.pop(str(form.get("code")), None)
        digest = hashlib.sha256(str(form.get("code_verifier")).encode()).digest()
        if (
            code is None
            or self.now > code.made + _CODES_LAST
            or form.get("redirect_uri") != code.query["redirect_uri"]
            or urlsafe_b64encode(digest).decode().rstrip("=") != code.query["code_challenge"]
        ):
            return web.json_response({"error": "invalid_grant"}, status=400)
        access = secrets.token_urlsafe(24)
        self.access[access] = code.person
        id_token = self._id_token(code.person, code.query["nonce"])
        return web.json_response(
            {"access_token": access, "token_type": "Bearer", "expires_in": 300, "id_token": id_token}
        )

    def _id_token(self, person: str, nonce: str) -> str:
        now = int(self.now + self.how.get("clock_ahead", 0))
        claims = {"iss": self.address, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce}
        claims |= self.people[person] if not self.how.get("sparse") else {"sub": self.people[person]["sub"]}
        claims |= self.how.get("claims", {})
        key = self.keys[self.how.get("signs_with", -1)]
        header = {"alg": "RS256", "kid": key.kid} | self.how.get("header", {})
        if header["alg"] == "none":
            parts = (urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in (header, claims))
            return ".".join([*parts, ""])
        return jwt.encode({name: value for name, value in header.items() if value}, claims, key)

    async def userinfo(self, request: web.Request) -> web.Response:
        person = self.access.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if person is None:
            raise web.HTTPUnauthorized
        return web.json_response(self.people[person] | self.how.get("userinfo", {}))

    async def jwks(self, _request: web.Request) -> web.Response:
        return web.json_response(KeySet([self.keys[-1]]).as_dict(private=False))

    async def end(self, request: web.Request) -> web.Response:
        self.signed_out.append(dict(request.query))
        raise web.HTTPFound(request.query["post_logout_redirect_uri"])


@dataclass(frozen=True)
class Provider:
    """The provider of a test, which runs elsewhere."""

    address: str

    @property
    def settings(self) -> dict[str, Any]:
        """The settings with which people sign in there."""
        return {"issuer": self.address, "client_id": CLIENT, "client_secret": SECRET}

    async def control(self, **how: Any) -> dict[str, Any]:
        """Have it do something otherwise; gives what it has seen."""
        async with aiohttp.ClientSession() as client, client.post(f"{self.address}/control", json=how) as answer:
            return dict(await answer.json())


def _serve(told: Connection, now: float) -> None:
    """In the new process: serve until it is killed."""

    async def forever() -> None:
        server = ProviderServer("", now, {name: dict(claims) for name, claims in PEOPLE.items()})
        runner = web.AppRunner(server.app(), access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        server.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        told.send(server.address)
        await asyncio.Event().wait()

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(forever())


@asynccontextmanager
async def serve_provider(now: float) -> AsyncIterator[Provider]:
    """Run a provider whose clock stands at `now`, in seconds since 1970."""
    here, there = FORKS.Pipe()
    process = FORKS.Process(target=_serve, args=(there, now), daemon=True)
    await asyncio.to_thread(process.start)
    try:
        assert await asyncio.to_thread(here.poll, 60)
        yield Provider(here.recv())
    finally:
        process.kill()
        await asyncio.to_thread(process.join)


@pytest.fixture
async def provider(clock: SettableClock) -> AsyncIterator[Provider]:
    """A provider whose clock stands where ours does."""
    async with serve_provider(clock().timestamp()) as served:
        yield served
