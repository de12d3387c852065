"""What the calendars of feeds are made of: whose they are, of which schools, in which zone, and which events."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta

import structlog

from bridge.calendar.head import CalendarInfo
from bridge.calendar.options import FeedOptions
from bridge.calendar.standstill import Standstill
from bridge.calendar.team import ABSENT, Member, team_entries
from bridge.model.names import join_names
from bridge.model.tracked import TrackedEvent
from bridge.model.window import Window
from bridge.publishing.draft import Draft
from bridge.store.account import Trouble
from bridge.store.choice import Place, is_chosen, labels_in, person_in, source_of
from bridge.store.feed import Feed
from bridge.store.names import NamedAccount
from bridge.store.storage import Store

_USUAL_ZONE = "Europe/Amsterdam"  # of a source that the settings do not have any more
log = structlog.get_logger()


class Drafts:
    """Makes drafts of calendars, from the storage and the settings of the sources."""

    def __init__(
        self,
        store: Store,
        *,
        interval: timedelta,
        namers: Mapping[str, Sequence[str]] | None = None,
        titles: Mapping[str, str] | None = None,
        zones: Mapping[str, str] | None = None,
    ) -> None:
        """Create it. The mappings are by source, and may change.

        Args:
            store: has the events and feeds.
            interval: how often calendar programs should look for changes.
            namers: the sources that have names for its events.
            titles: the school there, as the settings call it.
            zones: the zone in which its days begin.
        """
        self._store = store
        self._interval = interval
        self._namers = namers or {}
        self._titles = titles or {}
        self._zones = zones or {}

    async def zone(self, feed: Feed) -> str:
        """The zone in which the days of a feed begin."""
        return (await self._zones_of([feed]))[feed.id]

    async def of(self, feed: Feed) -> Draft:
        """The draft of a feed, without its last calendar. It need not be stored."""
        standstills = {} if feed.members else await self._standstills([feed])
        accounts = [] if feed.members else await self._accounts([feed])
        info = self._info(feed, await self.zone(feed), accounts, standstills.get(feed.id, ()))
        return Draft(feed, info, FeedOptions.parse(feed.options), labels=_labels(feed, accounts))

    async def of_some(self, wanted: Sequence[Feed], failed: Callable[[Feed], None]) -> list[Draft]:
        """The drafts of feeds, with their last calendars. One that cannot be drafted is left out; it has `failed`."""
        accounts = await self._accounts([feed for feed in wanted if not feed.members])
        packed = await self._store.renderings.packed([feed.id for feed in wanted])
        still = await self._standstills([feed for feed in wanted if not feed.members])
        zones = await self._zones_of(wanted)
        drafts = []
        for feed in wanted:
            try:
                info = self._info(feed, zones[feed.id], accounts, still.get(feed.id, ()))
                options, labels = FeedOptions.parse(feed.options), _labels(feed, accounts)
                events = sum(one.events for one in accounts if one.user_id == feed.user_id)
                drafts.append(Draft(feed, info, options, packed.get(feed.id, b""), labels, events))
            except Exception:  # this feed keeps its last calendar, and the others go on
                log.exception("feed.not_rendered", feed=feed.id)
                failed(feed)
        return drafts

    async def entries(self, draft: Draft, within: Window | None = None) -> list[TrackedEvent]:
        """The events that the calendar of a draft has, or those of them in some days and the days beside them."""
        feed = draft.feed
        if feed.members is None:
            found = await self._store.events.of_user(feed.user, feed.kinds, feed.sources, within)
            return [draft.labelled(entry) for entry in found] if draft.labels else found
        members = await self._store.events.of_members(feed.id, feed.members, ABSENT)
        return team_entries([Member(*member) for member in members])

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


def _labels(feed: Feed, accounts: Sequence[NamedAccount]) -> Mapping[Place, str]:
    """What the titles of a feed begin with, by account."""
    if feed.members:
        return {}
    return labels_in(feed.sources, [one.account for one in accounts if one.user_id == feed.user_id])
