"""A SQLite file that was there and is gone, and storages that cannot be used for other reasons."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert

from bridge.errors import StorageError
from bridge.store.cipher import Cipher
from bridge.store.database import Database, execute
from bridge.store.marker import Marker
from bridge.store.schema import meta
from bridge.store.storage import open_store
from tests.conftest import KEY, SettableClock
from tests.program import Program
from tests.server.conftest import OpenSite

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def storage_url(sqlite_url: str) -> str:
    return sqlite_url


async def test_a_file_that_is_removed_is_noticed_and_not_made_again(storage_url: str, clock: SettableClock) -> None:
    async with open_store(storage_url, Cipher([KEY]), clock) as store:
        file = store.database.file
        assert file is not None
        await store.users.add("anna", "Anna", NOW)
        file.unlink()
        for _ in range(20):
            with pytest.raises(StorageError, match="is gone, or another file is there"):
                await store.users.get("anna")
        with pytest.raises(StorageError):
            await store.users.add("bram", "Bram", NOW)
        assert "is gone" in str(await store.trouble())
        assert not file.exists()
        file.touch()
        with pytest.raises(StorageError):
            await store.users.add("bram", "Bram", NOW)
        assert file.stat().st_size == 0


async def test_a_storage_that_was_there_is_not_made_again_at_the_next_start(
    storage_url: str, clock: SettableClock, tmp_path: Path
) -> None:
    marker = Marker(tmp_path / "secret.key.storages")
    file = tmp_path / "bridge.db"
    for _ in range(2):
        async with open_store(storage_url, Cipher([KEY]), clock, marker):
            assert file.exists()
    file.unlink()
    with pytest.raises(StorageError, match=r"is gone; put back a copy of it, or remove its line from .*\.storages"):
        async with open_store(storage_url, Cipher([KEY]), clock, marker):
            pytest.fail("it was made again")
    assert not file.exists()
    (tmp_path / "secret.key.storages").unlink()
    async with open_store(storage_url, Cipher([KEY]), clock, marker):
        assert file.exists()


async def test_a_service_whose_file_is_gone_answers_known_feeds_and_is_not_ready(open_site: OpenSite) -> None:
    async with open_site() as site:
        await site.school.add("anna", "club")
        token = await site.school.feed("anna")
        _, calendar = await site.get(token)
        file = site.school.bridge.store.database.file
        assert file is not None
        kept = file.rename(file.with_name("elsewhere.db"))
        assert (await site.get(token))[1] == calendar
        status, text = await site.page("/readyz")
        assert status == 503
        assert "is gone" in text
        kept.rename(file)
        assert (await site.page("/readyz"))[0] == 200


async def test_no_command_makes_an_empty_storage_where_one_was(program: Program) -> None:
    await program.json("user", "add", "anna")
    files = _files(program)
    assert files
    for one in files:
        one.unlink()
    assert "is gone" in await program.refused("user", "list")
    assert "is gone" in await program.refused("serve")
    assert not _files(program)


def _files(program: Program) -> list[Path]:
    return list(Path(program.storage_url.removeprefix("sqlite:///")).parent.glob("bridge.db*"))


async def test_each_trouble_has_a_sentence_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "bridge.db"
    database = Database(f"sqlite:///{file}")
    await database.write(meta.create)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        pages = other.execute("PRAGMA page_count").fetchone()[0]
        with pytest.raises(StorageError, match="full; free some space"):
            await database.write(_fill, pages)
    await database.close()
    await _read_only(file)
    file.write_bytes(b"no database at all. " * 4096)
    spoilt = Database(f"sqlite:///{file}")
    with pytest.raises(StorageError, match="damaged, or no database"):
        await spoilt.read(lambda connection: connection.exec_driver_sql("SELECT * FROM meta").all())
    await spoilt.close()


def _fill(connection: Connection, pages: int) -> None:
    connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    execute(connection, insert(meta).values(name="large", value="x" * 1_000_000))


async def _read_only(file: Path) -> None:
    database = Database(f"sqlite:///{file}")
    statement = insert(meta).values(name="a", value="b")

    def write(connection: Connection) -> None:
        connection.exec_driver_sql("PRAGMA query_only = ON")
        try:
            execute(connection, statement)
        finally:
            connection.exec_driver_sql("PRAGMA query_only = OFF")

    with pytest.raises(StorageError, match="read-only; let the service write to it"):
        await database.write(write)
    await database.close()
