"""The service while its storage is away, hangs, or is spoilt."""

import os
import time
from collections.abc import AsyncIterator, Callable

import pytest
from sqlalchemy import make_url

from tests.conftest import POSTGRES
from tests.program import until
from tests.proxy import Proxy
from tests.server.conftest import OpenSite, Site

needs_postgres = pytest.mark.skipif(POSTGRES not in os.environ, reason="needs a PostgreSQL server")


@pytest.fixture
async def proxy() -> AsyncIterator[Proxy]:
    """A proxy before the PostgreSQL server of the tests."""
    server = make_url(os.environ[POSTGRES])
    async with Proxy(server.host or "127.0.0.1", server.port or 5432).serve() as served:
        yield served


@pytest.fixture
def storage_url(proxy: Proxy, postgresql_url: str) -> str:
    return make_url(postgresql_url).set(host="127.0.0.1", port=proxy.port).render_as_string(hide_password=False)


async def _two_feeds(site: Site) -> tuple[str, str]:
    """A feed that was read before, and one that was not."""
    await site.school.add("anna", "club")
    await site.school.refresh()
    read, unread = await site.school.feed("anna"), await site.school.feed("anna", name="other")
    assert (await site.get(read))[0].status == 200
    return read, unread


@needs_postgres
@pytest.mark.parametrize("trouble", [Proxy.cut, Proxy.swallow])
async def test_feeds_that_were_read_are_answered_while_the_storage_is_away_and_others_later(
    open_site: OpenSite, proxy: Proxy, trouble: Callable[[Proxy], None]
) -> None:
    async with open_site() as site:
        read, unread = await _two_feeds(site)
        first, calendar = await site.get(read)
        trouble(proxy)
        await site.get(read)
        took = []
        for _ in range(10):
            started = time.monotonic()
            answer, body = await site.get(read)
            took.append(time.monotonic() - started)
            assert (answer.status, body, answer.headers["ETag"]) == (200, calendar, first.headers["ETag"])
            assert (await site.get(read, If_None_Match=first.headers["ETag"]))[0].status == 304
        assert min(took) < 0.4  # those that wait for the storage all take seconds
        answer, _ = await site.get(unread)
        assert (answer.status, answer.headers["Retry-After"]) == (503, "30")
        status, text = await site.page("/readyz")
        assert (status, text.splitlines()[0]) == (503, "The storage at 127.0.0.1 does not answer.")
        assert await site.page("/healthz") == (200, "ok\n")
        proxy.heal()
        await until(lambda: _ready(site))
        assert (await site.get(unread))[0].status == 200
        await until(lambda: _gone_when_revoked(site, read))


async def _ready(site: Site) -> bool:
    return (await site.page("/readyz"))[0] == 200


async def _gone_when_revoked(site: Site, token: str) -> bool:
    if await site.school.bridge.store.feeds.all(user="anna"):
        await site.school.bridge.store.users.remove("anna", site.school.clock())
    return (await site.get(token))[0].status == 410


@needs_postgres
async def test_connections_that_died_unheard_stop_no_refresh(open_site: OpenSite, proxy: Proxy) -> None:
    async with open_site() as site:
        await _two_feeds(site)
        proxy.swallow()
        await until(lambda: _away(site))
        proxy.heal(unheard=True)
        site.school.clock.forward(hours=2)
        before = site.club.asked
        await until(lambda: site.club.asked > before)
        await until(lambda: _ready(site))


async def _away(site: Site) -> bool:
    return not await _ready(site)
