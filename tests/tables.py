"""What stands in a storage, row by row."""

from typing import Any

from sqlalchemy import Column, Connection, Table, select

from bridge.store.database import Database
from bridge.store.schema import metadata


async def column(database: Database, of: Column[Any]) -> list[Any]:
    """What stands in a column."""
    return list(await database.read(lambda connection: connection.scalars(select(of)).all()))


async def contents(database: Database, *tables: Table) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of these tables, or of all, in an order that does not depend on where they lie."""

    def read(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=lambda row: str(row[:2]))
            for table in tables or metadata.sorted_tables
        }

    return await database.read(read)
