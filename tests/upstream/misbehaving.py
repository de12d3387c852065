"""An upstream that misbehaves, played by a real server on loopback."""

import asyncio
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from yarl import URL

from bridge.errors import SourceError
from bridge.upstream.budget import OwnBudget
from bridge.upstream.http import HttpClient
from bridge.upstream.retry import RetryPolicy
from bridge.upstream.session import new_session

SECRET = "hunter2"


QUICK = RetryPolicy(3, timedelta(milliseconds=1), timedelta(milliseconds=20))


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Upstream:
    """A server that answers each request with the next of its handlers, and the last one from then on."""

    def __init__(self, *handlers: Handler) -> None:
        self.handlers = list(handlers)
        self.requests: list[web.Request] = []
        self.url = URL()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        return await self.handlers[min(len(self.requests), len(self.handlers)) - 1](request)

    async def run(self) -> web.AppRunner:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self.answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = URL(f"http://127.0.0.1:{runner.addresses[0][1]}/")
        return runner


@asynccontextmanager
async def asking(
    *handlers: Handler, within: float = 5, rate: float = 1000
) -> AsyncIterator[tuple[HttpClient, Upstream]]:
    upstream = Upstream(*handlers)
    runner = await upstream.run()
    try:
        async with new_session() as session:
            yield client(session, within, rate), upstream
    finally:
        await runner.cleanup()


def client(session: Any, within: float = 5, rate: float = 1000) -> HttpClient:
    limit = timedelta(seconds=within)
    return HttpClient(session, origin="Fortes", timeout=limit, budget=OwnBudget(rate), retry=QUICK)


def saying(body: bytes = b"{}", status: int = 200, **headers: str) -> Handler:
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=body, status=status, headers=named)

    return answer


def sending_on(location: str, status: int = 302) -> Handler:
    return saying(b"", status, Location=location)


async def breaking_off(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"name": "hunter2')
    assert request.transport is not None
    request.transport.close()
    return response


async def waiting(_: web.Request) -> web.Response:
    await asyncio.sleep(2)
    return web.Response()


async def dripping(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(200):
        await response.write(b" ")
        await asyncio.sleep(0.01)
    return response


async def flooding(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while request.transport is not None:
        await response.write(b" " * 65536)
    return response


async def refused(http: HttpClient, url: URL, **more: Any) -> SourceError:
    with pytest.raises(SourceError) as raised:
        (await http.get(url, **more)).json()
    told = "".join(traceback.format_exception(raised.value))
    assert SECRET not in told
    assert "://" not in raised.value.sentence
    assert raised.value.sentence.startswith("Fortes ")
    assert raised.value.sentence.endswith(".")
    return raised.value
