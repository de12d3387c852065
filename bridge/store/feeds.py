"""The feeds: secret addresses and what they show."""

import hashlib
import json
import secrets
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    RowMapping,
    Text,
    bindparam,
    case,
    delete,
    func,
    insert,
    select,
    text,
    union,
    update,
)
from sqlalchemy.exc import IntegrityError

from bridge.errors import NameTaken, UnknownName
from bridge.model.event import Kind
from bridge.store.choice import Placed, labels_in, person_in
from bridge.store.cipher import Cipher
from bridge.store.database import Database, execute
from bridge.store.schema import accounts, feed_members, feeds, meta, revoked_tokens, users

TOKEN_PREFIX = "rf_"  # noqa: S105 - for people and secret scanners
CHANNEL = "roosterbridge_feeds"
LARGEST = 1_000_000
"""The size in bytes from which some calendar programs refuse a feed."""
_TOKEN_BYTES = 32
_LONGEST_CHANGES = 4_000  # about a hundred UIDs; with more, a whole new calendar takes hardly longer


def hash_token(token: str) -> str:
    """The hash by which a feed is looked up. A token has 256 random bits, so a plain SHA-256 is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Members:
    """The people whose absences a team's feed shows: chosen users, or the current members of a group at a source.

    The names of chosen users are for `FeedStore.add` alone. The storage keeps the people.
    """

    users: tuple[str, ...] = ()
    source: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed, without its token.

    Attributes:
        sources: the sources and single accounts that it shows, as in `bridge.store.choice`; `None` is all.
        wanted: the number of the wanted rendering.
        members: for a team's feed, whose absences it shows; `None` is the user's own events.
        revised: when its options were last changed (UTC), or `None`.
        size: the size of its calendar in bytes; `None` before the first one.
        reader: the family of the program that last read it; `None` if that is unknown.
        changes: the UIDs of the events that may differ from its calendar; `None` is any.
    """

    id: int
    user_id: int
    user: str
    user_title: str
    name: str
    title: str
    kinds: tuple[Kind, ...]
    sources: tuple[str, ...] | None
    options: Mapping[str, str]
    created: datetime
    last_read: datetime | None
    wanted: int
    members: Members | None = None
    revised: datetime | None = None
    size: int | None = None
    changes: frozenset[str] | None = None
    reader: str | None = None


QUERY = select(feeds, users.c.name.label("user"), users.c.title.label("user_title")).join(
    users, users.c.id == feeds.c.user_id
)


