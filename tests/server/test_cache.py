"""Feeds answered from memory, where memory is short."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import aiohttp
from aiohttp import web

from bridge.server.application import build_app
from bridge.server.clients import Clients
from bridge.server.feeds import FeedCache
from bridge.server.metrics import Metrics
from bridge.store.changes import watch_changes
from bridge.store.cipher import Cipher
from bridge.store.feed import NewFeed
from bridge.store.renderings import Rendering
from bridge.store.storage import open_store
from tests.conftest import KEY, SettableClock

NOW = datetime(2026, 11, 22, tzinfo=UTC)


async def test_more_feeds_than_there_is_room_for_are_all_answered_right(storage_url: str, clock: SettableClock) -> None:
    async with open_store(storage_url, Cipher([KEY]), clock) as store:
        tokens = {}
        for number in range(12):
            user = f"user-{number}"
            await store.users.add(user, user, NOW)
            token = await store.feeds.add(user, NewFeed(), NOW)
            body = f"the bytes of feed {number}".encode() * 10
            tokens[token] = body
            (feed,) = await store.feeds.all(user=user)
            await store.renderings.publish([(feed, Rendering.of(body))], NOW)
        packed = len(Rendering.of(next(iter(tokens.values()))).packed)
        changes = watch_changes(store.database)
        for capacity in (1, packed * 3, packed * 100):
            cache = FeedCache(store.renderings, changes, clock, capacity=capacity)
            async with (
                _serve(build_app(store, Metrics(), cache, Clients([]), lambda: 0.0)) as address,
                aiohttp.ClientSession() as client,
            ):
                for token, body in [*tokens.items(), *tokens.items(), *reversed(tokens.items())]:
                    for coding in ("gzip", "identity"):
                        headers = {"Accept-Encoding": coding}
                        async with client.get(f"{address}/f/{token}.ics", headers=headers) as response:
                            assert response.status == 200
                            assert await response.read() == body
                            assert response.headers.get("Content-Encoding", "identity") == coding
        await changes.close()


@asynccontextmanager
async def _serve(app: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0]
    yield f"http://{host}:{port}"
    await runner.cleanup()
