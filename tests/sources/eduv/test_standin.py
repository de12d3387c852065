"""The stand-in refuses what the document does not have."""

import json
from typing import Any

import aiohttp
import pytest

from bridge.sources.eduv.standin.server import CLIENT_ID, CLIENT_SECRET, RegisterServer
from bridge.upstream.standin import StandIn
from tests.conftest import SettableClock

FORM = {
    "grant_type": "client_credentials",
    "client_id": CLIENT_ID,
    "client_secret": CLIENT_SECRET,
    "scope": "eduv.education",
}


async def grant(caller: aiohttp.ClientSession, address: str, **changes: str) -> tuple[int, Any]:
    async with caller.post(f"{address}/oauth2/token", data=FORM | changes) as reply:
        return reply.status, json.loads(await reply.text())


async def ask(caller: aiohttp.ClientSession, url: str, **headers: str) -> tuple[int, Any]:
    async with caller.get(url, headers=headers) as reply:
        return reply.status, json.loads(await reply.text())


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "wrong"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"scope": "eduv.other"}, 400, "invalid_scope"),
    ],
)
async def test_a_token_takes_the_right_credentials_grant_and_scope(
    caller: aiohttp.ClientSession, address: str, changes: dict[str, str], status: int, error: str
) -> None:
    assert await grant(caller, address, **changes) == (status, {"error": error})


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("organisations?orgMasterId=104A158", 200),
        ("organisations", 400),
        ("organisations?orgMasterId=104A158&limit=1", 400),
        ("organisations?orgMasterId=104A158&orgMasterId=104A158", 400),
        ("organisations?orgId=27QQ00", 400),
        ("organisations?orgIdType=V_ID", 400),
        ("organisations?orgMasterId=104A158&orgId=27QQ00&orgIdType=V_ID", 400),
        ("organisations?orgId=27QQ00&orgIdType=DD_ID", 404),
        ("studyofferings/school", 400),
        ("studyofferings/school?orgMasterId=104A158&filterByOrgId=true", 400),
        ("studyofferings/school?orgMasterId=104A158&filterByOrgId=false", 200),
        ("subjectofferings/school?orgId=27QQ00&orgIdType=V_ID&filterByOrgId=True", 400),
        ("subjectofferings/school?orgId=27QQ00&orgIdType=V_ID&filterByOrgId=true", 200),
    ],
)
async def test_a_request_takes_what_the_document_has(
    caller: aiohttp.ClientSession, address: str, path: str, status: int
) -> None:
    _, granted = await grant(caller, address)
    bearer = f"Bearer {granted['access_token']}"
    got, body = await ask(caller, f"{address}/v1/{path}", Authorization=bearer, Accept="application/json")
    assert got == status
    assert got == 200 or body["status"] == status * 10


async def test_a_token_is_needed_and_ends(
    caller: aiohttp.ClientSession, address: str, clock: SettableClock, standin: RegisterServer
) -> None:
    url = f"{address}/v1/organisations?orgMasterId=104A158"
    _, granted = await grant(caller, address)
    bearer = f"Bearer {granted['access_token']}"
    assert granted["expires_in"] == standin.lifetime.total_seconds() == 3600
    assert (await ask(caller, url, Accept="application/json"))[0] == 401
    assert (await ask(caller, url, Accept="application/json", Authorization="Bearer x"))[0] == 401
    assert (await ask(caller, url, Accept="text/html", Authorization=bearer))[0] == 400
    clock.forward(minutes=60)
    assert (await ask(caller, url, Accept="application/json", Authorization=bearer))[0] == 401


async def test_subjects_of_every_sort_are_there(standin: RegisterServer, stand_in: StandIn) -> None:
    subjects = [standin.register.subject(subject) for subject in standin.register.subjects]
    assert {subject["status"] for subject in subjects} == {"active", "tobedeleted"}
    assert {"subjectOfferingAbbr" in subject for subject in subjects} == {True, False}
    assert len({subject["subjectOfferingId"] for subject in subjects}) == len(subjects)
    assert stand_in.settings["names_for"] == ["somtoday"]