class FeedStore:
    """The feeds in the storage."""

    def __init__(self, database: Database, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher

    async def add(
        self,
        user: str,
        name: str,
        *,
        title: str,
        kinds: Sequence[Kind],
        sources: Sequence[str] | None,
        options: Mapping[str, str],
        now: datetime,
        members: Members | None = None,
    ) -> str:
        """Add a feed and return its token, which is stored encrypted.

        Raises:
            UnknownName: the user or a member does not exist.
            NameTaken: the user already has a feed of that name.
        """
        token = _new_token()
        values = {
            "name": name,
            "title": title,
            "kinds": json.dumps(list(kinds)),
            "sources": None if sources is None else json.dumps(list(sources)),
            "options": json.dumps(dict(options)),
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
            raise NameTaken(f'{user} already has a feed called "{name}".') from None
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
        token = _new_token()
        address = {"token_hash": hash_token(token), "token": self._cipher.encrypt(token)}
        values = {**address, "last_read": None, "reader": None}

        def rotate(connection: Connection) -> None:
            row = find(connection, user, name)
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
            revoke_feeds(connection, feeds.c.id == find(connection, user, name)["id"], now)

        await self._database.write_durably(revoke)

    async def token(self, user: str, name: str) -> str:
        """The token of a feed.

        Raises:
            UnknownName: the feed does not exist.
        """
        return self._cipher.decrypt((await self._database.read(find, user, name))["token"])

    async def revise(self, user: str, name: str, options: Mapping[str, str], now: datetime) -> None:
        """Give a feed other options. Its address stays.

        Raises:
            UnknownName: the feed does not exist.
        """
        values = {"options": json.dumps(dict(options)), "revised": now} | _ANEW

        def revise(connection: Connection) -> None:
            found = feeds.c.id == find(connection, user, name)["id"]
            connection.execute(update(feeds).where(found).values(values))

        await self._database.write_durably(revise)

    async def change(
        self,
        user: str,
        name: str,
        *,
        title: str,
        kinds: Sequence[Kind],
        sources: Sequence[str] | None,
        options: Mapping[str, str],
        now: datetime,
    ) -> None:
        """Give a feed another title and choice, and other options. Its address stays.

        Raises:
            UnknownName: the feed does not exist.
        """
        values = {
            "title": title,
            "kinds": json.dumps(list(kinds)),
            "sources": None if sources is None else json.dumps(list(sources)),
            "options": json.dumps(dict(options)),
            "revised": now,
        } | _ANEW

        def change(connection: Connection) -> None:
            found = feeds.c.id == find(connection, user, name)["id"]
            connection.execute(update(feeds).where(found).values(values))

        await self._database.write_durably(change)

    async def choose(self, user: str, name: str, sources: Sequence[str]) -> None:
        """Give a feed another choice of sources that shows the same events just now, so that they do not become newer.

        Raises:
            UnknownName: the feed does not exist.
        """
        values = {"sources": json.dumps(list(sources))} | _ANEW

        def choose(connection: Connection) -> None:
            found = feeds.c.id == find(connection, user, name)["id"]
            connection.execute(update(feeds).where(found).values(values))

        await self._database.write_durably(choose)

    async def get(self, user: str, name: str) -> Feed:
        """A feed.

        Raises:
            UnknownName: the feed does not exist.
        """
        return read_feed(await self._database.read(find, user, name))

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
        await self._database.write(execute, update(feeds).where(which).values(_ANEW))


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


def want_feeds(connection: Connection, user_id: int | None, changes: Collection[str] | None = None) -> None:
    """Within a transaction that changes events of a user: want their feeds again; without a user, all feeds.

    `changes` are the UIDs of the new, changed and removed events, and of those that they are or were tied to; `None` if
    more than these may differ.
    """
    added = None if changes is None else "".join(f"{uid}\n" for uid in sorted(changes))
    if added is None or len(added) > _LONGEST_CHANGES:  # too many count as any
        statement, told = _WANT_ALL, dict[str, object]()
    else:
        statement, told = _WANT_SOME, {"added": added, "room": _LONGEST_CHANGES - len(added)}
    if user_id is not None:
        statement, told = statement.where(_SHOWN_TO), told | {"owner": user_id}
    connection.execute(statement, told)


_ANEW: dict[str, Any] = {"wanted": feeds.c.wanted + 1, "changes": None}
_WANT_ALL = update(feeds).values(_ANEW)
_FIT = func.length(feeds.c.changes) <= bindparam("room", type_=Integer)
_WANT_SOME = update(feeds).values(
    wanted=feeds.c.wanted + 1, changes=case((_FIT, feeds.c.changes + bindparam("added", type_=Text)))
)
_SHOWN_TO = (feeds.c.user_id == bindparam("owner")) | feeds.c.members.is_not(None)


def placed_accounts(connection: Connection, user_id: int) -> list[Placed]:
    """Within a transaction: the accounts of a user, as feeds choose them."""
    query = select(accounts.c.source, accounts.c.name, accounts.c.first_name).where(accounts.c.user_id == user_id)
    ordered = query.order_by(accounts.c.source, accounts.c.name)
    return [Placed(source, name, first or "") for source, name, first in connection.execute(ordered)]


def accounts_changed(connection: Connection, user_id: int, before: Sequence[Placed], now: datetime) -> None:
    """Within a transaction that has changed the accounts of a user, which were `before`: want what names them again.

    Feeds whose titles begin otherwise since are revised, so that calendar programs take their events for newer ones.
    """
    after = placed_accounts(connection, user_id)
    if before == after:
        return
    there = {(one.source, one.name) for one in before} & {(one.source, one.name) for one in after}
    own = (feeds.c.user_id == user_id) & feeds.c.members.is_(None)
    for feed, sources in connection.execute(select(feeds.c.id, feeds.c.sources).where(own)).all():
        choices = None if sources is None else json.loads(sources)
        was, told = labels_in(choices, before), labels_in(choices, after)
        revised = {} if all(was.get(place) == told.get(place) for place in there) else {"revised": now}
        if revised or person_in(choices, before) != person_in(choices, after):
            connection.execute(update(feeds).where(feeds.c.id == feed).values(**revised, **_ANEW))


def revoke_feeds(connection: Connection, which: ColumnElement[bool], now: datetime) -> None:
    """Within a transaction: remove feeds and remember their addresses as revoked."""
    hashes = connection.scalars(select(feeds.c.token_hash).where(which)).all()
    remember_revoked(connection, hashes, now)
    connection.execute(delete(feeds).where(which))
    announce(connection)


def remember_revoked(connection: Connection, hashes: Sequence[str], now: datetime) -> None:
    """Within a transaction: remember that the tokens with these hashes were good once."""
    if hashes:
        connection.execute(
            insert(revoked_tokens), [{"token_hash": token_hash, "revoked": now} for token_hash in hashes]
        )


def announce(connection: Connection) -> None:
    """Within a transaction: notify all servers, at commit, that a feed has changed; see `changes`."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"NOTIFY {CHANNEL}"))
        return
    mark = secrets.token_hex(8)
    marked = connection.execute(update(meta).where(meta.c.name == CHANNEL).values(value=mark))
    if not marked.rowcount:
        connection.execute(insert(meta).values(name=CHANNEL, value=mark))


def find(connection: Connection, user: str, name: str) -> RowMapping:
    """The row of a feed.

    Raises:
        UnknownName: the feed does not exist.
    """
    query = QUERY.where(users.c.name == user, feeds.c.name == name)
    row = connection.execute(query).mappings().first()
    if row is None:
        raise UnknownName(f'{user} has no feed called "{name}".')
    return row


def _new_token() -> str:
    return TOKEN_PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)


def read_feed(row: RowMapping) -> Feed:
    """A feed from a row of `QUERY`."""
    return Feed(
        id=row["id"],
        user_id=row["user_id"],
        user=row["user"],
        user_title=row["user_title"],
        name=row["name"],
        title=row["title"],
        kinds=tuple(Kind(kind) for kind in json.loads(row["kinds"])),
        sources=None if row["sources"] is None else tuple(json.loads(row["sources"])),
        options=json.loads(row["options"]),
        created=row["created"],
        last_read=row["last_read"],
        wanted=row["wanted"],
        members=None if row["members"] is None else _members(json.loads(row["members"])),
        revised=row["revised"],
        size=row["size"],
        changes=None if row["changes"] is None else frozenset(row["changes"].split("\n")) - {""},
        reader=row["reader"],
    )


def _members(values: Mapping[str, Any]) -> Members:
    return Members(source=values["source"], group=values["group"])
