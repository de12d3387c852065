"""The calendars of feeds, as they were rendered last."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, bindparam, func, select, text, union, update
from zlib_ng import zlib_ng

from bridge.store.changes import announce
from bridge.store.database import Database, execute
from bridge.store.feed import QUERY, Feed, find_feed, read_feed
from bridge.store.marks import put_mark, read_mark
from bridge.store.schema import feed_bytes, feeds, revoked_tokens, users
from bridge.store.wanted import want_feeds

_ETAG_DIGITS = 32
_LEVEL = 4  # for 140 KB: 0.22 ms, where zlib takes 1.09 ms at its own level; level 6 takes 0.36 ms for 6 % less
_GZIP = 31
_RENDERER = "renderer"
_OF_ONE = 1000

UnpackError: type[Exception] = zlib_ng.error  # type: ignore[assignment] # its stub has an instance
"""What is stored is not a packed calendar."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """A stored calendar, compressed in the gzip format (RFC 1952).

    `size` is the size of the calendar. `compress` is whether clients that accept gzip get it compressed. `valid_until`
    is when the same events give another calendar, or `None`.
    """

    packed: bytes
    etag: str
    size: int
    compress: bool = True
    valid_until: datetime | None = None

    @classmethod
    def of(cls, calendar: bytes, *, compress: bool = True, valid_until: datetime | None = None) -> "Rendering":
        """Compress a calendar. Equal calendars have equal ETags."""
        etag = f'W/"{hashlib.sha256(calendar).hexdigest()[:_ETAG_DIGITS]}"'
        return cls(zlib_ng.compress(calendar, _LEVEL, _GZIP), etag, len(calendar), compress, valid_until)

    @property
    def calendar(self) -> bytes:
        """The calendar, decompressed."""
        return unpack(self.packed)


@dataclass(frozen=True, slots=True)
class PublishedHead:
    """What a request needs of a feed besides its bytes. `compress` is as in `Rendering`."""

    feed_id: int
    etag: str
    modified: datetime
    compress: bool = True


@dataclass(frozen=True, slots=True)
class Gone:
    """The address was revoked."""


def unpack(packed: bytes) -> bytes:
    """Decompress a calendar. Raises UnpackError.

    For 140 KB: 0.05 ms, where zlib takes 0.19 ms.
    """
    return zlib_ng.decompress(packed, _GZIP)


class RenderingStore:
    """The wanted feeds, and the stored calendars."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def to_render(self, *, limit: int, now: datetime) -> list[Feed]:
        """At most `limit` feeds whose calendars are out of date at `now`."""
        return await self._database.read(out_of_date, limit, now)

    async def to_render_for(self, user: str, *, now: datetime) -> list[Feed]:
        """The feeds of a user, and those of teams, whose calendars are out of date at `now`; at most a thousand."""
        theirs = (users.c.name == user) | feeds.c.members.is_not(None)
        return await self._database.read(out_of_date, _OF_ONE, now, theirs)

    async def packed(self, feed_ids: Collection[int]) -> dict[int, bytes]:
        """The compressed calendars of feeds, by id, without those that were not rendered yet."""
        query = select(feed_bytes.c.feed_id, feed_bytes.c.gzip).where(feed_bytes.c.feed_id.in_(feed_ids))
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return {row.feed_id: row.gzip for row in rows}

    async def after(self, feed_id: int, *, limit: int) -> list[tuple[int, bytes]]:
        """The feeds after this one that have been rendered, at most `limit`, each with its compressed calendar."""
        query = select(feed_bytes.c.feed_id, feed_bytes.c.gzip).where(feed_bytes.c.feed_id > feed_id)
        ordered = query.order_by(feed_bytes.c.feed_id).limit(limit)
        rows = await self._database.read(lambda connection: connection.execute(ordered).all())
        return [(row.feed_id, row.gzip) for row in rows]

    async def count(self) -> int:
        """How many feeds have been rendered."""
        query = select(func.count()).select_from(feed_bytes)
        return await self._database.read(lambda connection: connection.execute(query).scalar_one())

    async def publish(self, made: Sequence[tuple[Feed, Rendering]], now: datetime) -> None:
        """Store renderings, except where there is a newer one. Unchanged calendars keep their date.

        One that was overtaken meanwhile is stored too, since a feed that changes all the time would never get one; it
        stays wanted.
        """
        busy = await self._database.write(_publish, made, now, wait=len(made) == 1)
        for one in busy:
            await self._database.write(_publish, [one], now, wait=True)

    async def renew(self, renderer: int) -> None:
        """Want all feeds again, unless the last ones were made by the version `renderer`."""
        if await self._database.read(read_mark, _RENDERER) != str(renderer):
            await self._database.write(_renew, renderer)

    async def head(self, token_hash: str) -> PublishedHead | Gone | None:
        """The head of the feed with a token; `None` if the token is unknown or the feed not rendered yet."""
        return await self._database.read(_head, token_hash)

    async def get(self, feed_id: int) -> Rendering | None:
        """The rendering of a feed, consistent in itself."""
        query = (
            select(feed_bytes.c.gzip, feeds.c.etag, feeds.c.size, feeds.c.compress, feeds.c.expires)
            .join(feeds, feeds.c.id == feed_bytes.c.feed_id)
            .where(feed_bytes.c.feed_id == feed_id)
        )
        row = await self._database.read(lambda connection: connection.execute(query).first())
        return Rendering(*row) if row else None

    async def calendar(self, user: str, name: str) -> bytes:
        """The last calendar of a feed; empty if there is none yet.

        Raises:
            UnknownName: the feed does not exist.
        """

        def packed(connection: Connection) -> bytes | None:
            found = feed_bytes.c.feed_id == find_feed(connection, user, name)["id"]
            return connection.scalar(select(feed_bytes.c.gzip).where(found))

        return unpack(found) if (found := await self._database.read(packed)) else b""

    async def note_reads(self, reads: Mapping[int, tuple[datetime, str]]) -> None:
        """Store when feeds were last read, and by which family of programs; an unknown one is empty."""
        statement = update(feeds).where(feeds.c.id == bindparam("of"))
        statement = statement.values(last_read=bindparam("at"), reader=bindparam("by"))
        rows = [{"of": feed, "at": at, "by": by or None} for feed, (at, by) in reads.items()]
        await self._database.write(execute, statement, rows)


