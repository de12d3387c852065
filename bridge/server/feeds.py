"""Answering a feed's address from memory, as long as nothing has changed."""

import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache

from aiohttp import web
from multidict import CIMultiDict

from bridge.oauth import Clock
from bridge.server.metrics import Metrics
from bridge.store.changes import Changes
from bridge.store.feeds import FeedStore, Gone, PublishedHead, hash_token

_TYPE = "text/calendar; charset=utf-8"
_CACHING = "private, no-cache"
_MOST_HEADS = 100_000
_READ_EVERY = 300.0


@dataclass(slots=True)
class CachedFeed:
    """What is known of an address, and as of which stamp of the changes."""

    stamp: int
    head: PublishedHead
    modified: str
    noted: float = 0.0


class FeedCache:
    """Heads and compressed bodies of feeds; whatever may have changed is looked up again before it is used."""

    def __init__(self, feeds: FeedStore, changes: Changes, clock: Clock, *, capacity: int) -> None:
        """Take what it looks things up in; `capacity` is the most bytes that bodies may take."""
        self._feeds = feeds
        self._changes = changes
        self._clock = clock
        self._capacity = capacity
        self._heads: OrderedDict[str, CachedFeed] = OrderedDict()
        self._bodies: OrderedDict[int, tuple[str, bytes]] = OrderedDict()
        self._size = 0
        self._reads: dict[int, datetime] = {}

    async def find(self, token: str) -> CachedFeed | Gone | None:
        """What the address answers now."""
        stamp = self._changes.stamp()
        found = self._heads.get(token)
        if found is None or found.stamp != stamp:
            head = await self._feeds.head(hash_token(token))
            if not isinstance(head, PublishedHead):
                self._heads.pop(token, None)
                return head
            noted = found.noted if found else 0.0
            found = CachedFeed(stamp, head, format_datetime(head.modified, usegmt=True), noted)
            self._heads[token] = found
            if len(self._heads) > _MOST_HEADS:
                self._heads.popitem(last=False)
        self._note(found)
        return found

    async def body(self, found: CachedFeed, *, gzip: bool) -> tuple[bytes, bool, str]:
        """The bytes, whether they are compressed, and their ETag."""
        feed_id = found.head.feed_id
        cached = self._bodies.get(feed_id)
        if gzip and cached is not None and cached[0] == found.head.etag:
            self._bodies.move_to_end(feed_id)
            return cached[1], True, cached[0]
        rendering = await self._feeds.rendering(feed_id)
        if rendering is None:
            raise web.HTTPGone
        if not gzip or rendering.gzip is None:
            return rendering.plain, False, rendering.etag
        self._keep(feed_id, rendering.etag, rendering.gzip)
        return rendering.gzip, True, rendering.etag

    async def flush_reads(self) -> None:
        """Write down who has read lately."""
        reads, self._reads = self._reads, {}
        if reads:
            await self._feeds.note_reads(reads)

    def _keep(self, feed_id: int, etag: str, body: bytes) -> None:
        before = self._bodies.pop(feed_id, None)
        self._size += len(body) - (len(before[1]) if before else 0)
        self._bodies[feed_id] = (etag, body)
        while self._size > self._capacity and self._bodies:
            _, (_, oldest) = self._bodies.popitem(last=False)
            self._size -= len(oldest)

    def _note(self, found: CachedFeed) -> None:
        """Remember a read, to a precision of some minutes: it need not cost a write each time."""
        now = time.monotonic()
        if not found.noted or now - found.noted > _READ_EVERY:
            found.noted = now
            self._reads[found.head.feed_id] = self._clock()


class FeedHandler:
    """GET and HEAD of `/f/{token}.ics` (RFC 9110, 13: conditional requests)."""

    def __init__(self, cache: FeedCache, metrics: Metrics) -> None:
        self._cache = cache
        self._count = {status: metrics.feed_requests.labels(str(status)) for status in (200, 304, 404, 410)}

    async def get(self, request: web.Request) -> web.Response:
        """The calendar, or that it has not changed, is not known, or is gone."""
        found = await self._cache.find(request.match_info["token"])
        if not isinstance(found, CachedFeed):
            status = 404 if found is None else 410
            self._count[status].inc()
            text = "This calendar address is not known.\n" if found is None else "This calendar address has ended.\n"
            return web.Response(text=text, status=status, headers={"Cache-Control": _CACHING})
        headers = CIMultiDict(
            {
                "ETag": found.head.etag,
                "Last-Modified": found.modified,
                "Cache-Control": _CACHING,
                "Vary": "Accept-Encoding",
            }
        )
        if _unchanged(request.headers, found):
            self._count[304].inc()
            return web.Response(status=304, headers=headers)
        accepts = accepts_gzip(request.headers.get("Accept-Encoding", ""))
        body, packed, headers["ETag"] = await self._cache.body(found, gzip=accepts)
        headers["Content-Type"] = _TYPE
        if packed:
            headers["Content-Encoding"] = "gzip"
        self._count[200].inc()
        return web.Response(body=body, headers=headers)


def _unchanged(headers: Mapping[str, str], found: CachedFeed) -> bool:
    """Whether what the client has is what there is. If-None-Match goes before If-Modified-Since."""
    asked = headers.get("If-None-Match")
    if asked is not None:
        return bool(asked == found.head.etag or _matches(asked, found.head.etag))
    since = headers.get("If-Modified-Since")
    if since is None:
        return False
    if since == found.modified:
        return True
    try:
        return parsedate_to_datetime(since) >= found.head.modified
    except (ValueError, TypeError):  # no date, or one without a zone
        return False


def _matches(asked: str, etag: str) -> bool:
    """The weak comparison (RFC 9110, 8.8.3.2) with any of a list of entity tags."""
    if asked.strip() == "*":
        return True
    return etag.removeprefix("W/") in {tag.strip().removeprefix("W/") for tag in asked.split(",")}


@lru_cache(maxsize=256)
def accepts_gzip(header: str) -> bool:
    """Whether an Accept-Encoding (RFC 9110, 12.5.3) allows gzip."""
    weights = {}
    for item in header.lower().split(","):
        coding, _, parameters = item.partition(";")
        name, _, value = parameters.strip().partition("=")
        try:
            weights[coding.strip()] = float(value) if name.strip() == "q" else 1.0
        except ValueError:
            weights[coding.strip()] = 0.0
    return weights.get("gzip", weights.get("*", 0.0)) > 0
