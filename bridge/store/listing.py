"""The names of what is stored, for completing them. They are read from a storage as it is."""

from typing import Any

from sqlalchemy import Select, select

from bridge.store.database import Database
from bridge.store.schema import accounts, feeds, users

_MOST = 200


async def user_names(database: Database, beginning: str) -> list[str]:
    """The names of users that begin so, sorted; of very many the first."""
    query = select(users.c.name).where(users.c.name.startswith(beginning, autoescape=True))
    return await _first(database, query.order_by(users.c.name))


async def feed_names(database: Database, user: str, beginning: str) -> list[str]:
    """The names of a user's feeds that begin so, sorted."""
    query = (
        select(feeds.c.name)
        .join(users, users.c.id == feeds.c.user_id)
        .where(users.c.name == user, feeds.c.name.startswith(beginning, autoescape=True))
        .order_by(feeds.c.name)
    )
    return await _first(database, query)


async def account_names(database: Database, user: str, source: str, beginning: str) -> list[str]:
    """The names of a user's accounts at a source that begin so, sorted."""
    query = (
        select(accounts.c.name)
        .join(users, users.c.id == accounts.c.user_id)
        .where(users.c.name == user, accounts.c.source == source, accounts.c.name != "")
        .where(accounts.c.name.startswith(beginning, autoescape=True))
        .order_by(accounts.c.name)
    )
    return await _first(database, query)


async def _first(database: Database, query: Select[Any]) -> list[str]:
    return [row[0] for row in await database.read(lambda connection: connection.execute(query.limit(_MOST)).all())]
