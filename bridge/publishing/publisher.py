"""Make the calendars of feeds when something has changed."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime, timedelta

import structlog

from bridge.calendar.head import CalendarInfo
from bridge.calendar.options import FeedOptions
from bridge.calendar.preview import Seen, preview
from bridge.calendar.render import VERSION, render
from bridge.calendar.standstill import Standstill
from bridge.calendar.team import ABSENT, Member, team_entries
from bridge.model.clock import Clock
from bridge.model.names import join_names
from bridge.model.tracked import TrackedEvent
from bridge.model.window import Window
from bridge.publishing.draft import Draft, Finished, Judge, Render, patch_draft, render_draft
from bridge.publishing.gate import judge
from bridge.store.account import Trouble
from bridge.store.choice import Place, is_chosen, labels_in, person_in, source_of
from bridge.store.feed import Feed
from bridge.store.names import NamedAccount
from bridge.store.storage import Store

_BATCH = 50
_USUAL_ZONE = "Europe/Amsterdam"  # of a source that the settings do not have any more
log = structlog.get_logger()


class Publisher:
    """Makes the wanted feeds, and publishes none that would break a calendar program.

    A few changed events are put into the last calendar. Otherwise the calendar is made from all events of the feed.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        interval: timedelta,
        namers: Mapping[str, Sequence[str]] | None = None,
        titles: Mapping[str, str] | None = None,
        zones: Mapping[str, str] | None = None,
        failed: Callable[[], None] = lambda: None,
        refused: Callable[[int], object] = lambda _: None,
        render: Render = render,
        judge: Judge = judge,
    ) -> None:
        """Create a publisher.

        Args:
            store: has the events and feeds.
            clock: gives the time.
            interval: how often calendar programs should look for changes.
            namers: for each source, the sources that have names for its events.
            titles: the school at each source, as the settings call it.
            zones: the zone in which the days of each source begin.
            failed: called for each feed that could not be made.
            refused: called after each round with the number of feeds that are not published because of problems.
            render: makes a calendar.
            judge: finds the problems of a calendar.
        """
        self._store = store
        self._clock = clock
        self._interval = interval
        self._namers = namers or {}
        self._titles = titles or {}
        self._zones = zones or {}
        self._count_failure = failed
        self._report_refused = refused
        self._render = render
        self._judge = judge
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
        return (await self._zones_of([feed]))[feed.id]

    async def preview(self, feed: Feed, days: Window) -> list[Seen]:
        """What a feed would show in some days if its calendar were made now. It need not be stored."""
        standstills = {} if feed.members else await self._standstills([feed])
        accounts = [] if feed.members else await self._accounts([feed])
        info = self._info(feed, await self.zone(feed), accounts, standstills.get(feed.id, ()))
        draft = Draft(feed, info, FeedOptions.parse(feed.options), labels=_labels(feed, accounts))
        entries = await self._entries(draft, days)
        return await asyncio.to_thread(preview, info, entries, draft.options, days, now=self._clock())

    async def publish_wanted(self) -> None:
        """Make all wanted feeds. One that cannot be made, or has problems, keeps its last calendar.

        Those that another process is making are made here too, so that all are there when this returns.
        """
        self.try_again()
        while await self._publish_some(self._whatever_is_wanted):
            pass

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
            if not self._renewed:
                await self._store.renderings.renew(VERSION)
                self._renewed = True
            now = self._clock()
            passed = self._refused | self._failed
            limit = _BATCH + len(passed)
            async with wanted(now, limit=limit) as waiting:
                await self._publish([feed for feed in waiting if _asked(feed) not in passed], now)
            more = len(waiting) == limit
            if not more:
                self._refused &= set(map(_asked, waiting))
                self._report_refused(len(self._refused))
            return more

    async def _publish(self, wanted: Sequence[Feed], now: datetime) -> None:
        drafts = await self._drafts(wanted) if wanted else []
        finished = await self._patched([draft for draft in drafts if draft.changes])
        await self._keep(list(finished.values()), now)
        for draft in drafts:
            if draft.feed.id not in finished:
                await self._keep(await self._rendered(draft, now), now)

    async def _drafts(self, wanted: Sequence[Feed]) -> list[Draft]:
        accounts = await self._accounts([feed for feed in wanted if not feed.members])
        packed = await self._store.renderings.packed([feed.id for feed in wanted])
        still = await self._standstills([feed for feed in wanted if not feed.members])
        zones = await self._zones_of(wanted)
        drafts = []
        for feed in wanted:
            try:
                info = self._info(feed, zones[feed.id], accounts, still.get(feed.id, ()))
                options, labels = FeedOptions.parse(feed.options), _labels(feed, accounts)
                drafts.append(Draft(feed, info, options, packed.get(feed.id, b""), labels))
            except Exception:  # as in `_rendered`
                log.exception("feed.not_rendered", feed=feed.id)
                self._fail(feed)
        return drafts

    def _info(
        self, feed: Feed, zone: str, accounts: Sequence[NamedAccount], standstills: tuple[Standstill, ...]
    ) -> CalendarInfo:
        own = [one.account for one in accounts if one.user_id == feed.user_id]
        person = "" if feed.members else person_in(feed.sources, own)
        schools = () if feed.title or feed.members else self._schools(feed, accounts)
        return CalendarInfo(
            title=feed.title or person or feed.user_title,
            zone=zone,
            refresh_interval=self._interval,
            schools=schools,
            revised=feed.revised,
            kinds=frozenset(feed.kinds),
            standstills=standstills,
            zones=self._zones,
        )

    async def _zones_of(self, wanted: Sequence[Feed]) -> dict[int, str]:
        """The zone of each feed, by its id: that of the first source of the settings that it takes events from."""
        told = (
            await self._store.feeds.connected(feed.id for feed in wanted) if len(set(self._zones.values())) > 1 else {}
        )
        return {feed.id: self._zone_of(feed, told.get(feed.id, frozenset())) for feed in wanted}

    def _zone_of(self, feed: Feed, connected: Collection[str]) -> str:
        sources = None if feed.sources is None else {source_of(choice) for choice in feed.sources}
        shown = [source for source in self._zones if sources is None or source in sources]
        if feed.members is not None and feed.members.group:
            shown = [source for source in shown if source == feed.members.source]
        own = next((source for source in shown if source in connected), next(iter(shown), None))
        return _USUAL_ZONE if own is None else self._zones[own]

    async def _standstills(self, wanted: Sequence[Feed]) -> dict[int, tuple[Standstill, ...]]:
        """The accounts that stand still, by the id of the feed."""
        troubled = await self._store.accounts.in_trouble({feed.user_id for feed in wanted}) if wanted else []
        return {
            feed.id: tuple(
                self._standstill(one)
                for one in troubled
                if one.user_id == feed.user_id and is_chosen(feed.sources, one.account.source, one.account.name)
            )
            for feed in wanted
        }

    def _standstill(self, one: Trouble) -> Standstill:
        source, name = one.account.source, one.account.name
        school = self._titles.get(source, "") or source
        return Standstill(
            f"{one.user_id} {source} {name}".rstrip(),
            f"{one.account.label} · {school}" if name else school,
            one.since,
            login=one.login,
            zone=self._zones.get(source, _USUAL_ZONE),
        )

    async def _accounts(self, wanted: Sequence[Feed]) -> Sequence[NamedAccount]:
        """The accounts of the people of these feeds, and the registers that have names for them."""
        if not wanted:
            return []
        registers = {register for registers in self._namers.values() for register in registers}
        return await self._store.names.of_users({feed.user_id for feed in wanted}, registers)

    def _schools(self, feed: Feed, accounts: Sequence[NamedAccount]) -> tuple[str, ...]:
        """The names of the schools of a feed, each once, from a register or else from the settings."""
        shared = {one.account.source: one.names for one in accounts if one.user_id is None and one.names is not None}
        found = []
        for one in accounts:
            source = one.account.source
            if one.user_id == feed.user_id and is_chosen(feed.sources, source, one.account.name):
                known = [shared[register] for register in sorted(self._namers.get(source, ())) if register in shared]
                names = join_names([one.names, *known] if one.names else known)
                found.append(names.school or self._titles.get(source, ""))
        return tuple(dict.fromkeys(filter(None, found)))

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
            entries = await self._entries(draft)
            return [await asyncio.to_thread(render_draft, draft, entries, now, self._render, self._judge)]
        except Exception:  # this feed keeps its last calendar, and the others go on
            log.exception("feed.not_rendered", feed=draft.feed.id)
            self._fail(draft.feed)
            return []

    async def _entries(self, draft: Draft, within: Window | None = None) -> list[TrackedEvent]:
        feed = draft.feed
        if feed.members is None:
            found = await self._store.events.of_user(feed.user, feed.kinds, feed.sources, within)
            return [draft.labelled(entry) for entry in found] if draft.labels else found
        members = await self._store.events.of_members(feed.id, feed.members, ABSENT)
        return team_entries([Member(*member) for member in members])

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


def _labels(feed: Feed, accounts: Sequence[NamedAccount]) -> Mapping[Place, str]:
    """What the titles of a feed begin with, by account."""
    if feed.members:
        return {}
    return labels_in(feed.sources, [one.account for one in accounts if one.user_id == feed.user_id])


def _asked(feed: Feed) -> tuple[int, int]:
    """The wanted rendering of a feed."""
    return feed.id, feed.wanted
