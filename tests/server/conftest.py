from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from bridge.app import serve_bridge
from bridge.upstream.standin import StandIn
from tests.agenda import CHROMIUM
from tests.club.server import Club, new_club
from tests.conftest import OpenSchool, School, SettableClock
from tests.program import Program, new_program


@dataclass
class Site:
    """A bridge that is being served, and the club that it reads."""

    school: School
    club: Club
    address: str
    client: aiohttp.ClientSession

    async def get(self, token: str, *, method: str = "GET", **headers: str) -> tuple[aiohttp.ClientResponse, bytes]:
        """Ask for a feed with these headers only, `_` in a name for `-`; gives the answer and its bytes as sent."""
        asked = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.client.request(method, f"{self.address}/f/{token}.ics", headers=asked) as response:
            return response, await response.read()

    async def page(self, path: str) -> tuple[int, str]:
        """Status and text of another page."""
        async with self.client.get(self.address + path) as response:
            return response.status, await response.text()


OpenSite = Callable[..., AbstractAsyncContextManager[Site]]


@pytest.fixture
def open_site(open_school: OpenSchool, clock: SettableClock) -> OpenSite:
    """Serve a bridge that reads the club, and what is `beside` it."""

    @asynccontextmanager
    async def opened(beside: Mapping[str, StandIn] | None = None, **settings: Any) -> AsyncIterator[Site]:
        club = new_club(clock)
        async with (
            open_school({"club": club.stand_in, **(beside or {})}, **settings) as school,
            serve_bridge(school.bridge) as address,
            aiohttp.ClientSession(auto_decompress=False, skip_auto_headers=["Accept-Encoding"]) as client,
        ):
            yield Site(school, club, address, client)

    return opened


@pytest.fixture
async def program(tmp_path: Path, storage_url: str) -> AsyncIterator[Program]:
    """A program on a storage of either sort."""
    async with new_program(tmp_path / "service", storage_url) as made:
        yield made


Browse = Callable[..., AbstractAsyncContextManager[Page]]


def in_browser(test: Callable[..., Any]) -> Any:
    """Mark a test that uses `browse`: it needs Chromium, and runs in the event loop of the one that all tests share."""
    needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt-get install chromium")
    return needs_chromium(pytest.mark.asyncio(loop_scope="session")(test))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """A browser for all tests."""
    async with async_playwright() as playwright:
        yield await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])


@pytest.fixture
def browse(chromium: Browser) -> Browse:
    """Open a page in a profile of its own, which notes what it logs and where it asks; both must be in order.

    `errors` is whether pages may answer with an error, which browsers log.
    """

    @asynccontextmanager
    async def browsed(
        size: dict[str, int], *, scripts: bool = True, scheme: str = "light", errors: bool = False
    ) -> AsyncIterator[Page]:
        logged: list[str] = []
        hosts: set[str] = set()
        context = await chromium.new_context(
            viewport={"width": size["width"], "height": size["height"]},
            java_script_enabled=scripts,
            color_scheme="dark" if scheme == "dark" else "light",
            locale="en-GB",
        )
        page = await context.new_page()
        page.on("console", lambda message: logged.append(message.text))
        page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname or ""))
        page.set_default_timeout(20_000)
        yield page
        assert hosts <= {"127.0.0.1"}
        assert errors or [text for text in logged if "422" not in text] == []
        await context.close()

    return browsed
