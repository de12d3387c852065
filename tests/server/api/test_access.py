"""Who may use the API, and how it answers what is wrong."""

import pytest

from bridge.server.api.endpoints import ENDPOINTS
from tests.server.api.conftest import Api, OpenApi
from tests.server.conftest import OpenSite

ROUTES = [(one.method, one.path.replace("{", "").replace("}", "")) for one in ENDPOINTS]


@pytest.fixture
def storage_url(sqlite_url: str) -> str:
    return sqlite_url


async def test_without_an_admin_token_in_the_settings_there_is_no_api(open_site: OpenSite) -> None:
    async with open_site() as site:
        for method, path in ROUTES:
            for token in (None, "", "guess"):
                assert (await Api(site).ask(method, path, token=token)).status == 404


async def test_every_route_needs_the_admin_token(open_api: OpenApi) -> None:
    async with open_api() as api:
        for method, path in [*ROUTES, ("GET", "/no-such-route"), ("PUT", "/users")]:
            without = await api.ask(method, path, token=None)
            assert (without.status, without.headers["WWW-Authenticate"]) == (401, "Bearer")
            assert without.value["status"] == 401
        async with api.site.client.get(f"{api.site.address}/api") as response:
            assert response.status == 401
        assert (await api.ask("GET", "/users", token=None, Authorization="Basic YTpi")).status == 401


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_a_wrong_token_opens_no_route(open_api: OpenApi, method: str, path: str) -> None:
    async with open_api() as api:
        wrong = await api.ask(method, path, token="guess")
        assert wrong.status == 401
        assert 'error="invalid_token"' in wrong.headers["WWW-Authenticate"]
        assert "guess" not in str(wrong.value)


async def test_the_sixth_wrong_token_in_a_minute_is_one_too_many(open_api: OpenApi) -> None:
    async with open_api() as api:
        for _ in range(20):
            assert (await api.ask("GET", "/users")).status == 200
        statuses = [(await api.ask("GET", "/users", token="guess")).status for _ in range(6)]
        assert statuses == [401] * 5 + [429]
        waiting = await api.ask("GET", "/users")
        assert waiting.status == 429
        assert 1 <= int(waiting.headers["Retry-After"]) <= 61


async def test_errors_are_problems(open_api: OpenApi) -> None:
    async with open_api() as api:
        unknown = await api.ask("GET", "/users/nobody")
        assert unknown.headers["Content-Type"] == "application/problem+json; charset=utf-8"
        assert unknown.value == {
            "type": "about:blank",
            "title": "Not Found",
            "status": 404,
            "detail": 'No user is called "nobody".',
        }
        assert (await api.ask("GET", "/no-such-route")).value["status"] == 404
        elsewhere = await api.ask("PUT", "/users")
        assert (elsewhere.status, elsewhere.value["status"]) == (405, 405)
        assert set(elsewhere.headers["Allow"].split(",")) >= {"GET", "POST"}


async def test_a_body_that_cannot_be_read_is_refused_with_a_sentence(open_api: OpenApi) -> None:
    async with open_api() as api:
        json = {"Content_Type": "application/json"}
        assert (await api.ask("POST", "/users", b"{", **json)).status == 400
        assert (
            await api.ask("POST", "/users", b"name=a", Content_Type="application/x-www-form-urlencoded")
        ).status == 415
        assert (await api.ask("POST", "/users", b" " * 1_100_000, **json)).status == 413
        assert (await api.ask("POST", "/users", b'{"name": "\\ud800"}', **json)).status == 400
        assert (await api.ask("POST", "/users", b"[]", **json)).status == 422
        assert (await api.ask("GET", "/users", {"name": "anna"})).status == 400
        assert (await api.ask("GET", "/users?limit=many")).status == 422
        assert (await api.ask("GET", "/users/a%00b")).status == 404
        wrong = await api.ask("POST", "/users", {"name": "a/b", "nmae": "secret"})
        assert wrong.status == 422
        assert [fault["pointer"] for fault in wrong.value["errors"]] == ["/name", "/nmae"]
        assert "secret" not in str(wrong.value)
