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
    """Somebody; `title` is how they are called in titles, their name by default."""

    id: int
    name: str
    title: str
    created: datetime


class UserStore:
    """Adds, lists and removes users."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, name: str, title: str, now: datetime) -> User:
        """Make a user.

        Raises:
            UnknownName: there is one of that name.
        """
        values = {"name": name, "title": title, "created": now}
        try:
            async with self._database.write() as connection:
                result = await connection.execute(insert(users).values(values).returning(users.c.id))
                return User(id=result.scalar_one(), name=name, title=title, created=now)
        except IntegrityError:
            raise UnknownName(f"There is a user {name} already.") from None

    async def get(self, name: str) -> User:
        """The user of that name.

        Raises:
            UnknownName: there is none.
        """
        async with self._database.read() as connection:
            return await _find(connection, name)

    async def all(self) -> list[User]:
        """All users, by name."""
        async with self._database.read() as connection:
            rows = await connection.execute(select(users).order_by(users.c.name))
            return [User(**row) for row in rows.mappings()]

    async def remove(self, name: str, now: datetime) -> None:
        """Remove a user with all accounts, events and feeds; the feeds' addresses answer "gone" from now on.

        Raises:
            UnknownName: there is none.
        """
        async with self._database.write() as connection:
            await connection.execute(select(users.c.id).where(users.c.name == name).with_for_update())
            user = await _find(connection, name)
            # in the order of a refresh that is being written: its account first, then the feeds that show it
            await remove_accounts(connection, accounts.c.user_id == user.id)
            await revoke_feeds(connection, feeds.c.user_id == user.id, now)
            await connection.execute(delete(users).where(users.c.id == user.id))


async def _find(connection: AsyncConnection, name: str) -> User:
    row = (await connection.execute(select(users).where(users.c.name == name))).mappings().first()
    if row is None:
        raise UnknownName(f"There is no user {name}.")
    return User(**row)
