"""The stand-in refuses what the real server refuses."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from bridge.sources.checkin.standin.server import CheckinServer

JSON = {"Accept": "application/json"}


@pytest.fixture
async def client(address: str, standin: CheckinServer) -> AsyncIterator[aiohttp.ClientSession]:
    standin.programme.students[0].tokens.add("1|token")
    async with aiohttp.ClientSession(address, headers=JSON | {"Authorization": "Bearer 1|token"}) as session:
        yield session


async def status(client: aiohttp.ClientSession, method: str, path: str, **given: Any) -> int:
    async with client.request(method, f"/api/{path}", allow_redirects=False, **given) as response:
        return response.status


async def found(client: aiohttp.ClientSession, path: str, wanted: Any) -> Any:
    async with client.post(f"/api/v3/{path}/search", json=wanted) as response:
        assert response.status == 200
        return await response.json()


@pytest.mark.parametrize(
    ("authorization", "expected"),
    [("", 401), ("1|token", 401), ("Bearer ", 401), ("Bearer 1|wrong", 403), ("Bearer 1|token", 200)],
)
async def test_no_token_gets_401_and_a_wrong_one_403(
    client: aiohttp.ClientSession, authorization: str, expected: int
) -> None:
    assert await status(client, "GET", "v1/user", headers={"Authorization": authorization}) == expected


async def test_without_accept_a_refusal_is_a_redirect_to_the_login_page(client: aiohttp.ClientSession) -> None:
    assert await status(client, "GET", "v1/user", headers={"Authorization": "", "Accept": "*/*"}) == 302


async def test_a_login_takes_a_form_or_json_and_wants_all_of_it(
    client: aiohttp.ClientSession, standin: CheckinServer
) -> None:
    student = standin.programme.students[1]
    given = {"email": student.email, "password": student.password, "device_name": "test"}
    assert await status(client, "POST", "v1/sanctum/token", json=given) == 200
    assert await status(client, "POST", "v1/sanctum/token", data=given) == 200
    for name in given:
        assert await status(client, "POST", "v1/sanctum/token", json=given | {name: None}) == 422
    assert await status(client, "POST", "v1/sanctum/token", json=given | {"password": "wrong"}) == 422
    assert (len(student.tokens), standin.passwords) == (2, 3)


@pytest.mark.parametrize(
    ("path", "given", "expected"),
    [
        ("users/48", {}, 403),
        ("users/999", {}, 404),
        ("users/47?with[]=canDoDaily", {}, 200),
        ("users/47?with[]=friends", {}, 400),
        ("users/47", {"json": {"with": ["groups"]}}, 200),
        ("users/47/projects", {}, 200),
        ("users/47/daily-checkins", {"json": {"mood": 5}}, 400),
        ("users/47/daily-checkins", {"json": {"mood_score": {"between": 5}}}, 400),
        ("users/47/daily-checkins", {"json": {"mood_score": {">": "x"}}}, 400),
        ("users/47/daily-checkins", {"data": "{", "headers": {"Content-Type": "application/json"}}, 400),
        ("users/47/daily-checkins", {"json": []}, 400),
        ("users/47/daily-checkins", {"data": "x"}, 400),
    ],
)
async def test_what_may_not_be_asked_is_refused(
    client: aiohttp.ClientSession, path: str, given: dict[str, Any], expected: int
) -> None:
    assert await status(client, "GET", f"v3/{path}", **given) == expected


async def test_searches_are_by_value_by_a_part_of_it_and_by_size(client: aiohttp.ClientSession) -> None:
    everything = await found(client, "users/47/daily-checkins", {})
    assert {item["mood_score"] for item in everything} == {1, 2, 3, 4, 5}
    fives = await found(client, "users/47/daily-checkins", {"mood_score": 5})
    assert {item["mood_score"] for item in fives} == {5}
    middle = await found(client, "users/47/daily-checkins", {"mood_score": {"<": 5, ">": 3}})
    assert {item["mood_score"] for item in middle} == {4}
    assert [item["name"] for item in await found(client, "users/47/projects", {"name": {"like": "COLLO"}})] == [
        "Colloquium app"
    ]
    assert [item["id"] for item in await found(client, "users", {})] == [47], "a student finds nobody else"
