"""Signing in with the school's own account, in a browser that keeps cookies."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from yarl import URL

from bridge.app import serve_bridge
from bridge.server.pages.protection import form_token
from bridge.sources.mytimetable.standin.server import stand_in
from tests.club.server import new_club
from tests.conftest import OpenSchool, SettableClock
from tests.provider import Provider, provider
from tests.server.conftest import OpenSite, Site

__all__ = ["provider"]
OPERATOR = {"admins": ["ict@school.example"]}


@dataclass
class Visitor:
    """A browser. `page` is the text of the last answer, `status` and `path` whence it came."""

    site: Site
    client: aiohttp.ClientSession
    status: int = 0
    page: str = ""
    path: str = ""

    async def get(self, path: str) -> str:
        return await self._ask("GET", path)

    async def post(self, path: str, **fields: str) -> str:
        return await self._ask("POST", path, data=fields)

    async def _ask(self, method: str, path: str, **more: Any) -> str:
        target = self.site.address + path
        for _ in range(5):
            async with self.client.request(method, target, allow_redirects=False, **more) as answer:
                self.status, self.page, self.path = answer.status, await answer.text(), answer.url.path
                if answer.status != 303 or not answer.headers["Location"].startswith("/"):
                    return answer.headers.get("Location", "") if answer.status == 303 else self.page
                method, target, more = "GET", self.site.address + answer.headers["Location"], {}
        raise AssertionError("it leads round in circles")

    async def led_back(self, person: str, begins: str = "/login") -> str:
        """Begin to sign in and choose a person at the provider; gives the path that it leads back to."""
        address = await self.get(begins)
        async with (
            aiohttp.ClientSession() as browser,
            browser.post(address, data={"person": person}, allow_redirects=False) as answer,
        ):
            back = urlsplit(answer.headers["Location"])
        return f"{back.path}?{back.query}"

    async def sign_in(self, person: str) -> str:
        return await self.get(await self.led_back(person))

    def field(self, name: str) -> str:
        """The value of a field of a form on the page."""
        (value,) = set(re.findall(rf'name="{name}" value="([^"]+)"', self.page))
        return str(value)


OpenVisitor = Callable[..., AbstractAsyncContextManager[Visitor]]


@asynccontextmanager
async def browser(site: Site) -> AsyncIterator[Visitor]:
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(headers={"Accept-Language": "en"}, cookie_jar=jar) as client:
        yield Visitor(site, client)


@asynccontextmanager
async def visitor(
    open_school: OpenSchool, clock: SettableClock, provider: Provider, **oidc: Any
) -> AsyncIterator[Visitor]:
    """A browser at a bridge that reads a university, where one signs in with the provider."""
    async with (
        open_school({"uni": stand_in(clock)}, oidc=provider.settings | oidc) as school,
        serve_bridge(school.bridge) as address,
        aiohttp.ClientSession() as client,
        browser(Site(school, new_club(clock), address, client)) as one,
    ):
        yield one


@pytest.fixture
def open_visitor(open_school: OpenSchool, clock: SettableClock, provider: Provider) -> OpenVisitor:
    return lambda **oidc: visitor(open_school, clock, provider, **oidc)


async def test_a_student_who_signs_in_has_an_account_and_a_feed_at_once(
    open_visitor: OpenVisitor, provider: Provider
) -> None:
    async with open_visitor(register=True, accounts={"uni": "{preferred_username}"}) as anna:
        await provider.control(people={"anna": {"preferred_username": "12345678"}})
        await anna.sign_in("anna")
        assert (anna.status, anna.path) == (200, "/m/me")
        assert "Anna Jansen" in anna.page
        store = anna.site.school.bridge.store
        (account,) = await store.accounts.all(user="anna@school.example")
        assert (account.source, account.identity) == ("uni", "12345678")
        (feed,) = await store.feeds.all(user="anna@school.example")
        assert feed.options == {"language": "en"}
        assert [deed.action for deed in await store.audit.some()] == ["user add", "account add", "feed add"]


async def test_who_is_unknown_is_told_so_kindly_where_nobody_registers(
    open_visitor: OpenVisitor, provider: Provider
) -> None:
    async with open_visitor() as anna:
        page = await anna.sign_in("anna")
        assert anna.status == 403
        assert "There are no calendars for you here yet." in page
        assert await anna.site.school.bridge.store.users.all() == []
        await anna.get("/m/me")
        assert anna.status == 303  # to the provider again


async def test_a_user_is_joined_by_an_address_that_the_provider_vouches_for(
    open_visitor: OpenVisitor, provider: Provider
) -> None:
    async with open_visitor() as anna:
        store, clock = anna.site.school.bridge.store, anna.site.school.clock
        await store.users.add("anna@school.example", "Anna", clock())
        await store.users.add("bram@school.example", "Bram", clock())
        await anna.sign_in("anna")
        assert anna.path == "/m/me"
        async with browser(anna.site) as bram:
            assert "There is a page for somebody of this name." in await bram.sign_in("bram")
            assert bram.status == 403


async def test_a_name_in_capitals_is_the_same_person(open_visitor: OpenVisitor, provider: Provider) -> None:
    async with open_visitor(register=True, admins=["Els@School.Example"]) as anna:
        store, clock = anna.site.school.bridge.store, anna.site.school.clock
        await store.users.add("Élin@School.example", "Élin", clock())
        shouted = {"email": "ÉLIN@SCHOOL.EXAMPLE", "email_verified": True}
        await provider.control(people={"anna": shouted})
        await anna.sign_in("anna")
        assert (anna.path, "Élin" in anna.page) == ("/m/me", True)
        await provider.control(people={"new": {"sub": "s-8", "email": "ELS@SCHOOL.EXAMPLE", "email_verified": True}})
        async with browser(anna.site) as els:
            await els.sign_in("new")
            await els.get("/admin")
            assert els.status == 200
        assert {user.name for user in await store.users.all()} == {"Élin@School.example", "els@school.example"}


async def test_a_changed_address_moves_nothing(open_visitor: OpenVisitor, provider: Provider) -> None:
    async with open_visitor(register=True) as anna:
        await anna.sign_in("anna")
        await provider.control(
            people={"anna": {"email": "a.smit@school.example"}, "new": {"sub": "s-9", "email": "anna@school.example"}}
        )
        await anna.sign_in("anna")
        async with browser(anna.site) as new:
            await provider.control(people={"new": {"email_verified": True, "name": "A new Anna"}})
            await new.sign_in("new")
            assert new.status == 403  # the address was given to somebody else since
        assert [user.name for user in await anna.site.school.bridge.store.users.all()] == ["anna@school.example"]


async def test_an_address_without_a_voucher_connects_no_account(open_visitor: OpenVisitor, provider: Provider) -> None:
    accounts = {"uni": "{email}"}
    async with open_visitor(register=True, username_claim="sub", accounts=accounts) as bram:
        await bram.sign_in("bram")
        assert bram.path == "/m/me"
        assert await bram.site.school.bridge.store.accounts.all(user="s-2") == []


async def test_what_was_connected_once_is_not_connected_again(open_visitor: OpenVisitor, provider: Provider) -> None:
    async with open_visitor(register=True, accounts={"uni": "{nickname}"}) as anna:
        store = anna.site.school.bridge.store
        await provider.control(people={"anna": {"nickname": "nobody-there"}})
        await anna.sign_in("anna")
        assert await store.accounts.all(user="anna@school.example") == []
        await provider.control(people={"anna": {"nickname": "12345678"}})
        await anna.sign_in("anna")
        assert len(await store.accounts.all(user="anna@school.example")) == 1
        await store.accounts.remove("anna@school.example", "uni", store.credentials.now())
        await anna.sign_in("anna")
        assert await store.accounts.all(user="anna@school.example") == []


async def test_a_page_can_be_joined_by_whoever_holds_it(open_visitor: OpenVisitor, provider: Provider) -> None:
    async with open_visitor(accounts={"uni": "{nickname}"}) as bram:
        store, clock = bram.site.school.bridge.store, bram.site.school.clock
        await store.users.add("bram", "Bram", clock())
        await provider.control(people={"bram": {"nickname": "12345678"}})
        token = await store.links.token("bram", clock())
        assert f"/m/{token}/sign-in" in await bram.get(f"/m/{token}")
        page = await bram.get(await bram.led_back("bram", f"/m/{token}/sign-in"))
        assert "Is this you?" in page
        assert "bram@school.example" in page
        assert await store.identities.find(provider.address, "s-2") is None
        form, sealed = bram.field("form"), bram.field("sealed")
        async with browser(bram.site) as other:
            await other.post("/login/join", form=form, sealed=sealed)
            assert other.status == 403  # of another browser
        await bram.post("/login/join", form=form, sealed=sealed)
        assert bram.path == "/m/me"
        assert "/sign-in" not in bram.page
        async with browser(bram.site) as again:
            await again.sign_in("bram")
            assert again.path == "/m/me"
        await store.users.add("anna", "Anna", clock())
        token = await store.links.token("anna", clock())
        await bram.get(await bram.led_back("bram", f"/m/{token}/sign-in"))
        await bram.post("/login/join", form=bram.field("form"), sealed=bram.field("sealed"))
        assert (bram.status, "belongs to another page" in bram.page) == (409, True)


async def test_an_operator_is_whom_the_settings_name(open_visitor: OpenVisitor, provider: Provider) -> None:
    async with open_visitor(**OPERATOR) as ict:
        await ict.sign_in("ict")
        session = await ict.site.school.bridge.store.sessions.find(_cookie(ict), since=ict.site.school.clock())
        assert session is not None
        assert (session.user, session.operator) == (None, True)
        assert (ict.status, ict.path) == (200, "/admin")
        await provider.control(people={"anna": {"email": "ict@school.example", "email_verified": False}})
        async with browser(ict.site) as anna:
            await anna.sign_in("anna")
            assert anna.status == 403


async def test_who_is_taken_off_the_list_is_no_operator_any_more(open_site: OpenSite, provider: Provider) -> None:
    async with open_site(oidc=provider.settings | OPERATOR) as site, browser(site) as ict:
        await ict.sign_in("ict")
        assert ict.status == 200
        session = _cookie(ict)
    others = {"admins": ["another@school.example"]}
    async with open_site(oidc=provider.settings | others) as site, browser(site) as ict:
        ict.client.cookie_jar.update_cookies({"session": session}, URL(site.address))
        await ict.get("/admin")
        assert ict.status == 401


def _cookie(of: Visitor) -> str:
    return next(cookie.value for cookie in of.client.cookie_jar if cookie.key == "session")


async def test_a_sign_in_belongs_to_the_browser_that_began_it(open_visitor: OpenVisitor, provider: Provider) -> None:
    async with open_visitor(register=True) as anna, browser(anna.site) as thief:
        stolen = await anna.led_back("anna")
        assert "begun in another browser" in await thief.get(stolen)
        assert thief.status == 400
        await thief.led_back("bram")
        assert "begun in another browser" in await thief.get(stolen)
        await anna.get(stolen)
        assert anna.path == "/m/me"
        assert "begun in another browser" in await anna.get(stolen)  # it was used
        slow = await anna.led_back("anna")
        anna.site.school.clock.forward(minutes=31)
        assert "too long ago" in await anna.get(slow)


@pytest.mark.parametrize("away", ["all", "/token", "/jwks"])
async def test_a_provider_that_is_away_is_no_fault_of_the_person(
    open_visitor: OpenVisitor, provider: Provider, away: str
) -> None:
    async with open_visitor(register=True) as anna:
        back = await anna.led_back("anna")
        await provider.control(away=away)
        await anna.get(back)
        assert (anna.status, "out of order" in anna.page, "Begin again" in anna.page) == (503, True, True)
        await provider.control(away="")
        await anna.sign_in("anna")
        assert anna.path == "/m/me"


async def test_signing_out_ends_it_here_and_there(open_visitor: OpenVisitor, provider: Provider) -> None:
    async with open_visitor(register=True) as anna:
        await anna.sign_in("anna")
        assert 'href="/logout"' in anna.page
        cookie = _cookie(anna)
        async with anna.client.get(f"{anna.site.address}/logout") as asked:
            assert f"form-action 'self' {provider.address};" in asked.headers["Content-Security-Policy"]
        await anna.post("/logout", form="wrong")
        assert anna.status == 403
        led = await anna.post("/logout", form=form_token(cookie))
        assert led.startswith(f"{provider.address}/end?")
        assert "id_token_hint=" in led
        assert "post_logout_redirect_uri=http://127.0.0.1:8080/" in led
        store, clock = anna.site.school.bridge.store, anna.site.school.clock
        assert await store.sessions.find(cookie, since=clock()) is None
        await provider.control(away="all")
        await anna.post("/logout")
        assert anna.path == "/"


async def test_signing_out_works_while_the_provider_is_away(open_visitor: OpenVisitor, provider: Provider) -> None:
    async with open_visitor(register=True) as anna:
        await anna.sign_in("anna")
        await provider.control(away="all")
        anna.site.school.clock.forward(hours=2)
        await anna.post("/logout", form=form_token(_cookie(anna)))
        assert (anna.status, anna.path) == (200, "/")


async def test_a_page_of_who_is_signed_in_does_all_that_the_one_of_an_address_does(
    open_visitor: OpenVisitor, provider: Provider
) -> None:
    async with open_visitor(register=True) as anna:
        await anna.sign_in("anna")
        form = form_token(_cookie(anna))
        await anna.get("/m/me/feeds/new")
        await anna.post("/m/me/feeds/new", form=form, name="Mine", kind="lesson", source="uni")
        assert "The calendar was made." in anna.page
        await anna.post("/m/me/end", form=form)
        assert (anna.path, "have new addresses" in anna.page) == ("/m/me", True)
        await anna.post("/m/me/feeds/new", form=form_token("me"), name="Another", kind="lesson", source="uni")
        assert anna.status == 403
        await anna.post("/m/me/remove", form=form)
        assert "You are removed" in anna.page
        await anna.get("/m/me")
        assert anna.status == 303


async def test_the_front_page_offers_to_sign_in_where_that_is_possible(
    open_visitor: OpenVisitor, open_site: OpenSite, provider: Provider
) -> None:
    async with open_visitor(register=True) as anna:
        assert 'href="/login"' in await anna.get("/")
        await anna.sign_in("anna")
        assert 'href="/m/me"' in await anna.get("/")
    async with open_site() as site, browser(site) as nobody:
        assert "/login" not in await nobody.get("/")
        for path in ("/login", "/login/callback", "/logout", "/m/me"):
            await nobody.get(path)
            assert nobody.status == 404, path
