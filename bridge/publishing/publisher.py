"""Make the calendars of feeds when something has changed."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime

import structlog

from bridge.calendar.preview import Seen, preview
from bridge.calendar.render import VERSION, render
from bridge.model.clock import Clock
from bridge.model.tracked import TrackedEvent
from bridge.model.window import Window
from bridge.publishing.draft import Draft, Finished, Judge, Render, patch_draft, render_draft
from bridge.publishing.drafts import Drafts
from bridge.publishing.gate import judge
from bridge.store.feed import Feed
from bridge.store.storage import Store

_BATCH = 50
_LARGE = 3000  # events, of which the calendar and what it is made of take 20 MB
_PATIENCE = 30.0
log = structlog.get_logger()


class Publisher:
    """Makes the wanted feeds, and publishes none that would break a calendar program.

    A few changed events are put into the last calendar. Otherwise the calendar is made from all events of the feed.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        drafts: Drafts,
        *,
        failed: Callable[[], None] = lambda: None,
        refused: Callable[[int], object] = lambda _: None,
        render: Render = render,
        judge: Judge = judge,
        room: asyncio.Lock | None = None,
    ) -> None:
        """Create a publisher.

        Args:
            store: has the events and feeds.
            clock: gives the time.
            drafts: says what calendars are made of.
            failed: called for each feed that could not be made.
            refused: called after each round with the number of feeds that are not published because of problems.
            render: makes a calendar.
            judge: finds the problems of a calendar.
            room: is held by whoever in the process has something large in memory.
        """
        self._store = store
        self._clock = clock
        self._drafts = drafts
        self._count_failure = failed
        self._report_refused = refused
        self._render = render
        self._judge = judge
        self._room = room or asyncio.Lock()
        self._refused: set[tuple[int, int]] = set()
        self._failed: set[tuple[int, int]] = set()
        self._renewed = False
        self._turn = asyncio.Lock()

    @property
    def refused(self) -> frozenset[int]:
        """The feeds that keep their last calendar, since the new one did not pass the check of this process."""
        return frozenset(feed for feed, _ in self._refused)

    async def zone(self, feed: Feed) -> str:
        """The zone in which the days of a feed begin."""
        return await self._drafts.zone(feed)

    async def preview(self, feed: Feed, days: Window) -> list[Seen]:
        """What a feed would show in some days if its calendar were made now. It need not be stored."""
        draft = await self._drafts.of(feed)
        entries = await self._drafts.entries(draft, days)
        return await asyncio.to_thread(preview, draft.info, entries, draft.options, days, now=self._clock())

    async def publish_wanted(self) -> None:
        """Make all wanted feeds. One that cannot be made, or has problems, keeps its last calendar.

        Those that another process is making are made here too, so that all are there when this returns.
        """
        self.try_again()
        while await self._publish_some(self._whatever_is_wanted):
            pass

    async def publish_for(self, user: str) -> None:
        """Make the wanted feeds of a user and of teams, without waiting for those of others.

        One that has problems, or cannot be made, keeps its last calendar.
        """
        await self._renew()
        now = self._clock()
        wanted = await self._store.renderings.to_render_for(user, now=now)
        await self._publish(self._untried(wanted), now)

    def try_again(self) -> None:
        """Try the feeds again that could not be made."""
        self._failed.clear()

    async def publish_some(self) -> bool:
        """Make some of the wanted feeds, none that another process is making. Returns whether there may be more.

        A feed with problems is not made again before something changes. One that could not be made waits for
        `try_again`.
        """
        return await self._publish_some(self._store.claims.wanted_feeds)

    @asynccontextmanager
    async def _whatever_is_wanted(self, now: datetime, *, limit: int) -> AsyncIterator[list[Feed]]:
        yield await self._store.renderings.to_render(limit=limit, now=now)

    async def _publish_some(self, wanted: Callable[..., AbstractAsyncContextManager[list[Feed]]]) -> bool:
        async with self._turn:
            await self._renew()
            now = self._clock()
            limit = _BATCH + len(self._refused | self._failed)
            async with wanted(now, limit=limit) as waiting:
                await self._publish(self._untried(waiting), now)
            more = len(waiting) == limit
            if not more:
                self._refused &= set(map(_asked, waiting))
                self._report_refused(len(self._refused))
            return more

    async def _renew(self) -> None:
        """Want all feeds again that another version has made."""
        if not self._renewed:
            await self._store.renderings.renew(VERSION)
            self._renewed = True

    def _untried(self, wanted: Sequence[Feed]) -> list[Feed]:
        """Without those that had problems or could not be made, if nothing has changed since."""
        passed = self._refused | self._failed
        return [feed for feed in wanted if _asked(feed) not in passed]

    async def _publish(self, wanted: Sequence[Feed], now: datetime) -> None:
        drafts = await self._drafts.of_some(wanted, self._fail) if wanted else []
        finished = await self._patched([draft for draft in drafts if draft.changes])
        await self._keep(list(finished.values()), now)
        for draft in sorted(drafts, key=_is_large):  # nobody else waits for those that wait for their turn
            if draft.feed.id not in finished:
                await self._keep(await self._rendered(draft, now), now)

    async def _patched(self, drafts: Sequence[Draft]) -> dict[int, Finished]:
        """The feeds whose changes can be put into their last calendar, by id."""
        if not drafts:
            return {}
        users = {draft.feed.user_id for draft in drafts}
        uids = frozenset[str]().union(*(draft.changes for draft in drafts))
        found = await self._store.events.of_uids(users, uids)

        return await asyncio.to_thread(self._patch, drafts, found)

    def _patch(self, drafts: Sequence[Draft], found: Sequence[tuple[int | None, TrackedEvent]]) -> dict[int, Finished]:
        finished = {}
        for draft in drafts:
            changes: dict[str, TrackedEvent | None] = dict.fromkeys(draft.changes)
            for user, entry in found:
                if user in {None, draft.feed.user_id} and entry.uid in changes and draft.shows(entry):
                    changes[entry.uid] = draft.labelled(entry)
            try:
                done = patch_draft(draft, changes, self._judge)
            except Exception:  # the feed can still be made from all its events
                log.exception("feed.not_patched", feed=draft.feed.id)
                continue
            if done is not None:
                finished[draft.feed.id] = done
        return finished

    async def _rendered(self, draft: Draft, now: datetime) -> list[Finished]:
        """Make a feed from all its events; empty if that fails."""
        try:
            async with self._in_turn(draft):
                entries = await self._drafts.entries(draft)
                return [await asyncio.to_thread(render_draft, draft, entries, now, self._render, self._judge)]
        except Exception:  # this feed keeps its last calendar, and the others go on
            log.exception("feed.not_rendered", feed=draft.feed.id)
            self._fail(draft.feed)
            return []

    @asynccontextmanager
    async def _in_turn(self, draft: Draft) -> AsyncIterator[None]:
        """Have the room for large things, if the feed is one; for a while only, since a school may be slow in it."""
        if not _is_large(draft):
            yield
            return
        try:
            await asyncio.wait_for(self._room.acquire(), _PATIENCE)
        except TimeoutError:
            yield
            return
        try:
            yield
        finally:
            self._room.release()

    async def _keep(self, finished: Sequence[Finished], now: datetime) -> None:
        good = [(one.feed, one.rendering) for one in finished if not one.problems]
        if good:
            await self._store.renderings.publish(good, now)
        for one in finished:
            if one.problems:
                self._refused.add(_asked(one.feed))
                log.error("feed.refused", feed=one.feed.id, rules=sorted({problem.rule for problem in one.problems}))

    def _fail(self, feed: Feed) -> None:
        self._failed.add(_asked(feed))
        self._count_failure()


def _is_large(draft: Draft) -> bool:
    return draft.events >= _LARGE


def _asked(feed: Feed) -> tuple[int, int]:
    """The wanted rendering of a feed."""
    return feed.id, feed.wanted
