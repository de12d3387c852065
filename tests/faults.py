"""What a stand-in answers in the place of its API, or makes of the answer of its API, while something is wrong."""

import asyncio
import gzip
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from typing import Any

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def saying(status: int, text: str = "", content_type: str = "application/json", **headers: str) -> Handler:
    """The same answer to every request; `_` stands for `-` in the name of a header."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text=text, content_type=content_type, headers=named)

    return answer


async def as_usual(request: web.Request) -> web.StreamResponse:
    """The answer of the API, for a fault that has done what it wanted."""
    return await request.match_info.handler(request)


def times(count: int, fault: Handler) -> Handler:
    """The fault so many times, and the API from then on."""
    left = count

    async def answer(request: web.Request) -> web.StreamResponse:
        nonlocal left
        left -= 1
        return await (fault if left >= 0 else as_usual)(request)

    return answer


def delayed(seconds: float) -> Handler:
    """The answer of the API, later."""

    async def answer(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(seconds)
        return await as_usual(request)

    return answer


async def hanging(_: web.Request) -> web.StreamResponse:
    """Nothing, until whoever asks gives up."""
    await asyncio.Event().wait()
    raise AssertionError("unreachable: nobody sets the event")


async def reset(request: web.Request) -> web.StreamResponse:
    """The connection is reset before anything is answered."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def halved(request: web.Request) -> web.StreamResponse:
    """Half of the answer of the API; then the connection ends."""
    body = await _body_as_usual(request)
    response = web.StreamResponse(headers={"Content-Length": str(len(body)), "Content-Type": "application/json"})
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    assert request.transport is not None
    request.transport.close()
    return response


async def dripping(request: web.Request) -> web.StreamResponse:
    """The answer of the API, a byte every 50 ms."""
    body = await _body_as_usual(request)
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    with suppress(ConnectionError):  # whoever asks has given up
        for byte in body:
            await response.write(bytes([byte]))
            await asyncio.sleep(0.05)
    return response


async def bombing(_: web.Request) -> web.StreamResponse:
    """200 MB of spaces in 200 KB."""
    return web.Response(body=_bomb(), headers={"Content-Type": "application/json", "Content-Encoding": "gzip"})


@cache
def _bomb() -> bytes:
    return gzip.compress(b" " * 200_000_000, 1)


def too_many(later: timedelta, *, as_date: bool) -> Handler:
    """429, with a time to wait in seconds or as a date."""

    async def answer(request: web.Request) -> web.StreamResponse:
        moment = format_datetime(datetime.now(UTC) + later, usegmt=True)
        value = moment if as_date else str(int(later.total_seconds()))
        return await saying(429, Retry_After=value)(request)

    return answer


def retelling(change: Callable[[Any], Any]) -> Handler:
    """The answer of the API, with every list in it changed."""

    async def answer(request: web.Request) -> web.StreamResponse:
        answer = await as_usual(request)
        if not isinstance(answer, web.Response) or not isinstance(answer.body, bytes) or answer.status >= 300:
            return answer
        headers = {name: value for name, value in answer.headers.items() if not name.startswith("Content-")}
        told = _in_lists(json.loads(answer.body), change)
        return web.json_response(told, status=answer.status, headers=headers)

    return answer


def rewriting(change: Callable[[bytes], bytes], charset: str = "utf-8") -> Handler:
    """The answer of the API, with other bytes."""

    async def answer(request: web.Request) -> web.StreamResponse:
        answer = await as_usual(request)
        if not isinstance(answer, web.Response) or not isinstance(answer.body, bytes):
            return answer
        headers = {name: value for name, value in answer.headers.items() if not name.startswith("Content-")}
        headers["Content-Type"] = f"application/json; charset={charset}"
        return web.Response(body=change(answer.body), status=answer.status, headers=headers)

    return answer


async def _body_as_usual(request: web.Request) -> bytes:
    answer = await as_usual(request)
    assert isinstance(answer, web.Response)
    return answer.body if isinstance(answer.body, bytes) else b""


def _in_lists(value: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, dict):
        return {name: _in_lists(held, change) for name, held in value.items()}
    return change([_in_lists(held, change) for held in value]) if isinstance(value, list) else value
