"""Connections that say nothing, too little or too slowly, and too many of them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from bridge.server.clients import Clients
from bridge.server.connections import ConnectionLimits, Connections, GuardedSite, most_connections
from tests.program import PATIENCE

LIMITS = ConnectionLimits(most=20, head=0.3, rest=0.6, look_every=0.05)
Open = Callable[..., AbstractAsyncContextManager[tuple[str, int]]]


@pytest.fixture
def guarded() -> Open:
    """A server that answers `/`, and a POST to it with the length of what was sent."""

    @asynccontextmanager
    async def opened(
        limits: ConnectionLimits = LIMITS, *, proxies: tuple[str, ...] = ()
    ) -> AsyncIterator[tuple[str, int]]:
        async def answer(request: web.Request) -> web.Response:
            return web.Response(text=str(len(await request.read())))

        connections = Connections(limits, Clients(proxies))
        app = web.Application()
        app.router.add_route("*", "/", answer)
        runner = web.AppRunner(app, lingering_time=0.1)
        await runner.setup()
        await GuardedSite(runner, "127.0.0.1", 0, connections).start()
        try:
            yield runner.addresses[0]
        finally:
            await runner.cleanup()

    return opened


async def ended(reader: asyncio.StreamReader) -> bytes:
    """What comes until the server closes the connection."""
    try:
        return await asyncio.wait_for(reader.read(), PATIENCE)
    except ConnectionError:
        return b""


async def status(place: tuple[str, int]) -> int:
    async with aiohttp.ClientSession() as session, session.get(f"http://{place[0]}:{place[1]}/") as response:
        return response.status


@pytest.mark.parametrize("said", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: here\r\nX-Slow: "])
async def test_a_connection_without_a_whole_head_is_closed_in_time(guarded: Open, said: bytes) -> None:
    async with guarded() as place:
        reader, writer = await asyncio.open_connection(*place)
        writer.write(said)
        assert await ended(reader) == b""
        writer.close()


async def test_a_head_that_drips_is_closed_in_time_too(guarded: Open) -> None:
    async with guarded() as place:
        reader, writer = await asyncio.open_connection(*place)
        writer.write(b"GET / HTTP/1.1\r\nX-Slow: ")

        async def drip() -> None:
            while True:
                writer.write(b"x")
                await asyncio.sleep(0.02)

        dripping = asyncio.create_task(drip())
        assert await ended(reader) == b""
        dripping.cancel()
        writer.close()


async def test_a_body_that_does_not_come_is_not_waited_for(guarded: Open) -> None:
    async with guarded() as place:
        reader, writer = await asyncio.open_connection(*place)
        writer.write(b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 100\r\n\r\nlittle")
        assert await ended(reader) == b""
        writer.close()


async def test_a_head_may_come_in_pieces(guarded: Open) -> None:
    async with guarded() as place:
        reader, writer = await asyncio.open_connection(*place)
        for piece in (b"GET / HTTP/1.1\r\nHost: here\r\n\r", b"\n"):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0.02)
        for again in (b"GET / HTTP/1.1\r\nHost: here\r\n\r\n", b""):
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
            assert await reader.readexactly(1) == b"0"
            await asyncio.sleep(LIMITS.head * 1.2)
            writer.write(again)
        writer.close()


async def test_a_connection_that_is_used_stays_for_longer_than_a_head_may_take(guarded: Open) -> None:
    async with guarded() as place:
        reader, writer = await asyncio.open_connection(*place)
        for _ in range(3):
            writer.write(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)
            assert head.startswith(b"HTTP/1.1 200 ")
            await reader.readexactly(1)
            await asyncio.sleep(LIMITS.head * 1.2)
        assert await ended(reader) == b""
        writer.close()


async def test_with_too_many_silent_connections_the_oldest_go_and_others_are_answered(guarded: Open) -> None:
    patient = ConnectionLimits(most=20, head=60, rest=60)
    async with guarded(patient) as place, AsyncExitStack() as stack:
        silent = []
        for _ in range(100):
            reader, writer = await asyncio.open_connection(*place)
            stack.callback(writer.close)
            silent.append(reader)
        assert await status(place) == 200
        assert [await ended(reader) for reader in silent[:80]] == [b""] * 80


async def test_connections_of_a_trusted_proxy_are_the_last_to_go(guarded: Open) -> None:
    few = ConnectionLimits(most=3, head=60, rest=60)
    async with guarded(few, proxies=("127.0.0.1",)) as place, AsyncExitStack() as stack:
        proxied = [await asyncio.open_connection(*place) for _ in range(3)]
        for _, writer in proxied:
            stack.callback(writer.close)
        assert await status(place) == 200
        assert await ended(proxied[0][0]) == b""


@pytest.mark.parametrize(("files", "most"), [(256, 128), (1024, 512), (8, 16), (10**9, 32_768)])
def test_half_of_the_files_are_for_connections(files: int, most: int) -> None:
    assert most_connections(files) == most
