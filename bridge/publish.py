"""From kept events to the bytes that a feed answers; done once, when something has changed."""

import asyncio
import gzip
import hashlib
from collections.abc import Callable, Sequence
from datetime import timedelta

import structlog

from bridge.calendar import CalendarInfo, render
from bridge.calendar.lint import Problem, lint
from bridge.calendar.options import FeedOptions
from bridge.model import TrackedEvent
from bridge.oauth import Clock
from bridge.store import Store
from bridge.store.feeds import Feed, Rendering

_BATCH = 50
Render = Callable[[CalendarInfo, Sequence[TrackedEvent], FeedOptions], bytes]
Lint = Callable[[bytes], Sequence[Problem]]
log = structlog.get_logger()


class Publisher:
    """Makes the bytes of the feeds that are wanted anew, and lets none out that would break a calendar program."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        zone: str,
        interval: timedelta,
        failed: Callable[[], None] = lambda: None,
        refused: Callable[[int], object] = lambda _: None,
        render: Render = render,
        lint: Lint = lint,
    ) -> None:
        """Take what it works with.

        Args:
            store: where events and feeds are.
            clock: the time now.
            zone: the zone of a calendar that has no timed event.
            interval: how often calendar programs should look again.
            failed: told of each feed that could not be made.
            refused: told, after each round, how many feeds wait because what was made of them is not in order.
            render: makes a calendar.
            lint: finds what is not in order in one.
        """
        self._store = store
        self._clock = clock
        self._zone = zone
        self._interval = interval
        self._failed = failed
        self._told = refused
        self._make = render
        self._lint = lint
        self._refused: set[tuple[int, int]] = set()
        self._turn = asyncio.Lock()

    async def publish_wanted(self) -> None:
        """Make every feed that is wanted anew; one that cannot be made, or is not in order, keeps its last bytes.

        What is not in order would come out the same again: it is not made again before something changes.
        """
        async with self._turn:
            tried = set(self._refused)
            while True:
                waiting = await self._store.feeds.to_render(limit=_BATCH + len(tried))
                feeds = [feed for feed in waiting if _rendering_of(feed) not in tried]
                if not feeds:
                    break
                for feed in feeds:
                    tried.add(_rendering_of(feed))
                    await self._publish(feed)
            self._refused &= set(map(_rendering_of, waiting))
            self._told(len(self._refused))

    async def _publish(self, feed: Feed) -> None:
        try:
            entries = await self._store.events.of_user(feed.user, feed.kinds, feed.sources)
            rendering, problems = await asyncio.to_thread(self._render, feed, entries)
        except Exception:  # whatever it is, this feed keeps what it had and the others go on
            log.exception("feed.not_rendered", feed=feed.id)
            self._failed()
            return
        if problems:
            self._refused.add(_rendering_of(feed))
            log.error("feed.refused", feed=feed.id, rules=sorted({problem.rule for problem in problems}))
            return
        await self._store.feeds.publish(feed, rendering, self._clock())

    def _render(self, feed: Feed, entries: list[TrackedEvent]) -> tuple[Rendering, Sequence[Problem]]:
        options = FeedOptions.parse(feed.options)
        info = CalendarInfo(title=feed.title or feed.user_title, zone=self._zone, refresh_interval=self._interval)
        plain = self._make(info, entries, options)
        packed = gzip.compress(plain, mtime=0) if options.compress else None
        etag = f'W/"{hashlib.sha256(plain).hexdigest()[:32]}"'
        return Rendering(plain, packed, etag), self._lint(plain)


def _rendering_of(feed: Feed) -> tuple[int, int]:
    return feed.id, feed.wanted
