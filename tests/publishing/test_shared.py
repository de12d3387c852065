"""Several hosts on one PostgreSQL publish beside each other, and no feed is made twice."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import datetime

import pytest

from bridge.app import Bridge, open_bridge
from bridge.calendar.head import CalendarInfo
from bridge.calendar.options import FeedOptions
from bridge.calendar.render import Rendered, render
from bridge.model.tracked import TrackedEvent
from bridge.publishing.drafts import Drafts
from bridge.publishing.publisher import Publisher
from bridge.store.feed import NewFeed
from tests.club.server import new_club
from tests.conftest import NO_RETRY, SORTS, OpenSchool, School, SettableClock


@pytest.fixture(params=SORTS[1:])
def storage_url(postgresql_url: str) -> str:
    """Only PostgreSQL has several hosts."""
    return postgresql_url


@pytest.fixture
async def school(open_school: OpenSchool, clock: SettableClock) -> AsyncIterator[School]:
    async with open_school({"club": new_club(clock).stand_in}) as opened:
        await opened.add("anna", "club")
        await opened.refresh()
        await opened.bridge.publisher.publish_wanted()
        for number in range(3):
            await opened.bridge.store.feeds.add("anna", NewFeed(f"feed-{number}"), opened.clock())
        yield opened


@asynccontextmanager
async def another_host(school: School) -> AsyncIterator[Bridge]:
    async with open_bridge(school.bridge.settings, clock=school.clock, retry=NO_RETRY) as bridge:
        yield bridge


class Made:
    """A publisher, and the feeds that it has made."""

    def __init__(self, bridge: Bridge) -> None:
        self.count = 0
        self.publisher = Publisher(
            bridge.store,
            bridge.clock,
            Drafts(bridge.store, interval=bridge.settings.refresh.interval),
            render=self._render,
        )

    def _render(
        self, info: CalendarInfo, entries: Iterable[TrackedEvent], options: FeedOptions, *, now: datetime
    ) -> Rendered:
        self.count += 1
        return render(info, entries, options, now=now)


async def test_a_feed_that_another_host_is_making_is_left_to_it_until_it_is_made_or_given_up(school: School) -> None:
    made = Made(school.bridge)
    async with another_host(school) as other:
        async with other.store.claims.wanted_feeds(school.clock(), limit=2) as claimed:
            assert len(claimed) == 2
            await made.publisher.publish_some()
            assert made.count == 1
        await made.publisher.publish_some()
    assert made.count == 3
    assert await school.bridge.store.renderings.to_render(limit=9, now=school.clock()) == []


async def test_who_waits_for_its_feeds_makes_them_also_when_another_host_does(school: School) -> None:
    made = Made(school.bridge)
    async with another_host(school) as other, other.store.claims.wanted_feeds(school.clock(), limit=9):
        await made.publisher.publish_wanted()
    assert made.count == 3
    assert await school.bridge.store.renderings.to_render(limit=9, now=school.clock()) == []
