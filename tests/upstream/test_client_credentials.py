"""Tokens for our own credentials, from a real server on loopback."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web

from bridge.errors import AuthFailed, BadResponse, RateLimited, SourceError, Unavailable
from bridge.upstream.oauth import ClientCredentialsGrant
from tests.conftest import SettableClock
from tests.upstream.misbehaving import asking, breaking_off, saying, sending_on

SECRET = "hunter2 &=+é"
PATIENCE = 5
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Tokens:
    """Gives tokens with a number, each for `lifetime` seconds; `gate` lets the answers out."""

    def __init__(self) -> None:
        self.lifetime: object = 3600
        self.forms: list[dict[str, Any]] = []
        self.headers: list[Any] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.reached = asyncio.Event()
        self.faults: list[Handler] = []

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        self.forms.append(dict(await request.post()))
        self.headers.append(request.headers)
        number = len(self.forms)
        self.reached.set()
        await self.gate.wait()
        if self.faults:
            return await self.faults.pop(0)(request)
        return web.json_response({"access_token": f"token-{number}", "expires_in": self.lifetime})


@pytest.fixture
def tokens() -> Tokens:
    return Tokens()


@pytest.fixture
async def grant(tokens: Tokens, clock: SettableClock) -> AsyncIterator[ClientCredentialsGrant]:
    async with asking(tokens) as (http, upstream):
        yield ClientCredentialsGrant(
            http, upstream.url / "token", client_id="us", client_secret=SECRET, scope="one two", clock=clock
        )


async def outcomes(*waiting: Awaitable[str]) -> list[Any]:
    async with asyncio.timeout(PATIENCE):
        return await asyncio.gather(*waiting, return_exceptions=True)


async def test_it_asks_as_the_standard_has_it(grant: ClientCredentialsGrant, tokens: Tokens) -> None:
    assert await grant.access_token() == "token-1"
    assert tokens.forms == [
        {"grant_type": "client_credentials", "client_id": "us", "client_secret": SECRET, "scope": "one two"}
    ]
    assert tokens.headers[0]["Accept"] == "application/json"
    assert tokens.headers[0]["Content-Type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("lifetime", "seconds"),
    [(3600, 3300), ("3600", 3300), (3000, 2700), (600, 540), (10, 9), (None, 3300), ("soon", 3300), (10**9, 2591700)],
)
async def test_a_token_is_renewed_a_tenth_of_its_life_or_five_minutes_before_its_end(
    grant: ClientCredentialsGrant, tokens: Tokens, clock: SettableClock, lifetime: object, seconds: int
) -> None:
    tokens.lifetime = lifetime
    assert await grant.access_token() == "token-1"
    clock.forward(seconds=seconds - 1)
    assert await grant.access_token() == "token-1"
    clock.forward(seconds=1)
    assert await grant.access_token() == "token-2"


@pytest.mark.parametrize("lifetime", [0, -5])
async def test_a_token_without_a_life_opens_one_request(
    grant: ClientCredentialsGrant, tokens: Tokens, lifetime: int
) -> None:
    tokens.lifetime = lifetime
    assert [await grant.access_token() for _ in range(2)] == ["token-1", "token-2"]


async def test_many_at_once_ask_for_one_token(grant: ClientCredentialsGrant, tokens: Tokens) -> None:
    assert await outcomes(*(grant.access_token() for _ in range(50))) == ["token-1"] * 50
    assert len(tokens.forms) == 1


async def test_many_at_once_hear_of_one_refusal(grant: ClientCredentialsGrant, tokens: Tokens) -> None:
    tokens.faults = [saying(b"{}", 401)]
    found = await outcomes(*(grant.access_token() for _ in range(50)))
    assert {type(one) for one in found} == {AuthFailed}
    assert len(tokens.forms) == 1
    assert await grant.access_token() == "token-2"


async def test_one_who_no_longer_waits_does_not_take_the_token_from_the_others(
    grant: ClientCredentialsGrant, tokens: Tokens
) -> None:
    tokens.gate.clear()
    waiting = [asyncio.create_task(grant.access_token()) for _ in range(3)]
    await tokens.reached.wait()
    waiting[0].cancel()
    tokens.gate.set()
    first, *others = await outcomes(*waiting)
    assert isinstance(first, asyncio.CancelledError)
    assert others == ["token-1", "token-1"]
    assert len(tokens.forms) == 1


async def test_a_refusal_that_nobody_waits_for_any_more_is_no_noise(
    grant: ClientCredentialsGrant, tokens: Tokens, caplog: pytest.LogCaptureFixture
) -> None:
    tokens.gate.clear()
    tokens.faults = [saying(b"{}", 401)]
    waiting = asyncio.create_task(grant.access_token())
    await tokens.reached.wait()
    waiting.cancel()
    await outcomes(waiting)
    tokens.gate.set()
    assert await outcomes(grant.access_token()) != []
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_a_token_that_the_api_refuses_is_replaced_once(grant: ClientCredentialsGrant, tokens: Tokens) -> None:
    old = await grant.access_token()
    grant.refused(old)
    assert await outcomes(*(grant.access_token() for _ in range(3))) == ["token-2"] * 3
    grant.refused(old)  # another request's answer, which comes late
    assert await grant.access_token() == "token-2"
    assert len(tokens.forms) == 2


async def test_a_token_that_is_refused_before_there_is_one_harms_nothing(grant: ClientCredentialsGrant) -> None:
    grant.refused("token-1")
    assert await grant.access_token() == "token-1"


@pytest.mark.parametrize(
    ("answer", "kind", "sentence"),
    [
        (saying(b'{"error": "invalid_client"}', 401), AuthFailed, "refused the client_id and client_secret"),
        (saying(b'{"error": "invalid_client"}', 400), AuthFailed, "refused the client_id and client_secret"),
        (saying(b"<html>", 403), AuthFailed, "refused the client_id and client_secret"),
        (saying(b'["hunter2"]', 400), AuthFailed, "refused the client_id and client_secret"),
        (saying(b'{"error": ["hunter2"]}', 400), AuthFailed, "refused the client_id and client_secret"),
        (saying(b'{"error": "invalid_scope"}', 400), AuthFailed, r"what it requests \(invalid_scope\)"),
        (saying(b'{"error": "unauthorized_client"}', 400), AuthFailed, r"what it requests \(unauthorized_client\)"),
        (saying(b"", 404), BadResponse, "404"),
        (saying(b""), BadResponse, "empty"),
        (saying(b"<html>hunter2</html>"), BadResponse, "a web page"),
        (saying(b'["hunter2"]'), BadResponse, "cannot be read"),
        (saying(b'{"token": "hunter2"}'), BadResponse, "cannot be read"),
        (saying(b'{"access_token": null}'), BadResponse, "cannot be read"),
        (saying(b'{"access_token": ""}'), BadResponse, "cannot be read"),
        (saying(b'{"access_token": "hunter2\\r\\nX-Evil: 1"}'), BadResponse, "cannot be read"),
        (saying(b'{"access_token": "hunter2\\u00e9"}'), BadResponse, "cannot be read"),
        (sending_on("/elsewhere"), BadResponse, "another address"),
        (saying(b"", 503, Retry_After="120"), Unavailable, "out of order"),
        (saying(b"", 429, Retry_After="120"), RateLimited, "fewer requests"),
    ],
)
async def test_whatever_else_comes_is_named_and_asked_for_again_next_time(
    grant: ClientCredentialsGrant, tokens: Tokens, answer: Handler, kind: type[SourceError], sentence: str
) -> None:
    tokens.faults = [answer]
    with pytest.raises(kind, match=sentence) as raised:
        await grant.access_token()
    assert "hunter2" not in raised.value.sentence
    assert not isinstance(raised.value, AuthFailed) or not raised.value.needs_login
    assert len(tokens.forms) == 1
    assert await grant.access_token() == "token-2"


@pytest.mark.parametrize("fault", [saying(b"", 500), saying(b"", 429), breaking_off])
async def test_a_passing_fault_is_asked_again_since_no_token_is_spent(
    grant: ClientCredentialsGrant, tokens: Tokens, fault: Handler
) -> None:
    tokens.faults = [fault]
    assert await grant.access_token() == "token-2"