def out_of_date(
    connection: Connection, limit: int, now: datetime, which: ColumnElement[bool] | None = None
) -> list[Feed]:
    """At most `limit` feeds whose calendars are out of date at `now`, of those for which `which` holds."""
    query = _OUT_OF_DATE if which is None else _OUT_OF_DATE.where(which)
    rows = connection.execute(query, {"now": now, "most": limit}).mappings().all()
    return [replace(read_feed(row), changes=None) if row["expired"] else read_feed(row) for row in rows]


_EXPIRED = feeds.c.expires <= bindparam("now")
_OUT_OF_DATE = (
    QUERY.add_columns(_EXPIRED.label("expired"))
    .where(
        feeds.c.id.in_(  # each has an index
            union(select(feeds.c.id).where(feeds.c.wanted > feeds.c.rendered), select(feeds.c.id).where(_EXPIRED))
        )
    )
    .order_by(feeds.c.id)
    .limit(bindparam("most"))
)


def _publish(
    connection: Connection, made: Sequence[tuple[Feed, Rendering]], now: datetime, *, wait: bool
) -> list[tuple[Feed, Rendering]]:
    """Store renderings. Returns those whose feeds are locked by another transaction; with `wait` it waits for one.

    To wait for a row while holding others could be a deadlock with transactions that want feeds.
    """
    query = (
        select(feeds.c.id, feeds.c.etag, feeds.c.modified, feeds.c.wanted, feeds.c.rendered)
        .where(feeds.c.id.in_([feed.id for feed, _ in made]))
        .with_for_update(skip_locked=not wait)
    )
    before = {row["id"]: row for row in connection.execute(query).mappings()}
    last, overtaken = [], []
    for feed, one in made:
        row = before.get(feed.id)
        if row is not None and row["wanted"] == feed.wanted:
            last.append((row, feed, one))
        elif row is not None and row["rendered"] < feed.wanted:
            overtaken.append((row, feed, one))
    for statement, some in ((_PUBLISH, last), (_PUBLISH_OVERTAKEN, overtaken)):
        if some:
            connection.execute(statement, [_published(row, feed, one, now) for row, feed, one in some])
    if last or overtaken:
        kept = [(row, one) for row, _, one in (*last, *overtaken)]
        packed = [{"feed_id": row["id"], "gzip": one.packed} for row, one in kept if row["etag"] != one.etag]
        if packed:
            connection.execute(_KEEP, packed)
        announce(connection)
    return [(feed, one) for feed, one in made if feed.id not in before and not wait]


_PUBLISH_OVERTAKEN = (
    update(feeds)
    .where(feeds.c.id == bindparam("of"))
    .values({name: bindparam(name) for name in ("rendered", "etag", "modified", "expires", "size", "compress")})
)
_PUBLISH = _PUBLISH_OVERTAKEN.values(changes="")
_KEEP = text(
    "INSERT INTO feed_bytes (feed_id, gzip) VALUES (:feed_id, :gzip)"
    " ON CONFLICT (feed_id) DO UPDATE SET gzip = excluded.gzip"
)


def _published(before: RowMapping, feed: Feed, rendering: Rendering, now: datetime) -> dict[str, object]:
    same = before["etag"] == rendering.etag
    return {
        "of": before["id"],
        "rendered": feed.wanted,
        "etag": rendering.etag,
        "modified": before["modified"] if same else _later(before["modified"], now),
        "expires": rendering.valid_until,
        "size": rendering.size,
        "compress": rendering.compress,
    }


def _renew(connection: Connection, renderer: int) -> None:
    put_mark(connection, _RENDERER, str(renderer))
    want_feeds(connection, None)


def _head(connection: Connection, token_hash: str) -> PublishedHead | Gone | None:
    query = select(feeds.c.id, feeds.c.etag, feeds.c.modified, feeds.c.compress)
    row = connection.execute(query.where(feeds.c.token_hash == token_hash)).first()
    if row is not None:
        return PublishedHead(*row) if row.etag else None
    old = select(revoked_tokens.c.token_hash).where(revoked_tokens.c.token_hash == token_hash)
    return Gone() if connection.execute(old).first() else None


def _later(before: datetime | None, now: datetime) -> datetime:
    """`now`, but at least a second after `before`, since HTTP dates are whole seconds."""
    earliest = before.timestamp() + 1 if before else 0
    return max(now, datetime.fromtimestamp(earliest, now.tzinfo))
