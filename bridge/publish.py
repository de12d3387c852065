"""From kept events to the bytes that a feed answers; done once, when something has changed."""

import asyncio
import gzip
import hashlib
from collections.abc import Callable
from datetime import timedelta

import structlog

from bridge.calendar import BlockCache, CalendarInfo, render
from bridge.calendar.options import FeedOptions
from bridge.model import TrackedEvent
from bridge.oauth import Clock
from bridge.store import Store
from bridge.store.feeds import Feed, Rendering

_BATCH = 50
log = structlog.get_logger()


class Publisher:
    """Makes the bytes of the feeds that are wanted anew."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        zone: str,
        interval: timedelta,
        failed: Callable[[], None] = lambda: None,
    ) -> None:
        """Take what it works with.

        Args:
            store: where events and feeds are.
            clock: the time now.
            zone: the zone of a calendar that has no timed event.
            interval: how often calendar programs should look again.
            failed: told of each feed that could not be made.
        """
        self._store = store
        self._clock = clock
        self._zone = zone
        self._interval = interval
        self._failed = failed
        self._turn = asyncio.Lock()
        self._blocks = BlockCache()

    async def publish_wanted(self) -> None:
        """Make every feed that is wanted anew; one that cannot be made keeps its last bytes."""
        async with self._turn:
            tried: set[tuple[int, int]] = set()
            while feeds := [
                feed
                for feed in await self._store.feeds.to_render(limit=_BATCH + len(tried))
                if (feed.id, feed.wanted) not in tried
            ]:
                for feed in feeds:
                    tried.add((feed.id, feed.wanted))
                    await self._publish(feed)

    async def _publish(self, feed: Feed) -> None:
        try:
            entries = await self._store.events.of_user(feed.user, feed.kinds, feed.sources)
            rendering = await asyncio.to_thread(self._render, feed, entries)
        except Exception:  # whatever it is, this feed keeps what it had and the others go on
            log.exception("feed.not_rendered", feed=feed.id)
            self._failed()
            return
        await self._store.feeds.publish(feed, rendering, self._clock())

    def _render(self, feed: Feed, entries: list[TrackedEvent]) -> Rendering:
        options = FeedOptions.parse(feed.options)
        info = CalendarInfo(title=feed.title or feed.user_title, zone=self._zone, refresh_interval=self._interval)
        plain = render(info, entries, options, now=self._clock(), blocks=self._blocks).calendar
        packed = gzip.compress(plain, mtime=0) if options.compress else None
        return Rendering(plain, packed, f'W/"{hashlib.sha256(plain).hexdigest()[:32]}"')
