"""The people whose calendars are made."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bridge.errors import UnknownName
from bridge.store.accounts import remove_accounts
from bridge.store.database import Database
from bridge.store.feeds import revoke_feeds
from bridge.store.schema import accounts, feeds, users


@dataclass(frozen=True, slots=True)
class User:
    """A user. `title` is their name for people, in the titles of calendars."""

    id: int
    name: str
    title: str
    created: datetime


class UserStore:
    """The users in the storage."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, name: str, title: str, now: datetime) -> User:
        """Add a user.

        Raises:
            UnknownName: a user of that name exists.
        """
        values = {"name": name, "title": title, "created": now}
        try:
            async with self._database.write() as connection:
                result = await connection.execute(insert(users).values(values).returning(users.c.id))
                return User(id=result.scalar_one(), name=name, title=title, created=now)
        except IntegrityError:
            raise UnknownName(f'A user called "{name}" exists already.') from None

    async def get(self, name: str) -> User:
        """The user of that name.

        Raises:
            UnknownName: the user does not exist.
        """
        async with self._database.read() as connection:
            return await _find(connection, name)

    async def all(self) -> list[User]:
        """All users, by name."""
        async with self._database.read() as connection:
            rows = await connection.execute(select(users).order_by(users.c.name))
            return [User(**row) for row in rows.mappings()]

    async def remove(self, name: str, now: datetime) -> None:
        """Remove a user with all accounts, events and feeds. The addresses of the feeds answer 410 (gone) from then on.

        Raises:
            UnknownName: the user does not exist.
        """
        async with self._database.write() as connection:
            await connection.execute(select(users.c.id).where(users.c.name == name).with_for_update())
            user = await _find(connection, name)
            # the account before its feeds, in the same order as a refresh, so that the two cannot deadlock
            await remove_accounts(connection, accounts.c.user_id == user.id)
            await revoke_feeds(connection, feeds.c.user_id == user.id, now)
            await connection.execute(delete(users).where(users.c.id == user.id))


async def _find(connection: AsyncConnection, name: str) -> User:
    row = (await connection.execute(select(users).where(users.c.name == name))).mappings().first()
    if row is None:
        raise UnknownName(f'No user is called "{name}".')
    return User(**row)
