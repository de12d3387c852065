"""Sources that are added while the service runs."""

from bridge.sources.informat.standin.server import stand_in as informat
from tests.club.server import new_club
from tests.server.api.conftest import OpenApi
from tests.tables import contents


async def test_a_source_is_added_read_changed_and_removed_without_a_restart(open_api: OpenApi) -> None:
    async with open_api() as api:
        second = new_club(api.site.school.clock)
        async with second.stand_in.serve() as address:
            given = {"api_url": address, "requests_per_second": 1000, "title": "Second club"}
            added = await api.ask("POST", "/sources", {"name": "second", "type": "club", "settings": given})
            assert added.status == 201
            assert (added.value["title"], added.value["kept"]) == ("Second club", "storage")
            assert [(one["name"], one["kept"]) for one in await api.get("/sources")] == [
                ("club", "file"),
                ("second", "storage"),
            ]
            await api.done("POST", "/users", {"name": "anna"})
            account = {"source": "second", "identity": "anna", "secret": "refresh-anna"}
            await api.done("POST", "/users/anna/accounts", account)
            rows = await api.done("POST", "/refresh", {"source": "second"})
            assert rows
            assert all(row["ok"] for row in rows)
            changed = await api.done("PATCH", "/sources/second", {"settings": {"title": None, "timeout": "5s"}})
            assert (changed["title"], changed["settings"]["timeout"]) == ("second", "5s")
            assert (await api.done("POST", "/sources/second/check"))["ok"]
            assert await api.done("DELETE", "/sources/second") == {"name": "second", "accounts": 1}
            assert [one["name"] for one in await api.get("/sources")] == ["club"]
            assert await api.done("POST", "/refresh") == []


async def test_what_a_source_cannot_be_is_refused(open_api: OpenApi) -> None:
    async with open_api() as api:
        url = {"api_url": "http://127.0.0.1:1"}
        for name, kind, given in (
            ("Second", "club", url),
            ("second", "clob", url),
            ("second", "club", {}),
            ("second", "club", {"api_url": "there"}),
            ("second", "club", url | {"tiemout": "5s"}),
        ):
            body = {"name": name, "type": kind, "settings": given}
            assert (await api.ask("POST", "/sources", body)).status == 422, body
        assert (await api.ask("POST", "/sources", {"name": "club", "type": "club", "settings": url})).status == 409
        assert (await api.ask("PATCH", "/sources/club", {"settings": {}})).status == 404
        assert (await api.ask("DELETE", "/sources/club")).status == 404
        assert (await api.ask("DELETE", "/sources/second")).status == 404


async def test_secrets_of_sources_are_kept_encrypted_and_never_shown(open_api: OpenApi) -> None:
    async with open_api() as api:
        given = {"api_url": "http://127.0.0.1:1", "api_token": "very-secret"}
        added = await api.done("POST", "/sources", {"name": "uni", "type": "mytimetable", "settings": given})
        assert added["settings"] == {"api_url": "http://127.0.0.1:1"}
        assert "very-secret" not in str(await api.get("/sources"))
        store = api.site.school.bridge.store
        assert "very-secret" not in str(await contents(store.database))
        assert [one.secrets for one in await store.sources.all()] == [{"api_token": "very-secret"}]
        changed = await api.done("PATCH", "/sources/uni", {"settings": {"title": "Uni"}})
        assert changed["title"] == "Uni"
        assert [one.secrets for one in await store.sources.all()] == [{"api_token": "very-secret"}]


async def test_everybody_of_a_source_is_added_invited_and_later_removed(open_api: OpenApi) -> None:
    async with open_api() as api:
        clock = api.site.school.clock
        institute = informat(clock)
        async with institute.serve() as address:
            given = {name: value for name, value in institute.settings_at(address).items() if name != "type"}
            await api.done("POST", "/sources", {"name": "sintjan", "type": "informat", "settings": given})
            synced = await api.done("POST", "/sources/sintjan/sync", {"invitations": True})
            assert {one["user"] for one in synced["invited"]} == {one["user"] for one in synced["added"]}
            gone, *_ = (one["user"] for one in synced["added"])
            account, *_ = await api.site.school.bridge.store.accounts.all(user=gone, source="sintjan")
            await api.site.school.bridge.store.leavers.note("sintjan", [account.id], clock())
            clock.forward(days=31)
            again = await api.done("POST", "/sources/sintjan/sync", {"dry_run": True, "remove_gone": "30d"})
            assert again["removed"] == again["invited"] == []  # the source knows everybody
            assert (await api.ask("POST", "/sources/sintjan/sync", {"remove_gone": "long"})).status == 422
