from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import pytest
from yarl import URL

from bridge.server.pages.protection import form_token
from bridge.server.sessions import COOKIE
from tests.server.conftest import OpenSite, Site

TOKEN = "the-token-of-all-tests"


@dataclass
class Desk:
    """An operator's browser, which reads English; `status`, `page` and `at` are of the last answer."""

    site: Site
    client: aiohttp.ClientSession
    status: int = 0
    page: str = ""
    at: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    async def sign_in(self, token: str = TOKEN, wanted: str = "/admin") -> str:
        """Sign in with an admin token."""
        return await self.ask("POST", "/admin/sign-in", data={"token": token, "wanted": wanted})

    async def open(self, path: str = "", **headers: str) -> str:
        """Open a page below `/admin`."""
        return await self.ask("GET", f"/admin{path}", headers=headers)

    async def send(self, path: str, /, *, token: str | None = None, **fields: str) -> str:
        """Send a form to an address below `/admin`; `token` is what it carries instead of the right one."""
        form = {"form": form_token(self.session) if token is None else token, **fields}
        return await self.ask("POST", f"/admin{path}", data=form)

    @property
    def session(self) -> str:
        """The token of the session that the browser has; empty if it has none."""
        return next((one.value for one in self.client.cookie_jar if one.key == COOKIE), "")

    def be(self, token: str) -> None:
        """Have another session, or none."""
        self.client.cookie_jar.clear()
        self.client.cookie_jar.update_cookies({COOKIE: token} if token else {}, URL(self.site.address))

    async def ask(self, method: str, path: str, **more: object) -> str:
        async with self.client.request(method, self.site.address + path, **more) as answer:  # type: ignore[arg-type]
            self.status, self.page, self.at = answer.status, await answer.text(), answer.url.raw_path_qs
            self.headers = dict(answer.headers)
        return self.page


OpenDesk = Callable[..., AbstractAsyncContextManager[Desk]]


@asynccontextmanager
async def desk_at(site: Site, *, signed_in: bool = True) -> AsyncIterator[Desk]:
    """An operator's browser at a site."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(headers={"Accept-Language": "en"}, cookie_jar=jar) as client:
        desk = Desk(site, client)
        if signed_in:
            await desk.sign_in()
        yield desk


@pytest.fixture
def open_desk(open_site: OpenSite) -> OpenDesk:
    """An operator's browser, signed in, at a bridge that reads the club."""

    @asynccontextmanager
    async def opened(*, signed_in: bool = True, **settings: object) -> AsyncIterator[Desk]:
        async with open_site(admin_token=TOKEN, **settings) as site, desk_at(site, signed_in=signed_in) as desk:
            yield desk

    return opened
