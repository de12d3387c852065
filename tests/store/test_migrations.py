import asyncio
import sqlite3
from contextlib import AsyncExitStack, closing
from itertools import pairwise
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text
from sqlalchemy.engine.interfaces import ReflectedColumn

from bridge.errors import ConfigError
from bridge.store.cipher import Cipher
from bridge.store.database import Database, execute
from bridge.store.migrations.migrate import HEAD, migrate
from bridge.store.schema import metadata
from bridge.store.storage import Store, open_store
from tests.conftest import KEY, SettableClock
from tests.store.conftest import OpenStorage
from tests.store.earlier import bring_to, make
from tests.store.processes import OPEN_ON_SIGNAL, running

ONE_AFTER_ANOTHER = "0021"
"""The schema since which hosts of two versions work side by side."""


@pytest.fixture
def storage_url(empty_url: str) -> str:
    return empty_url


async def test_the_migrations_make_exactly_the_schema(store: Store) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, metadata))

    assert await store.database.read(differences) == []


async def test_several_processes_may_open_an_empty_storage_at_once(open_storage: OpenStorage, storage_url: str) -> None:
    names = ["anna", "bram", "cas"]
    async with AsyncExitStack() as stack:
        starting = [stack.enter_async_context(running(OPEN_ON_SIGNAL, storage_url, KEY, name)) for name in names]
        processes = await asyncio.gather(*starting)
        results = await asyncio.gather(*(process.communicate(b"\n") for process in processes))
        assert [(process.returncode, result[1]) for process, result in zip(processes, results, strict=True)] == [
            (0, b"")
        ] * len(names)
    async with open_storage() as store:
        assert [user.name for user in await store.users.all()] == names


async def test_an_empty_file_is_opened_once_another_process_lets_go_of_it(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'bridge.db'}")
    with closing(sqlite3.connect(tmp_path / "bridge.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        opening = asyncio.create_task(migrate(database))
        assert await asyncio.wait({opening}, timeout=1) == (set(), {opening})
        other.execute("COMMIT")
        await opening
    await database.close()


async def test_opening_again_keeps_what_is_there(open_storage: OpenStorage) -> None:
    async with open_storage() as store:
        user = await store.users.add("anna", "Anna", store.credentials.now())
    async with open_storage() as store:
        assert await store.users.get("anna") == user


async def test_a_storage_of_this_version_is_opened_while_another_process_writes(store: Store) -> None:
    if store.database.file is None:
        pytest.skip("on PostgreSQL writers do not wait for each other")
    with closing(sqlite3.connect(store.database.file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        async with asyncio.timeout(5):
            await migrate(store.database)


async def test_a_storage_of_a_newer_version_is_refused(open_storage: OpenStorage) -> None:
    async with open_storage() as store:
        await store.database.write(execute, text("UPDATE alembic_version SET version_num = '9999'"))
    for _ in range(2):
        with pytest.raises(ConfigError, match="newer version of Roosterbridge"):
            async with open_storage():
                pytest.fail("it was opened")


async def test_migrations_since_hosts_are_replaced_one_after_another_take_nothing_from_older_versions(
    storage_url: str,
) -> None:
    """A migration adds: an older version reads and writes on. What it no longer needs goes a version later."""
    database = Database(storage_url)
    revisions = [f"{number:04}" for number in range(int(ONE_AFTER_ANOTHER), int(HEAD) + 1)]

    def columns(connection: Connection, revision: str) -> dict[str, dict[str, ReflectedColumn]]:
        bring_to(connection, revision)
        found = inspect(connection)
        return {
            table: {column["name"]: column for column in found.get_columns(table)} for table in found.get_table_names()
        }

    schemas = [await database.write(columns, revision) for revision in revisions]
    await database.close()
    for revision, (before, after) in zip(revisions[1:], pairwise(schemas), strict=True):
        for table, known in before.items():
            assert known.keys() <= after[table].keys(), (revision, table)
            for name, column in after[table].items():
                if name in known:
                    assert str(column["type"]) == str(known[name]["type"]), (revision, table, name)
                else:
                    assert column["nullable"] or column["default"] is not None, (revision, table, name)


async def test_a_storage_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match=r"cannot be opened; see storage\.url"):
        async with open_store(f"sqlite:///{tmp_path / 'file' / 'bridge.db'}", Cipher([KEY]), SettableClock()):
            pytest.fail("it was opened")


@pytest.mark.parametrize("url", ["bridge.db", "mysql://root@localhost/x", "sqlite://", ""])
async def test_an_address_that_is_no_storage_is_a_sentence(url: str) -> None:
    with pytest.raises(ConfigError, match=r"storage\.url"):
        Database(url)


async def test_users_of_before_who_differ_in_case_alone_all_stay(open_storage: OpenStorage, storage_url: str) -> None:
    names = {1: "Élin", 2: "élin", 3: "anna"}
    rows = [("users", {"id": number, "name": name, "title": name, "created": 0}) for number, name in names.items()]
    await make(storage_url, "0021", *rows)
    async with open_storage() as store:
        assert {user.id: user.name for user in await store.users.all()} == names
        assert await store.users.like("ÉLIN") == "Élin"
        assert await store.users.like("ANNA") == "anna"
