import json
from typing import Any

import aiohttp
import pytest
from yarl import URL

from bridge.sources.informat.standin.institute import CLAES, GOOSSENS
from bridge.sources.informat.standin.server import CLIENT_ID, CLIENT_SECRET, INSTITUTE, OTHER_INSTITUTE, InformatServer
from bridge.upstream.standin import StandIn
from tests.conftest import SettableClock

SCOPE = "api_informat_sas_personeel.personeel."
FORM = {
    "grant_type": "client_credentials",
    "client_id": CLIENT_ID,
    "client_secret": CLIENT_SECRET,
    "scope": SCOPE + INSTITUTE,
}


async def token(caller: aiohttp.ClientSession, address: str, **changes: str) -> tuple[int, Any]:
    async with caller.post(f"{address}/connect/token", data=FORM | changes) as reply:
        return reply.status, await reply.json()


async def headers(caller: aiohttp.ClientSession, address: str, **more: str) -> dict[str, str]:
    _, answer = await token(caller, address)
    sent = {"Authorization": f"BEARER {answer['access_token']}", "InstituteNo": INSTITUTE, "Api-Version": "2"}
    return {name: value for name, value in (sent | more).items() if value}


async def ask(caller: aiohttp.ClientSession, url: str, sent: dict[str, str]) -> tuple[int, Any]:
    async with caller.get(URL(url, encoded=True), headers=sent) as reply:
        text = await reply.text()
        return reply.status, json.loads(text) if text else None


def code(body: Any) -> str:
    small = {name.lower(): value for name, value in body.items()}
    return {name.lower(): value for name, value in small["errors"][0].items()}["code"]  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("path", "sent", "status", "why"),
    [
        ("employees?schoolyear=2026-27", {"InstituteNo": ""}, 400, "BR003A"),
        ("employees?schoolyear=2026-27", {"InstituteNo": "12345"}, 400, "BR003A"),
        ("employees?schoolyear=2026-27", {"InstituteNo": OTHER_INSTITUTE}, 403, "FB001"),
        ("employees?schoolyear=2026-27", {"Api-Version": "3"}, 400, "VE001"),
        ("employees", {}, 400, "BR004A"),
        ("employees", {"Api-Version": "1"}, 400, "BR005A"),
        ("employees", {"Api-Version": ""}, 400, "BR005A"),
        ("employees?schoolyear=2026", {}, 400, "BR004B"),
        ("employees?schoolyear=2026-28", {}, 400, "BR004B"),
        ("employees?schoolyear=2026-2027", {}, 400, "BR004B"),
        ("employees?schoolyear=2026-27&structure=31", {}, 400, "BR005B"),
        ("employees?schoolyear=2026-27&year=2026", {}, 400, "UP004"),
        ("employees/interruptions", {}, 400, "BR004A"),
        ("employees/assignments", {}, 400, "BR004A"),
        (f"employees/{CLAES.key}", {}, 400, "BR004A"),
        ("employees/4481?schoolyear=2026-27", {}, 400, "BR001"),
        ("employees/interruptions?schoolyear=2031-32", {}, 404, "NF001"),
        ("employees/00000000-0000-0000-0000-000000000000?schoolyear=2026-27", {}, 404, "NF001"),
    ],
)
async def test_the_stand_in_refuses_what_the_document_does_not_allow(
    caller: aiohttp.ClientSession, address: str, path: str, sent: dict[str, str], status: int, why: str
) -> None:
    got, body = await ask(caller, f"{address}/{path}", await headers(caller, address, **sent))
    assert (got, code(body)) == (status, why)


@pytest.mark.parametrize("sent", ["", "Bearer wrong", "Basic abc"])
async def test_who_has_no_token_is_told_to_bring_one(caller: aiohttp.ClientSession, address: str, sent: str) -> None:
    wrong = await headers(caller, address, Authorization=sent)
    async with caller.get(f"{address}/employees?schoolyear=2026-27", headers=wrong) as reply:
        assert reply.status == 401
        assert reply.headers["WWW-Authenticate"] == "Bearer"


async def test_a_token_lasts_an_hour(caller: aiohttp.ClientSession, address: str, clock: SettableClock) -> None:
    sent = await headers(caller, address)
    clock.forward(minutes=59)
    assert (await ask(caller, f"{address}/employees?schoolyear=2026-27", sent))[0] == 200
    clock.forward(minutes=2)
    assert (await ask(caller, f"{address}/employees?schoolyear=2026-27", sent))[0] == 401


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_id": "wrong"}, "invalid_client"),
        ({"scope": ""}, "invalid_scope"),
        ({"scope": SCOPE + "999999"}, "invalid_scope"),
        ({"scope": SCOPE + "12345"}, "invalid_scope"),
    ],
)
async def test_a_token_costs_the_right_credentials(
    caller: aiohttp.ClientSession, address: str, changes: dict[str, str], error: str
) -> None:
    assert await token(caller, address, **changes) == (400, {"error": error})


async def test_several_institutes_may_be_in_one_token(caller: aiohttp.ClientSession, address: str) -> None:
    status, answer = await token(caller, address, scope=f"{SCOPE}{INSTITUTE} {SCOPE}{OTHER_INSTITUTE}")
    assert status == 200
    sent = {"Authorization": f"Bearer {answer['access_token']}", "InstituteNo": OTHER_INSTITUTE, "Api-Version": "2"}
    assert (await ask(caller, f"{address}/employees?schoolyear=2026-27", sent))[0] == 200


async def test_who_left_is_on_the_staff_of_the_years_to_come_as_not_active(
    caller: aiohttp.ClientSession, address: str
) -> None:
    sent = await headers(caller, address)
    _, now = await ask(caller, f"{address}/employees?schoolyear=2026-27", sent)
    assert {one["personId"]: one["isActive"] for one in now}[GOOSSENS.key] is False
    status, _ = await ask(caller, f"{address}/employees?schoolyear=2024-25", sent)
    assert status == 404


async def test_the_parameters_are_taken_in_any_case(caller: aiohttp.ClientSession, address: str) -> None:
    sent = await headers(caller, address)
    one = await ask(caller, f"{address}/employees/assignments?schoolyear=2026-27&structure=211", sent)
    other = await ask(caller, f"{address}/employees/assignments?SchoolYear=2026-27&Structure=211", sent)
    assert one == other
    assert len(one[1]) == 1


def test_what_can_be_made_to_happen_happens_once(stand_in: StandIn, standin: InformatServer) -> None:
    before = len(standin.institute.interruptions), len(standin.institute.assignments)
    for _ in range(2):
        assert stand_in.controls["fall-ill"]()
        assert stand_in.controls["substitute"]()
    assert (len(standin.institute.interruptions), len(standin.institute.assignments)) == (before[0] + 1, before[1] + 1)
    for _ in range(2):
        assert stand_in.controls["recover"]()
    assert len(standin.institute.interruptions) == before[0]
