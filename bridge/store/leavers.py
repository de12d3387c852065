"""Accounts whose source does not know their person any more, and since when."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from bridge.store.database import Database
from bridge.store.schema import accounts, leavers


class LeaverStore:
    """Since when sources have not known the persons of accounts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def since(self, source: str) -> Mapping[int, datetime]:
        """Since when the persons of accounts at a source have been unknown there, by account."""
        return await self._database.read(_since, source)

    async def note(self, source: str, unknown: Collection[int], now: datetime) -> None:
        """Note the accounts at a source whose person it does not know. Those of before stay as they were noted."""
        await self._database.write(_note, source, frozenset(unknown), now)


def _since(connection: Connection, source: str) -> dict[int, datetime]:
    query = select(leavers).join(accounts, accounts.c.id == leavers.c.account_id).where(accounts.c.source == source)
    return {row.account_id: row.since for row in connection.execute(query)}


def _note(connection: Connection, source: str, unknown: frozenset[int], now: datetime) -> None:
    before = _since(connection, source)
    new = [{"account_id": number, "since": now} for number in sorted(unknown - before.keys())]
    for number in before.keys() - unknown:
        connection.execute(delete(leavers).where(leavers.c.account_id == number))
    if new:
        connection.execute(insert(leavers), new)
