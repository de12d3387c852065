from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bridge.app import serve_bridge
from bridge.upstream.standin import StandIn
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
