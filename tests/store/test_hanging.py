"""A host that hangs holds nobody up for long."""

import asyncio

import asyncpg
import pytest

from bridge.store.changes import PostgresChanges
from bridge.store.database import Database
from tests.conftest import SORTS
from tests.program import PATIENCE

LOCK = "SELECT pg_advisory_xact_lock(7)"


@pytest.mark.parametrize("sort", SORTS[1:])
async def test_what_a_host_has_locked_is_free_though_it_hangs_while_it_prepares_a_statement(
    postgresql_url: str, sort: str
) -> None:
    assert sort == "postgresql"
    hanging, other = [await asyncpg.connect(postgresql_url) for _ in range(2)]
    changes = PostgresChanges(Database(postgresql_url), ask_every=0.3)
    try:
        await hanging.execute("BEGIN")
        await hanging.execute(LOCK)
        await hanging.prepare("SELECT 1")  # the server waits for the rest, and does not call that idle
        async with asyncio.timeout(PATIENCE):
            await other.execute(LOCK)
    finally:
        hanging.terminate()
        other.terminate()
        await changes.close()
