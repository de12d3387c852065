"""From kept events to the bytes that a feed answers; done once, when something has changed."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

import structlog

from bridge.calendar.blocks import BlockCache
from bridge.calendar.head import CalendarInfo
from bridge.calendar.lint.linter import lint
from bridge.calendar.lint.rules import Problem
from bridge.calendar.options import FeedOptions
from bridge.calendar.render import Rendered, render
from bridge.calendar.team import ABSENT, Member, team_entries
from bridge.model.clock import Clock
from bridge.model.names import join_names
from bridge.model.tracked import TrackedEvent
from bridge.store.feeds import Feed
from bridge.store.renderings import Rendering
from bridge.store.storage import Store

_BATCH = 50
Lint = Callable[[bytes], Sequence[Problem]]
log = structlog.get_logger()


class Render(Protocol):
    """What makes a calendar; see `bridge.calendar.render`."""

    def __call__(
        self,
        info: CalendarInfo,
        entries: Sequence[TrackedEvent],
        options: FeedOptions,
        *,
        now: datetime,
        blocks: BlockCache | None,
    ) -> Rendered:
        """Make one."""


class Publisher:
    """Makes the bytes of the feeds that are wanted anew, and lets none out that would break a calendar program."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        zone: str,
        interval: timedelta,
        namers: Mapping[str, Sequence[str]] | None = None,
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
            namers: the registers that know what things at each source are called.
            failed: told of each feed that could not be made.
            refused: told, after each round, how many feeds wait because what was made of them is not in order.
            render: makes a calendar.
            lint: finds what is not in order in one.
        """
        self._store = store
        self._clock = clock
        self._zone = zone
        self._interval = interval
        self._namers = namers or {}
        self._failed = failed
        self._told = refused
        self._make = render
        self._lint = lint
        self._refused: set[tuple[int, int]] = set()
        self._turn = asyncio.Lock()
        self._blocks = BlockCache()

    async def publish_wanted(self) -> None:
        """Make every feed that is wanted anew; one that cannot be made, or is not in order, keeps its last bytes.

        What is not in order would come out the same again: it is not made again before something changes.
        """
        async with self._turn:
            now = self._clock()
            tried = set(self._refused)
            while True:
                waiting = await self._store.renderings.to_render(limit=_BATCH + len(tried), now=now)
                feeds = [feed for feed in waiting if _rendering_of(feed) not in tried]
                if not feeds:
                    break
                for feed in feeds:
                    tried.add(_rendering_of(feed))
                    await self._publish(feed, now)
            self._refused &= set(map(_rendering_of, waiting))
            self._told(len(self._refused))

    async def _publish(self, feed: Feed, now: datetime) -> None:
        try:
            info, entries = await self._info(feed), await self._entries(feed)
            rendering, problems = await asyncio.to_thread(self._render, feed, info, entries, now)
        except Exception:  # whatever it is, this feed keeps what it had and the others go on
            log.exception("feed.not_rendered", feed=feed.id)
            self._failed()
            return
        if problems:
            self._refused.add(_rendering_of(feed))
            log.error("feed.refused", feed=feed.id, rules=sorted({problem.rule for problem in problems}))
            return
        await self._store.renderings.publish(feed, rendering, now)

    async def _info(self, feed: Feed) -> CalendarInfo:
        """What the calendar says of itself: with the school's name where it is known and the feed has no title."""
        school = "" if feed.title or feed.members else await self._school(feed.user)
        return CalendarInfo(
            title=feed.title or feed.user_title,
            zone=self._zone,
            refresh_interval=self._interval,
            school=school,
            revised=feed.revised,
        )

    async def _school(self, user: str) -> str:
        told = await self._store.names.of_user(user)
        registers = {register for source, _ in told for register in self._namers.get(source, ())}
        known = [names for _, names in told if names is not None]
        known += await self._store.names.of_sources(sorted(registers)) if registers else []
        return join_names(known).school

    async def _entries(self, feed: Feed) -> list[TrackedEvent]:
        if feed.members is None:
            return await self._store.events.of_user(feed.user, feed.kinds, feed.sources)
        members = await self._store.events.of_members(feed.members, ABSENT)
        return team_entries([Member(*member) for member in members], ZoneInfo(self._zone))

    def _render(
        self, feed: Feed, info: CalendarInfo, entries: list[TrackedEvent], now: datetime
    ) -> tuple[Rendering, Sequence[Problem]]:
        options = FeedOptions.parse(feed.options)
        made = self._make(info, entries, options, now=now, blocks=self._blocks)
        rendering = Rendering.of(made.calendar, compress=options.compress == "on", valid_until=made.valid_until)
        return rendering, self._lint(made.calendar)


def _rendering_of(feed: Feed) -> tuple[int, int]:
    return feed.id, feed.wanted
