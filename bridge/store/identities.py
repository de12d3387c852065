"""Who at a sign-in provider is which user."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from bridge.errors import NameTaken
from bridge.store.database import Database, execute
from bridge.store.schema import USER, identities, users
from bridge.store.users import User


@dataclass(frozen=True, slots=True)
class Identity:
    """A person of a provider who is a user here. `connected` are the sources that were once connected at a sign-in."""

    user: User
    connected: frozenset[str]


class IdentityStore:
    """The identities of users: an issuer, and the subject that stands for the person there, for good."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, issuer: str, subject: str) -> Identity | None:
        """Who a subject of an issuer is here; `None` for a stranger."""
        return await self._database.read(_find, issuer, subject)

    async def known(self, user: User, issuer: str | None = None) -> bool:
        """Whether somebody of an issuer, or of any, is this user."""
        query = select(identities.c.subject).where(identities.c.user_id == user.id).limit(1)
        if issuer is not None:
            query = query.where(identities.c.issuer == issuer)
        return await self._database.read(lambda connection: connection.scalar(query)) is not None

    async def of_user(self, user: User) -> list[dict[str, Any]]:
        """Who a user is at providers: issuer, subject, and since when."""
        columns = identities.c.issuer, identities.c.subject, identities.c.created
        query = select(*columns).where(identities.c.user_id == user.id).order_by(identities.c.issuer)
        rows = await self._database.read(lambda connection: connection.execute(query).mappings().all())
        return [dict(row) for row in rows]

    async def add(self, issuer: str, subject: str, user: User, now: datetime) -> None:
        """Let a subject of an issuer be a user from now on.

        Raises:
            NameTaken: the subject is another user, or another subject of the issuer is this one.
        """
        values = {"issuer": issuer, "subject": subject, "user_id": user.id, "connected": "[]", "created": now}
        try:
            await self._database.write_durably(execute, insert(identities).values(values))
        except IntegrityError:
            raise NameTaken("This school account belongs to another page, or this page to another account.") from None

    async def note_connected(self, issuer: str, subject: str, sources: Collection[str]) -> None:
        """Note which sources have been connected at a sign-in."""
        mine = _is(issuer, subject)
        values = {"connected": json.dumps(sorted(sources))}
        await self._database.write(execute, update(identities).where(mine).values(values))


def _find(connection: Connection, issuer: str, subject: str) -> Identity | None:
    query = select(*USER, identities.c.connected).join(identities, identities.c.user_id == users.c.id)
    row = connection.execute(query.where(_is(issuer, subject))).mappings().first()
    if row is None:
        return None
    connected = frozenset(json.loads(row["connected"]))
    return Identity(User(row["id"], row["name"], row["title"], row["created"]), connected)


def _is(issuer: str, subject: str) -> ColumnElement[bool]:
    return (identities.c.issuer == issuer) & (identities.c.subject == subject)
