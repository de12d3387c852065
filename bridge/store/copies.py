"""Whole copies of a storage, and whether a storage is whole."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from bridge.errors import ConfigError
from bridge.store.cipher import Cipher
from bridge.store.database import Database
from bridge.store.encryption import count_unreadable
from bridge.store.migrations.migrate import migrate
from bridge.store.private_files import make_file, make_folder
from bridge.store.schema import accounts, events, feed_bytes, feeds, users
from bridge.store.transfer import transfer

_MOST_PROBLEMS = 10


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
    if not _make(path):
        raise ConfigError(f"{path} exists already; name a new file.")
    copy = Database(f"sqlite:///{path}")
    try:
        if database.file is not None:
            await database.read(lambda connection: connection.exec_driver_sql("VACUUM INTO ?", (str(path),)))
        else:
            await transfer(database, copy, moved=lambda *_: None)
            await copy.scrub()
    except BaseException:
        await asyncio.to_thread(_remove, path)
        raise
    finally:
        await copy.close()


async def copy_storage(source: Database, target: Database, *, moved: Callable[[int, int], None]) -> None:
    """Copy everything into an empty storage; see `transfer`. A new SQLite file is private, and goes if that fails.

    Raises:
        ConfigError: there is nothing to copy, or `target` is not empty or cannot be written.
        StorageError: one of them cannot be used.
    """
    if source.file is not None and not source.file.exists():
        raise ConfigError(f"There is no storage at {source.place}.")
    await migrate(source)
    made = target.file is not None and _make(target.file)
    try:
        await transfer(source, target, moved=moved)
        await target.scrub()
    except BaseException:
        if made and target.file is not None:
            await target.close()
            await asyncio.to_thread(_remove, target.file)
        raise


def _make(path: Path) -> bool:
    try:
        make_folder(path.parent)
        return make_file(path)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}.") from error


def _remove(path: Path) -> None:
    for name in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        name.unlink(missing_ok=True)


async def take_inventory(database: Database, cipher: Cipher) -> Inventory:
    """Count what a storage holds, and look for damage. Raises StorageError."""
    unreadable = await count_unreadable(database, cipher)
    found = await database.read(_inventory)
    if not unreadable:
        return found
    what = "1 secret" if unreadable == 1 else f"{unreadable} secrets"
    sentence = f"{what} cannot be decrypted with these keys."
    return Inventory(found.users, found.accounts, found.feeds, found.events, (*found.problems, sentence))


def _inventory(connection: Connection) -> Inventory:
    problems = [] if connection.dialect.name == "postgresql" else _damage(connection)
    bare = select(func.count()).select_from(feeds).where(feeds.c.etag.is_not(None) & ~_has_bytes())
    if lost := connection.scalar(bare):
        what = "1 feed has lost its calendar" if lost == 1 else f"{lost} feeds have lost their calendars"
        problems.append(f"{what}; a calendar is made again when something changes.")
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
