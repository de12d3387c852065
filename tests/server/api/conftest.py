from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
from multidict import CIMultiDictProxy

from bridge.upstream.standin import StandIn
from tests.server.api.documented import check_answer
from tests.server.conftest import OpenSite, Site

TOKEN = "the-token-of-all-tests"


@dataclass
class Answer:
    """What the API answered."""

    status: int
    headers: CIMultiDictProxy[str]
    value: Any


@dataclass
class Api:
    """The API of a site, as a client uses it."""

    site: Site

    async def ask(
        self, method: str, path: str, body: object = None, *, token: str | None = TOKEN, **headers: str
    ) -> Answer:
        """Send a request, with the admin token; `path` is below /api/v1."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        given: dict[str, Any] = {"data": BytesIO(body)} if isinstance(body, bytes) else {"json": body}
        given = {} if body is None else given
        async with self.site.client.request(
            method, f"{self.site.address}/api/v1{path}", headers=sent, **given
        ) as response:
            answer = Answer(response.status, response.headers, await response.json(content_type=None))
            check_answer(method, path, response.content_type, answer.status, answer.value)
            return answer

    async def get(self, path: str) -> Any:
        """What a request that must do gives."""
        return await self.done("GET", path)

    async def done(self, method: str, path: str, body: object = None) -> Any:
        """What a request that must do gives."""
        answer = await self.ask(method, path, body)
        assert answer.status in {200, 201}, answer
        return answer.value


OpenApi = Callable[..., AbstractAsyncContextManager[Api]]


@pytest.fixture
def open_api(open_site: OpenSite) -> OpenApi:
    """Serve a bridge that reads the club, with an API."""

    @asynccontextmanager
    async def opened(beside: Mapping[str, StandIn] | None = None, **settings: Any) -> AsyncIterator[Api]:
        async with open_site(beside, admin_token=TOKEN, **settings) as site:
            yield Api(site)

    return opened
