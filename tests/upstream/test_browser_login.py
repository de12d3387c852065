"""Logging in with a browser: what the address says, and what each thing that a person may paste leads to."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import AuthFailed, BadResponse, LoginMistake, Unavailable
from bridge.store.credentials import NoCredential
from bridge.upstream.browser_login import App, CodeLogin
from bridge.upstream.capabilities import LoginAttempt
from bridge.upstream.credential import AccessToken
from bridge.upstream.http import HttpClient
from bridge.upstream.retry import RetryPolicy
from bridge.upstream.session import new_session
from bridge.upstream.standin import StandIn
from tests.browser import logged_in
from tests.club.server import ANNA, APP, Club
from tests.conftest import SettableClock
from tests.faults import saying

REDIRECT = APP.redirect_uri
ANOTHER_LOGIN = "This belongs to another login; open the address that was printed last."
SPENT = "This code has been used already or has expired; open the address once more for another."
LOGIN_PAGE = "This is the address of the login page; log in there, and paste the address that comes after it."
ANOTHER_PAGE = "This is the address of another page; the right one begins with club:."
ANOTHER_PROGRAM = "This login leads to another program than it should; open the address that was given, as it is."
NEITHER = "This is neither an address nor a code."
NO_CODE = "There is no code in this address; log in first, and paste the whole address."


@pytest.fixture
def stand_in(club: Club) -> StandIn:
    return club.stand_in


@pytest.fixture
async def address(stand_in: StandIn) -> AsyncIterator[str]:
    async with stand_in.serve() as served:
        assert served is not None
        yield served


@pytest.fixture
async def login(address: str, clock: SettableClock) -> AsyncIterator[CodeLogin]:
    async with new_session() as session:
        yield made(session, address, clock)


def made(session: aiohttp.ClientSession, address: str, clock: Callable[[], object]) -> CodeLogin:
    app = App(
        client_id=APP.client_id,
        redirect_uri=REDIRECT,
        scope=APP.words["scope"],
        authorize_url=f"{address}/oauth2/authorize",
        token_url=f"{address}/oauth2/token",
        revoke_url=f"{address}/oauth2/revoke",
        extra=(("prompt", "login"),),
    )
    http = HttpClient(session, origin="Chess Club", retry=RetryPolicy(attempts=1))
    return CodeLogin(http, app, clock, steps=("Log in.", "Paste."))  # type: ignore[arg-type] # some tests have no time


async def mistake(login: CodeLogin, attempt: LoginAttempt, pasted: str) -> str:
    with pytest.raises(LoginMistake) as raised:
        await login.finish(attempt, pasted)
    return raised.value.sentence


def test_the_address_has_the_apps_words_and_a_challenge_that_only_the_verifier_answers() -> None:
    attempt = made(None, "https://inloggen.example", lambda: None).begin()  # type: ignore[arg-type] # nothing is asked
    parts = urlsplit(attempt.address)
    assert (parts.scheme, parts.netloc, parts.path) == ("https", "inloggen.example", "/oauth2/authorize")
    digest = hashlib.sha256(attempt.verifier.encode()).digest()
    assert parse_qsl(parts.query) == [
        ("client_id", APP.client_id),
        ("redirect_uri", REDIRECT),
        ("response_type", "code"),
        ("scope", "lessons"),
        ("prompt", "login"),
        ("state", attempt.state),
        ("code_challenge", urlsafe_b64encode(digest).decode().rstrip("=")),
        ("code_challenge_method", "S256"),
    ]
    assert 43 <= len(attempt.verifier) <= 128
    assert attempt.verifier not in repr(attempt)


def test_no_two_attempts_have_anything_secret_in_common() -> None:
    login = made(None, "https://inloggen.example", lambda: None)  # type: ignore[arg-type] # nothing is asked
    attempts = [login.begin() for _ in range(20)]
    assert len({attempt.state for attempt in attempts}) == 20
    assert len({attempt.verifier for attempt in attempts}) == 20


@pytest.mark.parametrize(
    "pasted",
    [
        "{url}",
        "  {url}\n",
        "location: {url}",
        "Location:{url}",
        "HTTP/1.1 302 Found\r\nServer: x\r\nlocation: {url}\r\nContent-Length: 0",
        '"{url}"',
        "<{url}>",
        "{query}",
        "?{query}",
        "{code}",
        " {code} ",
    ],
)
async def test_a_whole_address_a_header_and_a_bare_code_all_do(login: CodeLogin, club: Club, pasted: str) -> None:
    attempt = login.begin()
    url = await logged_in(attempt.address)
    query = urlsplit(url).query
    granted = await login.finish(attempt, pasted.format(url=url, query=query, code=dict(parse_qsl(query))["code"]))
    family = club.logins[-1]
    assert family.people == (ANNA,)
    assert granted.secret == family.refresh_token
    assert isinstance(granted.access, AccessToken)
    assert club.access_tokens[granted.access.token][0] is family
    assert granted.secret not in repr(granted)


@pytest.mark.parametrize(
    ("pasted", "sentence"),
    [
        ("", "Nothing was pasted."),
        ("   \n", "Nothing was pasted."),
        ("{login}", LOGIN_PAGE),
        ("{server}/oauth2/login?x=1", LOGIN_PAGE),
        ("location: {login}", LOGIN_PAGE),
        ("https://www.example.nl/rooster", ANOTHER_PAGE),
        ("https://www.example.nl/?code=abcdef&state={state}", ANOTHER_PROGRAM),
        ("club://other?code=abcdef&state={state}", ANOTHER_PROGRAM),
        ("other://callback?code=abcdef&state={state}", ANOTHER_PROGRAM),
        (REDIRECT + "?code=abcdef&state=wrong", ANOTHER_LOGIN),
        (REDIRECT + "?code=abcdef", ANOTHER_LOGIN),
        ("code=abcdef&state=wrong", ANOTHER_LOGIN),
        (REDIRECT + "?state={state}", NO_CODE),
        (REDIRECT, ANOTHER_LOGIN),
        (
            REDIRECT + "?error=access_denied&state={state}",
            "The login was cancelled or refused there; open the address again.",
        ),
        (
            "<!doctype html><html><title>Inloggen</title></html>",
            "This is the text of a page; paste the address that the login leads to.",
        ),
        ("my password", NEITHER),
        ("login.club.example/oauth2", NEITHER),
        ("http://[::1", NEITHER),
    ],
)
async def test_each_wrong_paste_has_a_sentence_and_the_attempt_goes_on(
    login: CodeLogin, stand_in: StandIn, address: str, pasted: str, sentence: str
) -> None:
    attempt = login.begin()
    given = pasted.format(login=attempt.address, server=address, state=attempt.state)
    assert await mistake(login, attempt, given) == sentence
    assert "POST /oauth2/token" not in stand_in.requests
    assert (await login.finish(attempt, await logged_in(attempt.address))).secret


async def test_a_code_is_good_once_and_the_same_address_gives_another(login: CodeLogin) -> None:
    attempt = login.begin()
    url = await logged_in(attempt.address)
    await login.finish(attempt, url)
    with pytest.raises(AuthFailed) as raised:
        await login.finish(attempt, url)
    assert raised.value.sentence == SPENT
    assert (await login.finish(attempt, await logged_in(attempt.address))).secret


async def test_a_code_does_not_last(login: CodeLogin, clock: SettableClock) -> None:
    attempt = login.begin()
    url = await logged_in(attempt.address)
    clock.now += timedelta(minutes=2)
    with pytest.raises(AuthFailed, match="used already or has expired"):
        await login.finish(attempt, url)


async def test_a_code_is_worth_nothing_to_another_attempt(login: CodeLogin) -> None:
    attempt, other = login.begin(), login.begin()
    url = await logged_in(attempt.address)
    assert await mistake(login, other, url) == ANOTHER_LOGIN
    with pytest.raises(AuthFailed):
        await login.finish(other, dict(parse_qsl(urlsplit(url).query))["code"])


@pytest.mark.parametrize(("status", "error"), [(500, Unavailable), (429, Exception), (400, Unavailable)])
async def test_a_server_in_trouble_is_not_the_persons_mistake(
    login: CodeLogin, stand_in: StandIn, status: int, error: type[Exception]
) -> None:
    attempt = login.begin()
    url = await logged_in(attempt.address)
    stand_in.faults["/oauth2/token"] = saying(status, '{"error": "server_error"}')
    with pytest.raises(error):
        await login.finish(attempt, url)
    stand_in.faults.clear()
    assert (await login.finish(attempt, url)).secret


async def test_a_login_without_a_refresh_token_is_none(login: CodeLogin, stand_in: StandIn) -> None:
    stand_in.faults["/oauth2/token"] = saying(200, '{"access_token": "a", "expires_in": 3600}')
    with pytest.raises(BadResponse, match="gave no refresh token"):
        await login.finish(login.begin(), "abcdef0123456789")


async def test_a_login_is_ended_once(login: CodeLogin, club: Club, stand_in: StandIn) -> None:
    attempt = login.begin()
    granted = await login.finish(attempt, await logged_in(attempt.address))
    slot = NoCredential(granted.secret)
    await login.revoke(slot)
    assert club.logins[-1].dead
    await login.revoke(slot)
    stand_in.requests.clear()
    await login.revoke(NoCredential(granted.secret, dead=True))
    await login.revoke(NoCredential())
    assert not stand_in.requests


@given(st.text(max_size=60) | st.builds("{}://{}?{}".format, st.text(max_size=9), st.text(max_size=9), st.text()))
def test_whatever_is_pasted_is_a_code_or_a_mistake(pasted: str) -> None:
    login = made(None, "https://inloggen.example", lambda: None)  # type: ignore[arg-type] # nothing is asked
    with suppress(LoginMistake):
        assert login._code(login.begin(), pasted)  # noqa: SLF001 - what it is sent as needs no server
