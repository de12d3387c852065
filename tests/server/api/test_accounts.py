"""Accounts, by the API."""

from tests.server.api.conftest import Api, OpenApi


async def _add_anna(api: Api) -> dict[str, object]:
    await api.done("POST", "/users", {"name": "anna"})
    anna = next(one for one in api.site.school.stand_ins["club"].people if one.user == "anna")
    return {"source": "club", "identity": anna.identity, "secret": anna.secret, "options": dict(anna.options)}


async def test_an_account_is_added_read_and_removed(open_api: OpenApi) -> None:
    async with open_api() as api:
        account = await _add_anna(api)
        added = await api.ask("POST", "/users/anna/accounts", account)
        assert added.status == 201
        assert (added.value["user"], added.value["source"], added.value["state"]) == ("anna", "club", "new")
        assert added.value["warning"] is None
        rows = await api.done("POST", "/refresh", {"user": "anna"})
        assert {(row["user"], row["source"], row["ok"]) for row in rows} == {("anna", "club", True)}
        (listed,) = await api.get("/users/anna/accounts")
        assert (listed["state"], listed["last_error"]) == ("ok", None)
        removed = await api.done("DELETE", "/users/anna/accounts/club")
        assert removed == {"user": "anna", "source": "club", "name": None, "warnings": []}
        assert await api.get("/users/anna/accounts") == []
        assert (await api.ask("DELETE", "/users/anna/accounts/club")).status == 404


async def test_a_login_that_is_refused_stores_nothing_and_is_not_repeated(open_api: OpenApi) -> None:
    async with open_api() as api:
        account = await _add_anna(api)
        refused = await api.ask("POST", "/users/anna/accounts", account | {"secret": "not-the-secret"})
        assert refused.status == 422
        assert "not-the-secret" not in str(refused.value)
        assert await api.get("/users/anna/accounts") == []
        assert (await api.ask("POST", "/users/anna/accounts", account | {"source": "clob"})).status == 404
        assert (await api.ask("POST", "/users/nobody/accounts", account)).status == 404
        assert (await api.ask("GET", "/users/nobody/accounts")).status == 404
        both = await api.ask("POST", "/users/anna/accounts", account | {"login_of": "bram"})
        assert both.status == 422
        assert str(account["secret"]) not in str(both.value)


async def test_where_a_login_has_several_persons_they_are_the_choices(open_api: OpenApi) -> None:
    async with open_api() as api:
        account = await _add_anna(api) | {"identity": None, "secret": "refresh-bakker"}
        answer = await api.ask("POST", "/users/anna/accounts", account)
        assert answer.status == 422
        assert [choice["value"] for choice in answer.value["choices"]] == ["sem", "lotte"]


async def test_a_parent_has_an_account_for_each_child(open_api: OpenApi) -> None:
    async with open_api() as api:
        account = await _add_anna(api) | {"identity": "sem", "secret": "refresh-bakker", "name": "Sem"}
        assert (await api.done("POST", "/users/anna/accounts", account))["name"] == "Sem"
        other = {"source": "club", "identity": "lotte", "login_of": "anna", "name": "Lotte"}
        await api.done("POST", "/users/anna/accounts", other)
        assert [one["name"] for one in await api.get("/users/anna/accounts")] == ["Lotte", "Sem"]
        assert (await api.ask("DELETE", "/users/anna/accounts/club")).status == 404
        removed = await api.done("DELETE", "/users/anna/accounts/club?as=Sem")
        assert removed["name"] == "Sem"
        assert [one["name"] for one in await api.get("/users/anna/accounts")] == ["Lotte"]
