"""A request that is sent again with its Idempotency-Key."""

import asyncio

from bridge.store.requests import Begun, Busy
from tests.server.api.conftest import Answer, Api, OpenApi
from tests.tables import contents


async def _add(api: Api, name: str, key: str) -> Answer:
    return await api.ask("POST", "/users", {"name": name}, Idempotency_Key=key)


async def test_a_request_that_is_sent_twice_is_done_once(open_api: OpenApi) -> None:
    async with open_api() as api:
        first, second = await _add(api, "anna", "k1"), await _add(api, "anna", "k1")
        assert (first.status, second.status) == (201, 201)
        assert first.value == second.value
        assert first.headers["Content-Type"] == second.headers["Content-Type"] == "application/json"
        assert [user["name"] for user in await api.get("/users")] == ["anna"]
        assert (await _add(api, "anna", "k2")).status == 409
        other = await _add(api, "bram", "k1")
        assert other.status == 422
        assert "another request" in other.value["detail"]
        assert len(await api.get("/audit")) == 1


async def test_a_request_that_failed_may_be_sent_again(open_api: OpenApi) -> None:
    async with open_api() as api:
        assert (await api.ask("POST", "/users/anna/feeds", {}, Idempotency_Key="k")).status == 404
        await api.done("POST", "/users", {"name": "anna"})
        assert (await api.ask("POST", "/users/anna/feeds", {}, Idempotency_Key="k")).status == 201


async def test_requests_that_come_at_the_same_time_are_done_once(open_api: OpenApi) -> None:
    async with open_api() as api:
        answers = await asyncio.gather(*(_add(api, "anna", "k") for _ in range(5)))
        assert {answer.status for answer in answers} <= {201, 409}
        assert sum(deed["action"] == "user add" for deed in await api.get("/audit")) == 1


async def test_answers_are_kept_for_a_day_and_not_readable(open_api: OpenApi) -> None:
    async with open_api() as api:
        store, clock = api.site.school.bridge.store, api.site.school.clock
        added = await _add(api, "anna", "key-of-anna")
        for table in (await contents(store.database)).values():
            assert "key-of-anna" not in str(table)
            assert added.value["manage_url"].rpartition("/")[2] not in str(table)
        clock.forward(hours=23)
        await api.site.school.bridge.sweeper.sweep()
        assert (await _add(api, "anna", "key-of-anna")).status == 201
        clock.forward(hours=2)
        assert (await _add(api, "anna", "key-of-anna")).status == 409
        clock.forward(hours=25)
        await api.site.school.bridge.sweeper.sweep()
        assert (await contents(store.database))["requests"] == []


async def test_nothing_of_a_removed_person_is_kept(open_api: OpenApi) -> None:
    async with open_api() as api:
        await _add(api, "anna", "k")
        await api.done("DELETE", "/users/anna")
        assert (await contents(api.site.school.bridge.store.database))["requests"] == []


async def test_work_that_a_dead_process_left_can_begin_again(open_api: OpenApi) -> None:
    async with open_api() as api:
        requests, clock = api.site.school.bridge.store.requests, api.site.school.clock
        assert await requests.begin("k", b"1", clock()) == Begun()
        assert await requests.begin("k", b"1", clock()) == Busy()
        clock.forward(minutes=16)
        assert await requests.begin("k", b"1", clock()) == Begun()
