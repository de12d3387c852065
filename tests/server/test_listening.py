"""The notices of PostgreSQL, by which a service hears of changes, when their connection is lost."""

import os
from collections.abc import Awaitable

import asyncpg
import pytest
from sqlalchemy import make_url

from bridge.store.cipher import Cipher
from bridge.store.storage import Store, open_store
from tests.conftest import KEY, POSTGRES, SettableClock
from tests.program import until
from tests.server.conftest import OpenSite, Site

pytestmark = pytest.mark.skipif(POSTGRES not in os.environ, reason="needs a PostgreSQL server")


@pytest.fixture
def storage_url(database: str) -> str:
    """The storage that `open_site` uses."""
    return database


@pytest.fixture
def database(postgresql_url: str) -> str:
    return postgresql_url


async def _listeners(server: "asyncpg.Connection[asyncpg.Record]", database: str) -> list[int]:
    rows = await server.fetch(
        "SELECT pid FROM pg_stat_activity WHERE datname = $1 AND query ILIKE 'LISTEN %' AND state = 'idle'",
        make_url(database).database,
    )
    return [row["pid"] for row in rows]


async def _status(site: Site, token: str) -> int:
    return (await site.get(token, Accept_Encoding="gzip"))[0].status


async def test_after_a_lost_connection_changes_are_seen_again(
    open_site: OpenSite, database: str, clock: SettableClock
) -> None:
    server = await asyncpg.connect(os.environ[POSTGRES])
    async with open_site() as site, open_store(database, Cipher([KEY]), clock) as other:
        await other.users.add("anna", "Anna", clock())
        for _ in range(2):
            await _lose_and_regain(site, other, server, database)
    await server.close()


async def test_what_changed_while_nobody_listened_is_seen_once_somebody_does(
    open_site: OpenSite, database: str, clock: SettableClock
) -> None:
    name = make_url(database).database
    server = await asyncpg.connect(os.environ[POSTGRES])
    async with open_site() as site, open_store(database, Cipher([KEY]), clock) as other:
        await other.users.add("anna", "Anna", clock())
        token = await site.school.feed("anna")
        await until(lambda: _listeners(server, database))
        (pid,) = await _listeners(server, database)
        await server.execute(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false")
        await server.execute("SELECT pg_terminate_backend($1)", pid)
        await until(lambda: _none(_listeners(server, database)))
        assert await _status(site, token) == 200
        await other.feeds.revoke("anna", "default", clock())
        await server.execute(f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true")
        await until(lambda: _listeners(server, database))
        assert await _status(site, token) == 410
    await server.close()


async def _lose_and_regain(
    site: Site, other: Store, server: "asyncpg.Connection[asyncpg.Record]", database: str
) -> None:
    token = await site.school.feed("anna")
    await until(lambda: _listeners(server, database))
    (pid,) = await _listeners(server, database)
    await server.execute("SELECT pg_terminate_backend($1)", pid)
    await until(lambda: _others(_listeners(server, database), pid))
    assert await _status(site, token) == 200
    await other.feeds.revoke("anna", "default", site.school.clock())
    await until(lambda: _is_gone(site, token))  # nobody else would see it within five minutes


async def _others(found: Awaitable[list[int]], than: int) -> bool:
    return bool(set(await found) - {than})


async def _is_gone(site: Site, token: str) -> bool:
    return await _status(site, token) == 410


async def _none(found: Awaitable[list[int]]) -> bool:
    return not await found
