"""The calendars that feeds answer, as they were rendered last."""

import gzip
import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from bridge.store.database import Database, execute
from bridge.store.feeds import QUERY, Feed, announce, find, read_feed
from bridge.store.schema import feed_bytes, feeds, revoked_tokens

_ETAG_DIGITS = 32
_LEVEL = 6  # of a calendar of 228 KB: level 9 takes half as long again for 4 % less, level 4 two thirds for 8 % more
_GZIP = 31


@dataclass(frozen=True, slots=True)
class Rendering:
    """A feed's calendar as it is kept: compressed, in the gzip format (RFC 1952).

    `size` is that of the calendar. `compress` says whether it goes out compressed to those who accept that.
    `valid_until` is when time alone makes another calendar of the same events; `None` is never.
    """

    packed: bytes
    etag: str
    size: int
    compress: bool = True
    valid_until: datetime | None = None

    @classmethod
    def of(cls, calendar: bytes, *, compress: bool = True, valid_until: datetime | None = None) -> "Rendering":
        """Compress a calendar and name it; the same calendar always has the same ETag."""
        etag = f'W/"{hashlib.sha256(calendar).hexdigest()[:_ETAG_DIGITS]}"'
        return cls(gzip.compress(calendar, _LEVEL, mtime=0), etag, len(calendar), compress, valid_until)

    @property
    def calendar(self) -> bytes:
        """The calendar as a program reads it."""
        return unpack(self.packed)


@dataclass(frozen=True, slots=True)
class PublishedHead:
    """What a request needs to know of a feed before its bytes; `compress` as in `Rendering`."""

    feed_id: int
    etag: str
    modified: datetime
    compress: bool = True


@dataclass(frozen=True, slots=True)
class Gone:
    """The address was good once."""


def unpack(packed: bytes) -> bytes:
    """The calendar of compressed bytes."""
    return zlib.decompress(packed, _GZIP)


class RenderingStore:
    """What feeds lack, and what their addresses answer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def to_render(self, *, limit: int, now: datetime) -> list[Feed]:
        """At most `limit` feeds whose bytes are older than what they show, or are no longer true by `now`."""
        expired = feeds.c.expires <= now
        query = (
            QUERY.add_columns(expired.label("expired"))
            .where((feeds.c.wanted > feeds.c.rendered) | expired)
            .order_by(feeds.c.id)
            .limit(limit)
        )
        rows = await self._database.read(lambda connection: connection.execute(query).mappings().all())
        return [replace(read_feed(row), changes=None) if row["expired"] else read_feed(row) for row in rows]

    async def publish(self, feed: Feed, rendering: Rendering, now: datetime) -> None:
        """Keep `rendering`, unless something newer is wanted by now; unchanged bytes keep their date."""
        await self._database.write(_publish, feed, rendering, now)

    async def head(self, token_hash: str) -> PublishedHead | Gone | None:
        """What a feed's address answers now: none for an unknown one or one that has not been rendered yet."""
        return await self._database.read(_head, token_hash)

    async def get(self, feed_id: int) -> Rendering | None:
        """The bytes and ETag of a feed, of one moment."""
        query = (
            select(feed_bytes.c.gzip, feeds.c.etag, feeds.c.size, feeds.c.compress, feeds.c.expires)
            .join(feeds, feeds.c.id == feed_bytes.c.feed_id)
            .where(feed_bytes.c.feed_id == feed_id)
        )
        row = await self._database.read(lambda connection: connection.execute(query).first())
        return Rendering(*row) if row else None

    async def calendar(self, user: str, name: str) -> bytes:
        """The calendar of a feed as it was rendered last; empty before the first time.

        Raises:
            UnknownName: there is no such feed.
        """

        def packed(connection: Connection) -> bytes | None:
            found = feed_bytes.c.feed_id == find(connection, user, name)["id"]
            return connection.scalar(select(feed_bytes.c.gzip).where(found))

        return unpack(found) if (found := await self._database.read(packed)) else b""

    async def note_reads(self, reads: Mapping[int, datetime]) -> None:
        """Keep when feeds were last read."""
        statement = update(feeds).where(feeds.c.id == bindparam("of")).values(last_read=bindparam("at"))
        await self._database.write(execute, statement, [{"of": feed, "at": at} for feed, at in reads.items()])


def _publish(connection: Connection, feed: Feed, rendering: Rendering, now: datetime) -> None:
    query = select(feeds.c.etag, feeds.c.modified, feeds.c.wanted).where(feeds.c.id == feed.id)
    before = connection.execute(query.with_for_update()).first()
    if before is None or before.wanted != feed.wanted:
        return
    values: dict[str, object] = {
        "rendered": feed.wanted,
        "changes": "",
        "expires": rendering.valid_until,
        "size": rendering.size,
        "compress": rendering.compress,
    }
    if before.etag != rendering.etag:
        values |= {"etag": rendering.etag, "modified": _later(before.modified, now)}
        connection.execute(delete(feed_bytes).where(feed_bytes.c.feed_id == feed.id))
        connection.execute(insert(feed_bytes).values(feed_id=feed.id, gzip=rendering.packed))
    connection.execute(update(feeds).where(feeds.c.id == feed.id).values(values))
    announce(connection)


def _head(connection: Connection, token_hash: str) -> PublishedHead | Gone | None:
    query = select(feeds.c.id, feeds.c.etag, feeds.c.modified, feeds.c.compress)
    row = connection.execute(query.where(feeds.c.token_hash == token_hash)).first()
    if row is not None:
        return PublishedHead(*row) if row.etag else None
    old = select(revoked_tokens.c.token_hash).where(revoked_tokens.c.token_hash == token_hash)
    return Gone() if connection.execute(old).first() else None


def _later(before: datetime | None, now: datetime) -> datetime:
    """`now`, but at least a second after `before`: HTTP dates are whole seconds."""
    earliest = before.timestamp() + 1 if before else 0
    return max(now, datetime.fromtimestamp(earliest, now.tzinfo))
