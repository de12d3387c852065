"""The feeds: secret addresses and what they show."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    delete,
    func,
    insert,
    select,
    union,
    update,
)
from sqlalchemy.exc import IntegrityError

from bridge.errors import NameTaken, UnknownName
from bridge.store.changes import announce
from bridge.store.cipher import Cipher
from bridge.store.database import Database, execute
from bridge.store.feed import LARGEST, QUERY, Feed, NewFeed, find_feed, read_feed
from bridge.store.schema import accounts, feed_members, feeds, users
from bridge.store.tokens import hash_token, new_token, remember_revoked
from bridge.store.wanted import WANTED_AGAIN

_PREFIX = "rf_"  # for people and secret scanners


class FeedStore:
    """The feeds in the storage."""

    def __init__(self, database: Database, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher

    async def add(self, user: str, new: NewFeed, now: datetime) -> str:
        """Add a feed and return its token, which is stored encrypted.

        Raises:
            UnknownName: the user or a member does not exist.
            NameTaken: the user already has a feed of that name.
        """
        token, members = new_token(_PREFIX), new.members
        values = _values(new) | {
            "name": new.name,
            "token_hash": hash_token(token),
            "token": self._cipher.encrypt(token),
            "created": now,
            "wanted": 1,
            "rendered": 0,
            "members": None if members is None else json.dumps({"source": members.source, "group": members.group}),
        }
        try:
            await self._database.write_durably(_add, user, values, () if members is None else members.users)
        except IntegrityError:
            raise NameTaken(f'{user} already has a feed called "{new.name}".') from None
        return token

    async def all(self, *, user: str | None = None) -> list[Feed]:
        """All feeds, or those of a user, sorted by user and name."""
        query = QUERY.order_by(users.c.name, feeds.c.name)
        if user is not None:
            query = query.where(users.c.name == user)
        rows = await self._database.read(lambda connection: connection.execute(query).mappings().all())
        return [read_feed(row) for row in rows]

    async def rotate(self, user: str, name: str, now: datetime) -> str:
        """Give a feed a new token. The old address answers 410 (gone) from then on.

        Raises:
            UnknownName: the feed does not exist.
        """
        token = new_token(_PREFIX)
        address = {"token_hash": hash_token(token), "token": self._cipher.encrypt(token)}
        values = {**address, "last_read": None, "reader": None}

        def rotate(connection: Connection) -> None:
            row = find_feed(connection, user, name)
            remember_revoked(connection, [row["token_hash"]], now)
            connection.execute(update(feeds).where(feeds.c.id == row["id"]).values(values))
            announce(connection)

        await self._database.write_durably(rotate)
        return token

    async def revoke(self, user: str, name: str, now: datetime) -> None:
        """Remove a feed. Its address answers 410 (gone) from then on.

        Raises:
            UnknownName: the feed does not exist.
        """

        def revoke(connection: Connection) -> None:
            revoke_feeds(connection, feeds.c.id == find_feed(connection, user, name)["id"], now)

        await self._database.write_durably(revoke)

    async def token(self, user: str, name: str) -> str:
        """The token of a feed.

        Raises:
            UnknownName: the feed does not exist.
        """
        return self._cipher.decrypt((await self._database.read(find_feed, user, name))["token"])

    async def revise(self, user: str, name: str, options: Mapping[str, str], now: datetime) -> None:
        """Give a feed other options. Its address stays.

        Raises:
            UnknownName: the feed does not exist.
        """
        values = {"options": json.dumps(dict(options)), "revised": now}
        await self._database.write_durably(_change, user, name, values)

    async def change(self, user: str, new: NewFeed, now: datetime) -> None:
        """Give the feed of that name another title and choice, and other options. Its address and members stay.

        Raises:
            UnknownName: the feed does not exist.
        """
        await self._database.write_durably(_change, user, new.name, {**_values(new), "revised": now})

    async def choose(self, user: str, name: str, sources: Sequence[str]) -> None:
        """Give a feed another choice of sources that shows the same events just now, so that they do not become newer.

        Raises:
            UnknownName: the feed does not exist.
        """
        values = {"sources": json.dumps(list(sources))}
        await self._database.write_durably(_change, user, name, values)

    async def get(self, user: str, name: str) -> Feed:
        """A feed.

        Raises:
            UnknownName: the feed does not exist.
        """
        return read_feed(await self._database.read(find_feed, user, name))

    async def connected(self, ids: Iterable[int]) -> dict[int, frozenset[str]]:
        """The sources at which the people of these feeds have accounts, by the id of the feed."""
        of_person = select(feeds.c.id, accounts.c.source).join(accounts, accounts.c.user_id == feeds.c.user_id)
        of_member = select(feed_members.c.feed_id, accounts.c.source).join(
            accounts, accounts.c.user_id == feed_members.c.user_id
        )
        some = sorted(ids)
        query = union(
            of_person.where(feeds.c.id.in_(some), feeds.c.members.is_(None)),
            of_member.where(feed_members.c.feed_id.in_(some)),
        )
        found = defaultdict[int, set[str]](set)
        for feed, source in await self._database.read(lambda connection: connection.execute(query).all()):
            found[feed].add(source)
        return {feed: frozenset(sources) for feed, sources in found.items()}

    async def count_large(self) -> int:
        """The number of feeds with more than `LARGEST` bytes."""
        query = select(func.count()).select_from(feeds).where(feeds.c.size > LARGEST)
        return await self._database.read(lambda connection: connection.execute(query).scalar_one())

    async def want(self, *, feed_id: int | None = None) -> None:
        """Want a new rendering of a feed, or of all."""
        which = feeds.c.id == feed_id if feed_id is not None else feeds.c.id.is_not(None)
        await self._database.write(execute, update(feeds).where(which).values(WANTED_AGAIN))


def _values(new: NewFeed) -> dict[str, object]:
    """What a feed shows, as columns."""
    return {
        "title": new.title,
        "kinds": json.dumps(list(new.kinds)),
        "sources": None if new.sources is None else json.dumps(list(new.sources)),
        "options": json.dumps(dict(new.options)),
    }


def _change(connection: Connection, user: str, name: str, values: Mapping[str, object]) -> None:
    """Change a feed, and want it again."""
    found = feeds.c.id == find_feed(connection, user, name)["id"]
    connection.execute(update(feeds).where(found).values(**values, **WANTED_AGAIN))


def _add(connection: Connection, user: str, values: Mapping[str, object], members: Collection[str]) -> None:
    named = select(users.c.name, users.c.id).where(users.c.name.in_({user, *members}))
    known = {row.name: row.id for row in connection.execute(named)}
    for name in (user, *members):
        if name not in known:
            raise UnknownName(f'No user is called "{name}".')
    feed = connection.execute(insert(feeds).values(user_id=known[user], **values).returning(feeds.c.id)).scalar_one()
    if members:
        rows = [{"feed_id": feed, "user_id": number} for number in sorted({known[name] for name in members})]
        connection.execute(insert(feed_members), rows)
    announce(connection)


def revoke_feeds(connection: Connection, which: ColumnElement[bool], now: datetime) -> None:
    """Within a transaction: remove feeds and remember their addresses as revoked."""
    hashes = connection.scalars(select(feeds.c.token_hash).where(which)).all()
    remember_revoked(connection, hashes, now)
    connection.execute(delete(feeds).where(which))
    announce(connection)
