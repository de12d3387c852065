"""Copy everything from one storage into another, of the same sort or not."""

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, literal, select, text, tuple_

from bridge.errors import ConfigError, StorageError
from bridge.store.database import Database
from bridge.store.migrations.migrate import migrate
from bridge.store.schema import feed_bytes, leases, meta, metadata, shared_answers

_AT_ONCE = 500
_PASSING = {leases.name, shared_answers.name}
_TABLES = tuple(table for table in metadata.sorted_tables if table.name not in _PASSING)


async def transfer(source: Database, target: Database, *, moved: Callable[[int, int], None]) -> None:
    """Copy all that `source` has, as of one moment, in one transaction of `target`, which must be empty.

    `moved` is called with how many rows were copied, of how many.

    Raises:
        ConfigError: `target` is not empty.
        StorageError: one of them cannot be used, or they differ after it; nothing was written then.
    """
    await migrate(target)
    async with source.conversation(writes=False) as read, target.conversation(writes=True) as write:
        if await write(_has_rows):
            raise ConfigError(f"The storage at {target.place} is not empty; copy to one that is new.")
        await write(_clear)
        total, done = await read(_count), 0
        for table in _TABLES:
            last: tuple[Any, ...] | None = None
            while rows := await read(_some, table, last):
                await write(_fill, table, rows)
                last = tuple(rows[-1][column.name] for column in table.primary_key)
                done += len(rows)
                moved(done, total)
        await write(_number, await read(_numbers))
        if await read(_summary) != await write(_summary):
            raise StorageError(f"The copy at {target.place} differs from the storage; nothing was kept of it.")


def _count(connection: Connection) -> int:
    return sum(connection.scalar(select(func.count()).select_from(table)) or 0 for table in _TABLES)


def _has_rows(connection: Connection) -> bool:
    return any(connection.execute(select(table).limit(1)).first() for table in _TABLES if table is not meta)


def _clear(connection: Connection) -> None:
    connection.execute(delete(meta))


def _some(connection: Connection, table: Table, last: tuple[Any, ...] | None) -> list[dict[str, Any]]:
    """The next rows of a table, after the one with this primary key."""
    key = tuple(table.primary_key)
    query = select(table).order_by(*key).limit(_AT_ONCE)
    if last is not None:
        after = (literal(value, column.type) for value, column in zip(last, key, strict=True))
        query = query.where(tuple_(*key) > tuple_(*after))
    return [dict(row) for row in connection.execute(query).mappings()]


def _fill(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    connection.execute(insert(table), rows)


def _numbered() -> Iterator[str]:
    """The tables whose rows get numbers, of which none is given twice."""
    return (table.name for table in _TABLES if table.dialect_options["sqlite"]["autoincrement"])


def _numbers(connection: Connection) -> dict[str, int]:
    """The last number that was given in each table, also to a row that is gone."""
    if connection.dialect.name != "postgresql":
        found = connection.execute(text("SELECT name, seq FROM sqlite_sequence"))
        return {row.name: row.seq for row in found}
    last = text("SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence(:table, 'id')::regclass), 0)")
    return {name: connection.scalar(last, {"table": name}) or 0 for name in _numbered()}


def _number(connection: Connection, numbers: dict[str, int]) -> None:
    """Have new rows get higher numbers."""
    for name in _numbered():
        number = numbers.get(name, 0)
        if not number:
            continue
        if connection.dialect.name == "postgresql":
            connection.execute(
                text("SELECT setval(pg_get_serial_sequence(:table, 'id'), :number)"), {"table": name, "number": number}
            )
        else:
            connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": name})
            connection.execute(
                text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :number)"),
                {"name": name, "number": number},
            )


def _summary(connection: Connection) -> tuple[dict[str, int], str]:
    """How many rows each table has, and what the feeds answer, in short."""
    counts = {table.name: connection.scalar(select(func.count()).select_from(table)) or 0 for table in _TABLES}
    digest = hashlib.sha256()
    query = select(feed_bytes.c.feed_id, feed_bytes.c.gzip).order_by(feed_bytes.c.feed_id)
    for feed_id, packed in connection.execute(query.execution_options(yield_per=100)):
        digest.update(f"{feed_id}:{len(packed)}:".encode())
        digest.update(packed)
    return counts, digest.hexdigest()
