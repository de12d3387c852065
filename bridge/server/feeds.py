"""Answer the addresses of feeds, from memory as long as nothing has changed."""

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache

import structlog
from aiohttp import web
from multidict import CIMultiDict

from bridge.errors import StorageError
from bridge.model.clock import Clock
from bridge.server.clients import Clients
from bridge.server.lookups import FailedLookups
from bridge.server.metrics import Metrics
from bridge.server.programs import program_of
from bridge.store.changes import Changes
from bridge.store.renderings import Gone, PublishedHead, Rendering, RenderingStore, unpack
from bridge.store.tokens import hash_token
from bridge.upstream.tasks import begin

_TYPE = "text/calendar; charset=utf-8"
_CACHING = "private, no-cache"
SAFE = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}
_MOST_HEADS = 100_000
_READ_EVERY = 300.0
_NOTE_READS_EVERY = 1.0
_LOOK_EVERY = 0.001
_PATIENCE, _PATIENCE_WHILE_AWAY = 1.0, 0.1
_RETRY_AFTER = "30"
log = structlog.get_logger()


@dataclass(slots=True)
class CachedFeed:
    """A feed as the storage had it at `stamp`, and the headers of its answers."""

    stamp: object
    head: PublishedHead
    headers: CIMultiDict[str]
    packed_headers: CIMultiDict[str]
    noted: float = 0.0

    @classmethod
    def of(cls, stamp: object, head: PublishedHead, noted: float) -> "CachedFeed":
        """Create the entry for what the storage has."""
        headers = CIMultiDict(
            {
                "ETag": head.etag,
                "Last-Modified": format_datetime(head.modified, usegmt=True),
                "Cache-Control": _CACHING,
                "Vary": "Accept-Encoding",
                "Content-Type": _TYPE,
                **SAFE,
            }
        )
        packed = headers.copy()
        packed["Content-Encoding"] = "gzip"
        return cls(stamp, head, headers, packed, noted)


class FeedCache:
    """A cache of feeds and their compressed bodies. What may have changed is looked up again."""

    def __init__(self, renderings: RenderingStore, changes: Changes, clock: Clock, *, capacity: int) -> None:
        """Create a cache. `capacity` limits the bytes of the bodies."""
        self._renderings = renderings
        self._changes = changes
        self._clock = clock
        self._capacity = capacity
        self._heads: OrderedDict[str, CachedFeed] = OrderedDict()
        self._bodies: OrderedDict[int, tuple[str, bytes]] = OrderedDict()
        self._size = 0
        self._reads: dict[int, tuple[datetime, str]] = {}
        self._stamp: object = None
        self._looked = -_LOOK_EVERY
        self._looking: asyncio.Task[CachedFeed | Gone | None] | None = None
        self._away = False

    def known(self, token: str, agent: str = "") -> CachedFeed | None:
        """The feed of a token, if it is cached and nothing has changed; else use `find`.

        `agent` is what the program that reads it calls itself.
        """
        now = time.monotonic()
        if now - self._looked > _LOOK_EVERY:
            self._stamp = self._changes.stamp()
            self._looked = now
        found = self._heads.get(token)
        if found is None or found.stamp != self._stamp:
            return None
        if now - found.noted > _READ_EVERY:
            self._note(found, agent)
        return found

    async def find(self, token: str, agent: str = "") -> CachedFeed | Gone | None:
        """Look up the feed of a token in the storage; `None` if the token is unknown. `agent` is as for `known`.

        While the storage is away, what is known of the feed is used. Raises StorageError if that is nothing.
        """
        before = self._heads.get(token)
        if before is None:
            return await self._look_up(token, agent)
        if self._away and self._looking is not None and not self._looking.done():
            return before
        self._looking = begin(self._look_up(token, agent))
        try:
            async with asyncio.timeout(_PATIENCE_WHILE_AWAY if self._away else _PATIENCE):
                found = await asyncio.shield(self._looking)
        except (StorageError, TimeoutError):
            self._away = True
            return before
        self._away = False
        return found

    async def _look_up(self, token: str, agent: str) -> CachedFeed | Gone | None:
        stamp = self._changes.stamp()
        before = self._heads.get(token)
        head = await self._renderings.head(hash_token(token))
        if not isinstance(head, PublishedHead):
            self._heads.pop(token, None)
            return head
        found = CachedFeed.of(stamp, head, before.noted if before else -_READ_EVERY)
        self._heads[token] = found
        if len(self._heads) > _MOST_HEADS:
            self._heads.popitem(last=False)
        if time.monotonic() - found.noted > _READ_EVERY:
            self._note(found, agent)
        return found

    def packed(self, found: CachedFeed) -> bytes | None:
        """The compressed body of a feed, if it is cached."""
        feed_id = found.head.feed_id
        cached = self._bodies.get(feed_id)
        if cached is None or cached[0] != found.head.etag:
            return None
        self._bodies.move_to_end(feed_id)
        return cached[1]

    async def rendering(self, found: CachedFeed) -> Rendering | None:
        """Read the body of a feed, which may be newer than `found`, and cache it.

        While the storage is away, the last known body is used. Raises StorageError if there is none.
        """
        try:
            rendering = await self._renderings.get(found.head.feed_id)
        except StorageError:
            if found.head.feed_id not in self._bodies:
                raise
            etag, body = self._bodies[found.head.feed_id]
            return Rendering(body, etag, len(body), found.head.compress)
        if rendering is not None:
            self._keep(found.head.feed_id, rendering.etag, rendering.packed)
        return rendering

    async def note_reads(self) -> None:
        """Store once a second when feeds were last read, until it is cancelled."""
        while True:
            await asyncio.sleep(_NOTE_READS_EVERY)
            try:
                await self.flush_reads()
            except Exception:  # reads may be lost; the service must go on
                log.exception("reads.not_noted")

    async def flush_reads(self) -> None:
        """Store when feeds were last read; while the storage is away, keep that for the next time."""
        reads, self._reads = self._reads, {}
        if reads:
            try:
                await self._renderings.note_reads(reads)
            except StorageError:
                self._reads = reads | self._reads

    def _keep(self, feed_id: int, etag: str, body: bytes) -> None:
        before = self._bodies.pop(feed_id, None)
        self._size += len(body) - (len(before[1]) if before else 0)
        self._bodies[feed_id] = (etag, body)
        while self._size > self._capacity and self._bodies:
            _, (_, oldest) = self._bodies.popitem(last=False)
            self._size -= len(oldest)

    def _note(self, found: CachedFeed, agent: str) -> None:
        """Remember a read, once in a few minutes, so that not every read costs a write."""
        found.noted = time.monotonic()
        self._reads[found.head.feed_id] = self._clock(), program_of(agent)


