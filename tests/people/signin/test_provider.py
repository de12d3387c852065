"""Signing in at a provider that runs in a process of its own, and all that can go wrong there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import pytest
from yarl import URL

from bridge.errors import AuthFailed, BadResponse, LoginMistake, Unavailable
from bridge.people.signin.provider import Proof, Provider, SignIn
from bridge.upstream.budget import OwnBudget
from bridge.upstream.http import HttpClient
from bridge.upstream.session import new_session
from tests.conftest import NO_RETRY, SettableClock
from tests.provider import CLIENT, SECRET
from tests.provider import Provider as Served

BACK = "http://127.0.0.1:8080/login/callback"
NEEDS = frozenset({"email"})


@asynccontextmanager
async def client_of(served: Served, clock: SettableClock, secret: str = SECRET) -> AsyncIterator[Provider]:
    async with new_session({"127.0.0.1"}) as session:
        http = HttpClient(session, origin=URL(served.address).host or "", budget=OwnBudget(1000), retry=NO_RETRY)
        yield Provider(http, served.address, CLIENT, secret, BACK, clock)


async def answered(begun: SignIn, person: str = "anna") -> dict[str, str]:
    """What the provider leads the browser of a person back with."""
    async with (
        aiohttp.ClientSession() as browser,
        browser.post(begun.address, data={"person": person}, allow_redirects=False) as led,
    ):
        assert led.status == 302, await led.text()
        return dict(parse_qsl(urlsplit(led.headers["Location"]).query))


async def signed_in(client: Provider, person: str = "anna") -> Proof:
    begun = await client.begin()
    return await client.finish(begun, await answered(begun, person), NEEDS)


async def test_a_provider_says_who_somebody_is(provider: Served, clock: SettableClock) -> None:
    async with client_of(provider, clock) as client:
        proof = await signed_in(client)
        assert (proof.claims.issuer, proof.claims.subject) == (provider.address, "s-1")
        assert (proof.claims.values["email"], proof.claims.title) == ("Anna@school.example", "Anna Jansen")
        assert proof.claims.email_verified
        assert not (await signed_in(client, "bram")).claims.email_verified
        seen = (await provider.control())["seen"]
        assert (seen["/jwks"], seen["/.well-known/openid-configuration"]) == (1, 1)


async def test_what_the_token_lacks_is_asked_for(provider: Served, clock: SettableClock) -> None:
    async with client_of(provider, clock) as client:
        await provider.control(sparse=True)
        assert (await signed_in(client)).claims.values["email"] == "Anna@school.example"
        await provider.control(userinfo={"sub": "s-2"})
        with pytest.raises(BadResponse, match="another person"):
            await signed_in(client)


async def test_keys_are_loaded_once_more_for_one_that_is_new(provider: Served, clock: SettableClock) -> None:
    async with client_of(provider, clock) as client:
        await signed_in(client)
        await provider.control(rotate=True)
        await signed_in(client)
        await signed_in(client)
        assert (await provider.control())["seen"]["/jwks"] == 2


async def test_a_key_that_was_withdrawn_proves_nothing(provider: Served, clock: SettableClock) -> None:
    async with client_of(provider, clock) as client:
        await provider.control(rotate=True, signs_with=0)
        with pytest.raises(BadResponse, match="a key that is not its own"):
            await signed_in(client)
        assert (await provider.control(signs_with=-1))["seen"]["/jwks"] == 2
        await signed_in(client)


async def test_a_key_that_is_known_still_is_forgotten_within_an_hour(provider: Served, clock: SettableClock) -> None:
    async with client_of(provider, clock) as client:
        await signed_in(client)
        await provider.control(rotate=True, signs_with=0, now=clock().timestamp() + 3600)
        clock.forward(hours=1)
        with pytest.raises(BadResponse, match="a key that is not its own"):
            await signed_in(client)


@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        ({"claims": {"nonce": "of another"}}, "belongs to another sign-in"),
        ({"claims": {"iss": "https://login.other.example"}}, "is from another provider"),
        ({"claims": {"aud": "another-program"}}, "is meant for another program"),
        ({"claims": {"aud": [CLIENT, "another-program"]}}, "is meant for another program"),
        ({"claims": {"sub": ""}}, "lacks what it needs"),
        ({"claims": {"exp": "soon"}}, "lacks what it needs"),
        ({"header": {"alg": "none"}}, "cannot be read"),
        ({"header": {"kid": "unknown"}}, "a key that is not its own"),
        ({"clock_ahead": 180}, "is from the future"),
        ({"clock_ahead": -500}, "has expired"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
async def test_a_token_that_proves_nothing_lets_nobody_in(
    provider: Served, clock: SettableClock, how: dict[str, Any], sentence: str
) -> None:
    async with client_of(provider, clock) as client:
        await provider.control(**how)
        with pytest.raises(BadResponse, match=sentence):
            await signed_in(client)


@pytest.mark.parametrize("ahead", [-400, 110])
async def test_clocks_may_be_two_minutes_apart(provider: Served, clock: SettableClock, ahead: int) -> None:
    async with client_of(provider, clock) as client:
        await provider.control(clock_ahead=ahead)
        assert (await signed_in(client)).claims.subject == "s-1"


async def test_a_token_without_the_name_of_its_key_is_read_with_the_only_one(
    provider: Served, clock: SettableClock
) -> None:
    async with client_of(provider, clock) as client:
        await provider.control(header={"kid": None})
        assert (await signed_in(client)).claims.subject == "s-1"


async def test_a_code_works_once(provider: Served, clock: SettableClock) -> None:
    async with client_of(provider, clock) as client:
        begun = await client.begin()
        answer = await answered(begun)
        await client.finish(begun, answer, NEEDS)
        with pytest.raises(LoginMistake, match="used already"):
            await client.finish(begun, answer, NEEDS)


async def test_the_answer_to_another_sign_in_is_refused(provider: Served, clock: SettableClock) -> None:
    async with client_of(provider, clock) as client:
        mine, theirs = await client.begin(), await client.begin()
        stolen = await answered(theirs, "bram")
        with pytest.raises(LoginMistake, match="in another browser"):
            await client.finish(mine, stolen, NEEDS)
        with pytest.raises(LoginMistake, match="used already"):  # the code needs the verifier that it was asked with
            await client.finish(mine, stolen | {"state": mine.state}, NEEDS)


async def test_an_answer_of_another_issuer_is_refused(provider: Served, clock: SettableClock) -> None:
    async with client_of(provider, clock) as client:
        await provider.control(named="https://login.other.example")
        with pytest.raises(LoginMistake, match="another provider"):
            await signed_in(client)
        begun = await client.begin()
        answer = await answered(begun)
        del answer["iss"]  # which this provider promises to give
        with pytest.raises(LoginMistake, match="another provider"):
            await client.finish(begun, answer, NEEDS)


async def test_a_sign_in_can_be_cancelled(provider: Served, clock: SettableClock) -> None:
    async with client_of(provider, clock) as client:
        with pytest.raises(LoginMistake, match="cancelled"):
            await signed_in(client, "nobody")


async def test_a_wrong_secret_is_the_operator_s_to_mend(provider: Served, clock: SettableClock) -> None:
    async with client_of(provider, clock, "wrong") as client:
        with pytest.raises(AuthFailed, match="client_id and client_secret of the settings"):
            await signed_in(client)


@pytest.mark.parametrize("away", ["/.well-known/openid-configuration", "/token", "/jwks"])
async def test_a_provider_that_is_away_in_the_middle_can_be_asked_later(
    provider: Served, clock: SettableClock, away: str
) -> None:
    async with client_of(provider, clock) as client:
        await provider.control(away=away)
        with pytest.raises(Unavailable):
            await signed_in(client)
        await provider.control(away="")
        assert (await signed_in(client)).claims.subject == "s-1"


@pytest.mark.parametrize(
    ("description", "sentence"),
    [
        ({"issuer": "https://login.other.example"}, "another provider than the issuer"),
        ({"token_endpoint": "http://elsewhere.example/token"}, "not safe to use"),
        ({"jwks_uri": None}, "names no jwks_uri"),
    ],
)
async def test_a_description_that_is_not_the_provider_s_is_refused(
    provider: Served, clock: SettableClock, description: dict[str, Any], sentence: str
) -> None:
    async with client_of(provider, clock) as client:
        await provider.control(description=description)
        with pytest.raises(BadResponse, match=sentence):
            await client.begin()


async def test_signing_out_leads_to_the_provider_and_back(provider: Served, clock: SettableClock) -> None:
    async with client_of(provider, clock) as client:
        proof = await signed_in(client)
        address = await client.sign_out_address(proof.token, "http://127.0.0.1:8080/")
        assert address is not None
        async with aiohttp.ClientSession() as browser, browser.get(address, allow_redirects=False) as led:
            assert led.headers["Location"] == "http://127.0.0.1:8080/"
        (said,) = (await provider.control(description={"end_session_endpoint": None}))["signed_out"]
        assert said["id_token_hint"] == proof.token
        clock.forward(hours=1)
        assert await client.sign_out_address(None, "http://127.0.0.1:8080/") is None


async def test_what_is_known_of_a_provider_is_loaded_again_after_an_hour(
    provider: Served, clock: SettableClock
) -> None:
    async with client_of(provider, clock) as client:
        await client.begin()
        clock.forward(seconds=timedelta(minutes=59).total_seconds())
        await client.begin()
        assert (await provider.control())["seen"]["/.well-known/openid-configuration"] == 1
        clock.forward(minutes=1)
        await client.begin()
        assert (await provider.control())["seen"]["/.well-known/openid-configuration"] == 2
