"""Who did what to whom."""

from datetime import timedelta
from typing import Any

from bridge.people.audit import recorded
from bridge.store.audit import Via
from tests.server.api.conftest import Api, OpenApi


def _short(deeds: list[dict[str, Any]]) -> list[tuple[str, str | None, str | None]]:
    return [(deed["action"], deed["user"], deed["thing"]) for deed in deeds]


async def _some_deeds(api: Api) -> None:
    await api.done("POST", "/users", {"name": "anna"})
    await api.done("POST", "/users/anna/feeds", {"name": "school"})
    await api.done("POST", "/users/anna/feeds/school/rotate")
    await api.done("POST", "/refresh", {"source": "club"})


async def test_what_is_done_is_recorded_without_its_contents(open_api: OpenApi) -> None:
    async with open_api() as api:
        await _some_deeds(api)
        await api.get("/users/anna/feeds")
        assert (await api.ask("DELETE", "/users/nobody")).status == 404
        deeds = await api.get("/audit")
        assert _short(deeds) == [
            ("user add", "anna", None),
            ("feed add", "anna", "school"),
            ("feed rotate", "anna", "school"),
            ("refresh", None, "club"),
        ]
        assert {deed["via"] for deed in deeds} == {"api"}
        assert {deed["at"] for deed in deeds} == {"2026-11-22T10:00:00+00:00"}


async def test_what_is_done_to_a_source_is_not_done_to_a_person_of_its_name(open_api: OpenApi) -> None:
    async with open_api() as api:
        await api.done("POST", "/users", {"name": "club"})
        await api.done("POST", "/sources/club/check")
        assert _short(await api.get("/audit")) == [("user add", "club", None), ("check", None, "club")]


async def test_a_removed_person_is_a_number(open_api: OpenApi) -> None:
    async with open_api() as api:
        await _some_deeds(api)
        await api.done("DELETE", "/users/anna")
        await api.done("POST", "/users", {"name": "anna"})
        *before, removal, added = [deed for deed in await api.get("/audit") if deed["action"] != "refresh"]
        assert (removal["action"], removal["user"], added["user"]) == ("user remove", None, "anna")
        assert {(deed["user"], deed["thing"], deed["number"]) for deed in before} == {(None, None, removal["number"])}
        assert added["number"] != removal["number"]


async def test_the_list_comes_in_parts_and_since_a_moment(open_api: OpenApi) -> None:
    async with open_api() as api:
        await _some_deeds(api)
        api.site.school.clock.forward(days=2)
        await api.done("POST", "/users", {"name": "bram"})
        first, second = await api.get("/audit?limit=2"), await api.get("/audit?limit=2&after=2")
        assert [deed["id"] for deed in first + second] == [1, 2, 3, 4]
        for since in ("1d", "2026-11-23", "2026-11-23T12:00:00%2B01:00"):
            assert _short(await api.get(f"/audit?since={since}")) == [("user add", "bram", None)], since
        assert (await api.ask("GET", "/audit?since=lately")).status == 422


async def test_a_person_on_their_own_page_is_named_by_a_number(open_api: OpenApi) -> None:
    async with open_api() as api:
        store, clock = api.site.school.bridge.store, api.site.school.clock
        anna = await store.users.add("anna", "Anna", clock())
        async with recorded(store, clock, Via.PAGE, "feed add", user="anna", thing="opa", actor=anna.id):
            pass
        (deed,) = await api.get("/audit")
        assert (deed["via"], deed["by"], deed["user"]) == ("page", anna.id, "anna")


async def test_it_is_kept_as_long_as_the_settings_say(open_api: OpenApi) -> None:
    async with open_api() as api:
        sweeper, clock = api.site.school.bridge.sweeper, api.site.school.clock
        await api.done("POST", "/users", {"name": "anna"})
        clock.now += timedelta(days=179)
        await sweeper.sweep()
        assert len(await api.get("/audit")) == 1
        clock.now += timedelta(days=2)
        await sweeper.sweep()
        assert await api.get("/audit") == []