class FeedHandler:
    """GET and HEAD of `/f/{token}.ics` (RFC 9110, 13: conditional requests)."""

    def __init__(self, cache: FeedCache, metrics: Metrics, clients: Clients, failed: FailedLookups) -> None:
        self._cache = cache
        self._clients = clients
        self._failed = failed
        self._count = {status: metrics.feed_requests.labels(str(status)) for status in (200, 304, 404, 410, 429, 503)}

    async def get(self, request: web.Request) -> web.Response:
        """Answer with the calendar (200), unchanged (304), unknown (404), gone (410) or too many failures (429).

        Without the storage, feeds that were read before are answered as they are known; others with 503.
        """
        try:
            return await self._answer(request)
        except StorageError:
            self._count[503].inc()
            headers = {"Cache-Control": _CACHING, "Retry-After": _RETRY_AFTER, **SAFE}
            return web.Response(text="This calendar cannot be read just now.\n", status=503, headers=headers)

    async def _answer(self, request: web.Request) -> web.Response:
        token = request.match_info["token"]
        agent = request.headers.get("User-Agent", "")
        found = self._cache.known(token, agent) or await self._cache.find(token, agent)
        if not isinstance(found, CachedFeed):
            return self._nothing(request, found)
        if unchanged(request, found):
            self._count[304].inc()
            return web.Response(status=304, headers=found.headers)
        packs = found.head.compress and accepts_gzip(request.headers.get("Accept-Encoding", ""))
        headers = found.packed_headers if packs else found.headers
        body = self._cache.packed(found)
        if body is None:
            rendering = await self._cache.rendering(found)
            if rendering is None:
                return self._nothing(request, Gone())
            body, headers = rendering.packed, headers.copy()
            headers["ETag"] = rendering.etag
        self._count[200].inc()
        return web.Response(body=body if packs else unpack(body), headers=headers)

    def _nothing(self, request: web.Request, found: Gone | None) -> web.Response:
        """Answer for an unknown or revoked address. Both answers have the same length."""
        headers = {"Cache-Control": _CACHING, **SAFE}
        wait = self._failed.fail(self._clients.address_of(request))
        if wait:
            self._count[429].inc()
            headers["Retry-After"] = str(wait)
            return web.Response(text="Too many requests for unknown addresses.\n", status=429, headers=headers)
        status, text = (404, "unknown") if found is None else (410, "revoked")
        self._count[status].inc()
        return web.Response(text=f"This calendar address is {text}.\n", status=status, headers=headers)


def unchanged(request: web.BaseRequest, found: CachedFeed) -> bool:
    """Whether the client has the current version. If-None-Match takes precedence over If-Modified-Since."""
    asked = request.headers.get("If-None-Match")
    if asked is not None:
        # nearly every client sends the last ETag: comparing takes 0.1 µs, parsing 4.5 µs
        if asked in {"*", found.head.etag}:
            return True
        _, opaque, _ = found.head.etag.split('"')
        return any(tag.value == opaque for tag in request.if_none_match or ())
    try:
        since = request.if_modified_since
    except OverflowError:  # a year of twenty digits, which aiohttp lets through
        return False
    return since is not None and since >= found.head.modified


@lru_cache(maxsize=256)
def accepts_gzip(header: str) -> bool:
    """Whether an Accept-Encoding (RFC 9110, 12.5.3) allows gzip."""
    # not aiohttp's enable_compression: it only looks for the word, also in "gzip;q=0"
    weights = {}
    for item in header.lower().split(","):
        coding, _, parameters = item.partition(";")
        name, _, value = parameters.strip().partition("=")
        try:
            weights[coding.strip()] = float(value) if name.strip() == "q" else 1.0
        except ValueError:
            weights[coding.strip()] = 0.0
    return weights.get("gzip", weights.get("*", 0.0)) > 0
