import html
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from io import BytesIO
from urllib.parse import urlsplit

import aiohttp
import pytest

from bridge.server.pages.protection import form_token
from tests.server.conftest import OpenSite, Site


@dataclass
class Person:
    """Somebody with a page, who reads it in English; `answer` is the last answer, and `page` its text."""

    site: Site
    name: str
    token: str
    client: aiohttp.ClientSession
    status: int = 0
    page: str = ""
    at: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    async def open(self, path: str = "", **headers: str) -> str:
        """Open a page below the person's own."""
        return await self._ask("GET", f"/m/{self.token}{path}", headers=headers)

    async def send(self, path: str, /, *pairs: tuple[str, str], token: str | None = None, **fields: str) -> str:
        """Send a form to an address below the person's page; `token` is what it carries instead of the right one."""
        form = [("form", form_token(self.token) if token is None else token), *pairs, *fields.items()]
        return await self._ask("POST", f"/m/{self.token}{path}", data=form)

    async def press(self, **fields: str) -> str:
        """Send the form that the last page is about, to where it leads."""
        (action,) = re.findall(r'<form class="card"[^>]* method="post" action="([^"]+)"', self.page)
        return await self.send(html.unescape(action).removeprefix(f"/m/{self.token}"), **fields)

    async def upload(
        self, path: str, content: bytes, filename: str, *, field: str = "certificate", **fields: str
    ) -> str:
        """Send a form with a file."""
        form = aiohttp.FormData({"form": form_token(self.token), **fields})
        form.add_field(field, BytesIO(content), filename=filename)
        return await self._ask("POST", f"/m/{self.token}{path}", data=form)

    async def _ask(self, method: str, path: str, **more: object) -> str:
        async with self.client.request(method, self.site.address + path, **more) as answer:  # type: ignore[arg-type]
            self.status, self.page, self.at = answer.status, await answer.text(), urlsplit(str(answer.url)).path
            self.headers = dict(answer.headers)
            found = re.search(r"^/m/([^/]+)", self.at)
            self.token = found[1] if found and answer.history else self.token
        return self.page


OpenPage = Callable[..., AbstractAsyncContextManager[Person]]


@pytest.fixture
def open_page(open_site: OpenSite) -> OpenPage:
    """The page of a user, without accounts and feeds yet, at a bridge that reads the club."""

    @asynccontextmanager
    async def opened(name: str = "anna", title: str = "Anna", **settings: object) -> AsyncIterator[Person]:
        async with open_site(**settings) as site, aiohttp.ClientSession(headers={"Accept-Language": "en"}) as client:
            store, clock = site.school.bridge.store, site.school.clock
            await store.users.add(name, title, clock())
            yield Person(site, name, await store.links.token(name, clock()), client)

    return opened
