"""The people whose calendars are made."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select
from sqlalchemy.exc import IntegrityError

from bridge.errors import NameTaken, UnknownName
from bridge.store.accounts import remove_accounts
from bridge.store.audit import forget_details
from bridge.store.database import Database
from bridge.store.feeds import revoke_feeds
from bridge.store.schema import USER, accounts, feeds, manage_links, users
from bridge.store.tokens import remember_revoked
from bridge.store.wanted import want_feeds


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
            NameTaken: a user of that name exists, or of one that differs in case alone.
        """
        values = {"name": name, "folded": name.casefold(), "title": title, "created": now}
        statement = insert(users).values(values).returning(users.c.id)
        try:
            number = await self._database.write(lambda connection: connection.execute(statement).scalar_one())
        except IntegrityError:
            raise NameTaken(f'A user called "{name}" exists already.') from None
        return User(id=number, name=name, title=title, created=now)

    async def get(self, name: str) -> User:
        """The user of that name.

        Raises:
            UnknownName: the user does not exist.
        """
        return await self._database.read(find_user, name)

    async def find(self, number: int) -> User | None:
        """The user with that number; `None` if they were removed."""
        query = select(*USER).where(users.c.id == number)
        row = await self._database.read(lambda connection: connection.execute(query).mappings().first())
        return None if row is None else User(**row)

    async def like(self, name: str) -> str | None:
        """The name of the user called `name`, else of one that differs in case alone; `None` if there is none."""
        return await self._database.read(_like, name)

    async def all(self) -> list[User]:
        """All users, by name."""
        query = select(*USER).order_by(users.c.name)
        rows = await self._database.read(lambda connection: connection.execute(query).mappings().all())
        return [User(**row) for row in rows]

    async def some(self, *, after: str, limit: int) -> list[User]:
        """The first `limit` users, by name, of those after `after`."""
        query = select(*USER).where(users.c.name > after).order_by(users.c.name).limit(limit)
        rows = await self._database.read(lambda connection: connection.execute(query).mappings().all())
        return [User(**row) for row in rows]

    async def remove(self, name: str, now: datetime) -> None:
        """Remove a user with all accounts, events and feeds. The addresses of the feeds and of the page answer 410.

        The feeds of teams are wanted again. `Database.scrub` then removes what is left of it on disk.

        Raises:
            UnknownName: the user does not exist.
        """
        await self._database.write(_remove, name, now)


def _remove(connection: Connection, name: str, now: datetime) -> None:
    connection.execute(select(users.c.id).where(users.c.name == name).with_for_update())
    user = find_user(connection, name)
    # the account before its feeds, in the same order as a refresh, so that the two cannot deadlock
    remove_accounts(connection, accounts.c.user_id == user.id)
    revoke_feeds(connection, feeds.c.user_id == user.id, now)
    end_link(connection, user.id, now)
    forget_details(connection, user.id)
    connection.execute(delete(users).where(users.c.id == user.id))
    want_feeds(connection, user.id)  # of teams that showed the user


def end_link(connection: Connection, user_id: int, now: datetime) -> None:
    """Within a transaction: end the address of a user's page, if there is one, and remember that it was good."""
    mine = manage_links.c.user_id == user_id
    remember_revoked(connection, connection.scalars(select(manage_links.c.token_hash).where(mine)).all(), now)
    connection.execute(delete(manage_links).where(mine))


def find_user(connection: Connection, name: str) -> User:
    """Within a transaction: the user of that name. Raises UnknownName."""
    row = connection.execute(select(*USER).where(users.c.name == name)).mappings().first()
    if row is None:
        twin = _like(connection, name)
        raise UnknownName(f'No user is called "{name}"' + (f'; one is called "{twin}".' if twin else "."))
    return User(**row)


def _like(connection: Connection, name: str) -> str | None:
    """The user of that name, else one whose name differs in case. A host of an older version adds users unfolded."""
    unfolded = users.c.folded.is_(None) & (func.lower(users.c.name) == name.lower())
    alike = (users.c.name == name) | (users.c.folded == name.casefold()) | unfolded
    query = select(users.c.name).where(alike).order_by(users.c.name != name, users.c.id).limit(1)
    return connection.scalar(query)
