"""A service waits for its PostgreSQL, but not for one that it cannot use."""

import asyncio
import os
from datetime import timedelta

import asyncpg
import pytest
from sqlalchemy import make_url
from structlog.testing import capture_logs

from bridge.errors import ConfigError, StorageError
from bridge.store.arrival import await_storage
from bridge.store.cipher import Cipher
from bridge.store.storage import open_store
from tests.conftest import KEY, POSTGRES, SettableClock
from tests.proxy import Proxy

pytestmark = pytest.mark.skipif(POSTGRES not in os.environ, reason="needs a PostgreSQL server")
MINUTE = timedelta(minutes=1)


async def test_a_server_that_is_away_is_waited_for_and_that_is_said_once() -> None:
    server = make_url(os.environ[POSTGRES])
    async with Proxy(server.host or "127.0.0.1", server.port or 5432).serve() as proxy:
        url = server.set(host="127.0.0.1", port=proxy.port).render_as_string(hide_password=False)
        proxy.cut()
        with capture_logs() as logs:
            waiting = asyncio.create_task(await_storage(url, MINUTE))
            await asyncio.wait({waiting}, timeout=2.5)
            assert not waiting.done()
            proxy.heal()
            await asyncio.wait_for(waiting, 30)
        assert [entry["event"] for entry in logs].count("storage.awaited") == 1
        proxy.cut()
        with pytest.raises(StorageError):
            await await_storage(url, timedelta(0))


async def test_a_database_of_another_encoding_is_refused() -> None:
    connection = await asyncpg.connect(os.environ[POSTGRES])
    name = f"roosterbridge_latin_{os.getpid()}"
    try:
        await connection.execute(
            f"CREATE DATABASE {name} ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
        )
        with pytest.raises(ConfigError, match="encoding LATIN1; make one with UTF8"):
            await await_storage(f"{os.environ[POSTGRES].rpartition('/')[0]}/{name}", MINUTE)
    finally:
        await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await connection.close()


async def test_a_database_that_only_reads_goes_on_being_read_and_says_so_when_something_is_written(
    postgresql_url: str, clock: SettableClock
) -> None:
    setting_up = await asyncpg.connect(postgresql_url)
    await setting_up.execute(
        f"ALTER DATABASE {make_url(postgresql_url).database} SET default_transaction_read_only = on"
    )
    await setting_up.close()
    async with open_store(postgresql_url, Cipher([KEY]), clock) as store:
        assert await store.users.all() == []
        with pytest.raises(StorageError, match="is read-only; let the service write to it"):
            await store.users.add("anna", "Anna", clock())
