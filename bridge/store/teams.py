"""Who is in a team: the groups of people at a source, and the chosen members of feeds."""

from collections.abc import Collection

from sqlalchemy import Connection, delete, func, insert, select

from bridge.store.database import Database
from bridge.store.schema import accounts, feed_members, feeds, groups, users
from bridge.store.wanted import want_feeds

_LONGEST_GROUP = 255


class TeamStore:
    """The groups and the members of teams in the storage."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def group(self, account_id: int, names: Collection[str]) -> None:
        """Store the groups of an account's person. If they changed, teams' feeds are wanted again."""
        wanted = {name.strip()[:_LONGEST_GROUP] for name in names if name.strip()}
        await self._database.write(_group, account_id, wanted)

    async def groups(self, source: str) -> list[str]:
        """The groups of the people at a source, sorted by name."""
        query = (
            select(groups.c.name)
            .distinct()
            .join(accounts, accounts.c.id == groups.c.account_id)
            .where(accounts.c.source == source)
            .order_by(groups.c.name)
        )
        return list(await self._database.read(lambda connection: connection.scalars(query).all()))

    async def groups_of(self, account_id: int) -> list[str]:
        """The groups of an account's person, sorted by name."""
        query = select(groups.c.name).where(groups.c.account_id == account_id).order_by(groups.c.name)
        return list(await self._database.read(lambda connection: connection.scalars(query).all()))

    async def in_group(self, source: str, name: str) -> int:
        """How many people at a source are in a group."""
        query = (
            select(func.count())
            .select_from(groups)
            .join(accounts, accounts.c.id == groups.c.account_id)
            .where(accounts.c.source == source, groups.c.name == name)
        )
        return await self._database.read(lambda connection: connection.execute(query).scalar_one())

    async def shown_in(self, user_id: int) -> list[tuple[str, str]]:
        """The feeds of teams that were made with a user among their members: owner and name, sorted."""
        query = (
            select(users.c.name, feeds.c.name)
            .select_from(feed_members)
            .join(feeds, feeds.c.id == feed_members.c.feed_id)
            .join(users, users.c.id == feeds.c.user_id)
            .where(feed_members.c.user_id == user_id)
            .order_by(users.c.name, feeds.c.name)
        )
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return [(owner, name) for owner, name in rows]


def _group(connection: Connection, account_id: int, wanted: set[str]) -> None:
    mine = groups.c.account_id == account_id
    if set(connection.scalars(select(groups.c.name).where(mine))) == wanted:
        return
    connection.execute(delete(groups).where(mine))
    if wanted:
        connection.execute(insert(groups), [{"account_id": account_id, "name": name} for name in sorted(wanted)])
    owner: int | None = connection.scalar(select(accounts.c.user_id).where(accounts.c.id == account_id))
    want_feeds(connection, owner)
