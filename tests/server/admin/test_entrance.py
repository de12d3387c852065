"""Who may see the operator's pages."""

import re
from datetime import timedelta

import aiohttp
import pytest
from sqlalchemy import Connection, text

from bridge.server import routes
from tests.server.addresses import ROUTES
from tests.server.admin.conftest import TOKEN, OpenDesk, desk_at
from tests.server.conftest import OpenSite

OURS = [route for route in ROUTES if route.startswith("/admin") and route != routes.ADMIN_SIGN_IN]
_POSTED = re.compile(r"(sign-out|check|refresh|sync|remove|edit|invite|invitations?)$")
POSTED = [route for route in OURS if _POSTED.search(route)]


@pytest.fixture
def storage_url(sqlite_url: str) -> str:
    """One storage is enough: who may enter does not depend on it."""
    return sqlite_url


def address(route: str) -> str:
    """The path of a route below `/admin`, with values that could be there."""
    return re.sub(r"\{\w+\}", "1", route).removeprefix("/admin")


async def test_without_an_admin_token_there_are_no_pages_of_an_operator(open_site: OpenSite) -> None:
    async with open_site() as site, desk_at(site, signed_in=False) as desk:
        for route in OURS:
            await desk.open(address(route))
            assert desk.status == 404, route
        await desk.sign_in("anything")
        assert desk.status == 404


async def test_no_route_opens_without_a_session_or_with_a_wrong_ended_or_anothers_one(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        school = desk.site.school
        good, store = desk.session, school.bridge.store.sessions
        anna = await school.bridge.store.users.add("anna", "Anna", school.clock())
        ended = await store.open(school.clock(), operator=True)
        await store.end(ended)
        stale = await store.open(school.clock(), operator=True, opened_with="of another admin token")
        hers = await store.open(school.clock(), user=anna)
        for token, status in (("", 401), ("rs_wrong", 401), (ended, 401), (stale, 401), (hers, 403)):
            desk.be(token)
            for route in OURS:
                await desk.open(address(route))
                assert desk.status in ({status, 404} if route in POSTED else {status}), (route, token)
                assert "Chess Club" not in desk.page
            for route in POSTED:
                await desk.send(address(route))
                assert desk.status == status, (route, token)
        desk.be(good)
        await desk.open()
        assert desk.status == 200
        school.clock.forward(days=31)
        await desk.open()
        assert desk.status == 401


async def test_a_session_goes_on_as_long_as_it_is_used(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        for _ in range(3):
            desk.site.school.clock.now += timedelta(days=20)
            await desk.open()
            assert desk.status == 200


async def test_the_sixth_wrong_token_in_a_minute_is_one_too_many(open_desk: OpenDesk) -> None:
    async with open_desk(signed_in=False) as desk:
        statuses = []
        for _ in range(6):
            assert "guess" not in await desk.sign_in("guess")
            statuses.append(desk.status)
        assert statuses == [401] * 5 + [429]
        await desk.sign_in()
        assert desk.status == 429
        assert 1 <= int(desk.headers["Retry-After"]) <= 61


async def test_without_cookies_signing_in_says_that_they_are_needed(open_desk: OpenDesk) -> None:
    async with open_desk(signed_in=False) as desk:
        assert "cookies" not in await desk.open("")
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as client:
            data = {"token": TOKEN, "wanted": "/admin/people"}
            async with client.post(f"{desk.site.address}/admin/sign-in", data=data) as answer:
                assert answer.status == 401
                assert "Your browser keeps no cookies" in await answer.text()


async def test_signing_in_leads_to_the_page_that_was_wanted_and_never_elsewhere(open_desk: OpenDesk) -> None:
    async with open_desk(signed_in=False) as desk:
        page = await desk.open("/people?search=anna")
        assert desk.status == 401
        assert 'value="/admin/people?search=anna"' in page
        await desk.sign_in(wanted="/admin/people?search=anna")
        assert (desk.status, desk.at) == (200, "/admin/people?search=anna")
        for elsewhere in ("https://evil.example/", "//evil.example", "/adminevil", "/admin@evil", ""):
            await desk.sign_in(wanted=elsewhere)
            assert desk.at == "/admin"


async def test_the_cookie_is_for_this_site_alone_and_not_for_scripts(open_desk: OpenDesk) -> None:
    async with open_desk(signed_in=False) as desk:
        data = {"token": "the-token-of-all-tests"}
        async with desk.client.post(f"{desk.site.address}/admin/sign-in", data=data, allow_redirects=False) as answer:
            cookie = answer.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Secure" not in cookie, "pages come by http here"
        assert desk.session not in str(await desk.site.school.bridge.store.database.read(_sessions))


def _sessions(connection: Connection) -> object:
    return connection.execute(text("SELECT * FROM sessions")).all()


async def test_forms_of_others_change_nothing(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
            async with desk.client.post(
                f"{desk.site.address}/admin/invite", data={"name": "eve"}, headers=headers
            ) as answer:
                assert answer.status == 403
        await desk.send("/invite", token="wrong", name="eve")
        assert desk.status == 403
        assert await desk.site.school.bridge.store.users.all() == []


async def test_who_signs_out_is_out_in_that_browser(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        token = desk.session
        await desk.send("/sign-out")
        assert desk.status == 401
        desk.be(token)
        await desk.open()
        assert desk.status == 401


async def test_who_signed_in_as_an_operator_with_a_school_account_sees_them_too(open_desk: OpenDesk) -> None:
    async with open_desk(signed_in=False) as desk:
        school = desk.site.school
        anna = await school.bridge.store.users.add("anna", "Anna", school.clock())
        desk.be(await school.bridge.store.sessions.open(school.clock(), user=anna, operator=True))
        await desk.send("/invite", name="bram")
        assert desk.status == 200
        assert [(one.action, one.actor) for one in await school.bridge.store.audit.some()] == [("user add", anna.id)]
        assert 'href="/admin"' in await desk.ask("GET", "/m/me")
