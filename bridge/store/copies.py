"""Whole copies of a storage, and whether a storage is whole."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select, text

from bridge.errors import ConfigError
from bridge.store.cipher import Cipher
from bridge.store.database import Database
from bridge.store.encryption import count_unreadable
from bridge.store.migrations.migrate import migrate
from bridge.store.private_files import make_file
from bridge.store.schema import accounts, events, feed_bytes, feeds, metadata, users

_MOST_PROBLEMS = 10
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Inventory:
    """What a storage holds. `problems` are sentences; none means that it is whole."""

    users: int
    accounts: int
    feeds: int
    events: int
    problems: tuple[str, ...]


async def back_up(database: Database, path: Path) -> None:
    """Write a whole copy, as of one moment, into a new SQLite file that only its owner can read.

    Raises:
        ConfigError: the file exists, or cannot be written.
        StorageError: the storage, or the disk of the copy, cannot be used.
    """
    try:
        if not make_file(path):
            raise ConfigError(f"{path} exists already; name a new file.")
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}.") from error
    try:
        if database.file is not None:
            await database.read(lambda connection: connection.exec_driver_sql("VACUUM INTO ?", (str(path),)))
        else:
            await _copy_rows(database, path)
    except BaseException:
        await asyncio.to_thread(path.unlink, missing_ok=True)
        raise


async def _copy_rows(database: Database, path: Path) -> None:
    contents = await database.upgrade(_rows)  # a large storage takes its time
    copy = Database(f"sqlite:///{path}")
    try:
        await migrate(copy)
        await copy.write_durably(_fill, contents)
        await copy.scrub()
    finally:
        await copy.close()


def _rows(connection: Connection) -> list[tuple[Table, Sequence[Any]]]:
    connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
    return [(table, connection.execute(select(table)).mappings().all()) for table in metadata.sorted_tables]


def _fill(connection: Connection, contents: Sequence[tuple[Table, Sequence[Any]]]) -> None:
    for table, _ in reversed(contents):
        connection.execute(delete(table))
    for table, rows in contents:
        for start in range(0, len(rows), _AT_ONCE):
            connection.execute(insert(table), [dict(row) for row in rows[start : start + _AT_ONCE]])


async def take_inventory(database: Database, cipher: Cipher) -> Inventory:
    """Count what a storage holds, and look for damage. Raises StorageError."""
    unreadable = await count_unreadable(database, cipher)
    found = await database.read(_inventory)
    if not unreadable:
        return found
    sentence = f"{unreadable} secrets cannot be decrypted with these keys."
    return Inventory(found.users, found.accounts, found.feeds, found.events, (*found.problems, sentence))


def _inventory(connection: Connection) -> Inventory:
    problems = [] if connection.dialect.name == "postgresql" else _damage(connection)
    bare = select(func.count()).select_from(feeds).where(feeds.c.etag.is_not(None) & ~_has_bytes())
    if lost := connection.scalar(bare):
        problems.append(f"{lost} feeds have lost their calendars; they are made again when something changes.")
    people, read, published, kept = (
        connection.scalar(select(func.count()).select_from(table)) or 0 for table in (users, accounts, feeds, events)
    )
    return Inventory(people, read, published, kept, tuple(problems))


def _has_bytes() -> Any:
    return select(feed_bytes.c.feed_id).where(feed_bytes.c.feed_id == feeds.c.id).exists()


def _damage(connection: Connection) -> list[str]:
    found = [str(row[0]) for row in connection.exec_driver_sql(f"PRAGMA integrity_check({_MOST_PROBLEMS})")]
    damage = [f"The file is damaged: {line}." for line in found if line != "ok"]
    loose = {str(row[0]) for row in connection.exec_driver_sql("PRAGMA foreign_key_check")}
    return damage + [f"Rows of {table} belong to nothing." for table in sorted(loose)]
