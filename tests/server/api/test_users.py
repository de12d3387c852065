"""Users, by the API."""

from tests.server.api.conftest import OpenApi


async def test_a_user_is_added_found_and_removed(open_api: OpenApi) -> None:
    async with open_api() as api:
        added = await api.ask("POST", "/users", {"name": " anna ", "title": "Anna A."})
        assert added.status == 201
        assert (added.value["name"], added.value["title"]) == ("anna", "Anna A.")
        assert added.value["manage_url"].startswith(f"{api.site.school.bridge.settings.server.public_url}/m/rm_")
        found = await api.get("/users/anna")
        assert found == {"name": "anna", "title": "Anna A.", "created": "2026-11-22T10:00:00+00:00"}
        assert await api.get("/users/%20anna%20") == found
        assert (await api.ask("POST", "/refresh", {"user": " anna "})).status == 200
        assert await api.get("/users") == [found]
        assert (await api.get("/users/anna/export"))["user"]["name"] == "anna"
        assert await api.done("DELETE", "/users/anna") == {"name": "anna", "warnings": []}
        assert (await api.ask("GET", "/users/anna")).status == 404
        assert (await api.ask("DELETE", "/users/anna")).status == 404


async def test_two_users_of_one_name_are_a_conflict(open_api: OpenApi) -> None:
    async with open_api() as api:
        await api.done("POST", "/users", {"name": "anna"})
        await api.done("POST", "/users", {"name": "ÉLIN"})
        for name in ("anna", "ANNA", "élin"):
            assert (await api.ask("POST", "/users", {"name": name})).status == 409
        unknown = await api.ask("GET", "/users/Anna")
        assert (unknown.status, unknown.value["detail"]) == (404, 'No user is called "Anna"; one is called "anna".')


async def test_a_list_comes_in_parts_that_link_to_the_next(open_api: OpenApi) -> None:
    async with open_api() as api:
        names = ["anna", "bram", "céline & co", "dirk", "eva"]
        for name in reversed(names):
            await api.done("POST", "/users", {"name": name})
        seen, path = [], "/users?limit=2"
        while path:
            answer = await api.ask("GET", path)
            seen.append([user["name"] for user in answer.value])
            link = answer.headers.get("Link", "")
            path = link.removeprefix("</api/v1").partition(">")[0]
            assert link.endswith('; rel="next"') or not link
        assert seen == [names[:2], names[2:4], names[4:]]
        assert [user["name"] for user in await api.get("/users?after=dirk")] == ["eva"]


async def test_the_address_of_a_page_is_told_and_made_new(open_api: OpenApi) -> None:
    async with open_api() as api:
        first = (await api.done("POST", "/users", {"name": "anna"}))["manage_url"]
        assert await api.done("POST", "/users/anna/link") == {"manage_url": first}
        second = await api.done("POST", "/users/anna/link", {"new": True})
        assert second["manage_url"] != first
        assert (await api.ask("POST", "/users/nobody/link")).status == 404
