"""Feeds and teams, by the API."""

from tests.server.api.conftest import Api, OpenApi


async def _status(api: Api, url: str) -> int:
    public = api.site.school.bridge.settings.server.public_url
    return (await api.site.page(url.removeprefix(public)))[0]


async def test_a_feed_is_added_changed_rotated_and_removed(open_api: OpenApi) -> None:
    async with open_api() as api:
        await api.done("POST", "/users", {"name": "anna"})
        added = await api.ask("POST", "/users/anna/feeds", {"kinds": ["exam", "lesson"], "options": {"language": "en"}})
        assert (added.status, added.value["user"], added.value["name"]) == (201, "anna", "default")
        assert await _status(api, added.value["url"]) == 200
        assert await api.get("/users/anna/feeds/default/address") == added.value
        assert (await api.get("/users/anna/feeds/default/export"))["calendar"].startswith("BEGIN:VCALENDAR")
        (listed,) = await api.get("/users/anna/feeds")
        assert (listed["kinds"], listed["sources"]) == (["lesson", "exam"], None)
        changed = await api.done("PATCH", "/users/anna/feeds/default", {"options": {"past": "30d", "language": None}})
        assert changed["options"] == {"past": "30d"}
        chosen = await api.done("PATCH", "/users/anna/feeds/default", {"kinds": ["exam"], "sources": ["club"]})
        assert (chosen["kinds"], chosen["sources"], chosen["options"]) == (["exam"], ["club"], {"past": "30d"})
        everything = await api.done("PATCH", "/users/anna/feeds/default", {"title": "Toetsen", "sources": None})
        assert (everything["kinds"], everything["sources"]) == (["exam"], None)
        assert "X-WR-CALNAME:Toetsen" in (await api.get("/users/anna/feeds/default/export"))["calendar"]
        rotated = await api.done("POST", "/users/anna/feeds/default/rotate")
        assert [await _status(api, one["url"]) for one in (added.value, rotated)] == [410, 200]
        assert await api.done("DELETE", "/users/anna/feeds/default") == {"user": "anna", "name": "default"}
        assert await _status(api, rotated["url"]) == 410
        assert await api.get("/users/anna/feeds") == []


async def test_what_a_feed_cannot_have_is_refused(open_api: OpenApi) -> None:
    async with open_api() as api:
        await api.done("POST", "/users", {"name": "anna"})
        refused: list[dict[str, object]] = [
            {"kinds": ["lessons"]},
            {"kinds": []},
            {"options": {"language": "tlh"}},
            {"options": {"langauge": "en"}},
            {"name": "a,b"},
            {"title": "x" * 201},
        ]
        for wrong in refused:
            assert (await api.ask("POST", "/users/anna/feeds", wrong)).status == 422, wrong
        assert (await api.ask("POST", "/users/anna/feeds", {"sources": ["clob"]})).status == 404
        assert (await api.ask("POST", "/users/nobody/feeds", {})).status == 404
        await api.done("POST", "/users/anna/feeds", {"name": "a/b"})
        assert (await api.ask("POST", "/users/anna/feeds", {"name": "a/b"})).status == 409
        assert (await api.ask("PATCH", "/users/anna/feeds/a%2Fb", {"options": {"past": "soon"}})).status == 422
        for method, path in (
            ("PATCH", ""),
            ("DELETE", ""),
            ("POST", "/rotate"),
            ("GET", "/address"),
            ("GET", "/export"),
        ):
            body: dict[str, object] | None = {"options": {}} if method == "PATCH" else None
            assert (await api.ask(method, f"/users/anna/feeds/other{path}", body)).status == 404


async def test_a_team_is_users_or_a_group(open_api: OpenApi) -> None:
    async with open_api() as api:
        for name in ("anna", "bram"):
            await api.done("POST", "/users", {"name": name})
        added = await api.ask("POST", "/teams", {"users": ["anna", "bram"], "name": "staff"})
        assert (added.status, added.value["user"], added.value["name"]) == (201, "team", "staff")
        assert await _status(api, added.value["url"]) == 200
        (listed,) = await api.get("/teams")
        assert (listed["user"], listed["name"], listed["group"]) == ("team", "staff", None)
        assert (await api.ask("PATCH", "/users/team/feeds/staff", {"kinds": ["lesson"]})).status == 422
        assert (await api.done("PATCH", "/users/team/feeds/staff", {"title": "Board"}))["kinds"] == listed["kinds"]
        for wrong in ({}, {"users": ["anna"], "source": "club", "group": "board"}, {"source": "club"}):
            assert (await api.ask("POST", "/teams", wrong)).status == 422, wrong
        assert (await api.ask("POST", "/teams", {"users": ["nobody"]})).status == 404
        assert (await api.ask("POST", "/teams", {"source": "club", "group": "board"})).status == 404


async def test_sources_are_listed_and_checked(open_api: OpenApi) -> None:
    async with open_api() as api:
        (club,) = await api.get("/sources")
        assert (club["name"], club["type"]) == ("club", "club")
        found = await api.done("POST", "/sources/club/check")
        assert (found["source"], found["ok"]) == ("club", True)
        assert (await api.ask("POST", "/sources/clob/check")).status == 404
        assert (await api.ask("POST", "/sources/club/sync", {"dry_run": True})).status == 422
        assert (await api.ask("POST", "/refresh", {"source": "clob"})).status == 404
        assert (await api.ask("POST", "/refresh", {"user": "nobody"})).status == 404
        assert await api.done("POST", "/refresh") == []
