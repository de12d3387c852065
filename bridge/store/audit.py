"""Who did what to whom, and when."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Select, delete, insert, select, update

from bridge.store.database import Database, execute
from bridge.store.schema import audit, requests, users


class Via(StrEnum):
    """Where somebody did something."""

    COMMAND = "command"
    API = "api"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that somebody did.

    Attributes:
        actor: the user who did it on a page of their own; `None` is an operator.
        action: what, as the command of that name is called, such as "feed rotate".
        user, number: the user whom it concerned, if any; of a removed user only the number is known.
        thing: the source or feed that it concerned.
    """

    id: int
    at: datetime
    via: Via
    actor: int | None
    action: str
    user: str | None
    number: int | None
    thing: str | None


class AuditStore:
    """The deeds in the storage."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self, at: datetime, via: Via, action: str, *, actor: int | None, number: int | None, thing: str | None
    ) -> None:
        """Add a deed. `actor` and `number` are numbers of users."""
        values = {"at": at, "via": via, "actor": actor, "action": action, "number": number, "thing": thing}
        await self._database.write(execute, insert(audit).values(values))

    async def some(
        self, *, since: datetime | None = None, number: int | None = None, after: int = 0, limit: int | None = None
    ) -> list[Deed]:
        """The deeds since a moment, of or to the user of a number, and after the one of that id, the oldest first."""
        query = _DEEDS.where(audit.c.id > after).order_by(audit.c.id).limit(limit)
        if since is not None:
            query = query.where(audit.c.at >= since)
        if number is not None:
            query = query.where((audit.c.number == number) | (audit.c.actor == number))
        return await self._deeds(query)

    async def latest(self, *, before: int | None = None, limit: int) -> list[Deed]:
        """The last deeds, of those before the one of that id, the latest first."""
        query = _DEEDS.order_by(audit.c.id.desc()).limit(limit)
        return await self._deeds(query if before is None else query.where(audit.c.id < before))

    async def _deeds(self, query: Select[Any]) -> list[Deed]:
        rows = await self._database.read(lambda connection: connection.execute(query).mappings().all())
        return [Deed(**{**row, "via": Via(row["via"])}) for row in rows]

    async def forget(self, before: datetime) -> None:
        """Remove the deeds before a moment."""
        old = select(audit.c.id).where(audit.c.at < before).limit(1)
        if await self._database.read(lambda connection: connection.scalar(old)) is not None:
            await self._database.write(execute, delete(audit).where(audit.c.at < before))


_DEEDS = select(audit, users.c.name.label("user")).outerjoin(users, users.c.id == audit.c.number)


def forget_details(connection: Connection, number: int) -> None:
    """Within a transaction that removes a user: keep no more than the number, also not in answers to requests."""
    connection.execute(update(audit).where(audit.c.number == number).values(thing=None))
    connection.execute(delete(requests).where(requests.c.answer.is_not(None)))
