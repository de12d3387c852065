"""Publishing beside the refreshes: nobody waits for it, and nothing is forgotten."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import datetime

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from bridge.calendar.head import CalendarInfo
from bridge.calendar.options import FeedOptions
from bridge.calendar.render import Rendered, render
from bridge.model.tracked import TrackedEvent
from bridge.publishing.drafts import Drafts
from bridge.publishing.publisher import Publisher
from bridge.publishing.worker import PublishingWorker
from bridge.settings.schema import RefreshSettings
from bridge.store.feed import NewFeed
from bridge.sync.refresher import Refresher
from tests.club.server import Club
from tests.conftest import OpenSchool, School
from tests.program import until

PATIENCE = 15


@pytest.fixture
def storage_url(sqlite_url: str) -> str:
    """One sort of storage is enough here: tests/store/ tries both."""
    return sqlite_url


@pytest.fixture
async def school(open_school: OpenSchool, club: Club) -> AsyncIterator[School]:
    async with open_school({"club": club.stand_in}) as opened:
        await opened.add("anna", "club")
        await opened.feed("anna")
        yield opened


class Slow:
    """A renderer that has begun, and ends only when it may."""

    def __init__(self) -> None:
        self.begun, self.may_end = threading.Event(), threading.Event()

    def __call__(
        self, info: CalendarInfo, entries: Iterable[TrackedEvent], options: FeedOptions, *, now: datetime
    ) -> Rendered:
        self.begun.set()
        assert self.may_end.wait(PATIENCE)
        return render(info, entries, options, now=now)


@asynccontextmanager
async def publishing(school: School, renderer: Slow | None = None) -> AsyncIterator[PublishingWorker]:
    """A worker that has nothing to do as yet; stopped at the end."""
    worker = PublishingWorker(
        Publisher(
            school.bridge.store,
            school.clock,
            Drafts(school.bridge.store, interval=school.bridge.settings.refresh.interval),
            render=renderer or render,
        ),
    )
    worker.start()
    try:
        yield worker
    finally:
        await asyncio.wait_for(worker.stop(), PATIENCE)


async def shows(school: School, title: str) -> bool:
    return title in await school.ics("anna")


async def waiting(school: School) -> int:
    return len(await school.bridge.store.renderings.to_render(limit=999, now=school.clock()))


async def test_a_refresh_waits_for_no_feed_and_keeps_no_place(school: School, club: Club) -> None:
    slow = Slow()
    async with publishing(school, slow) as worker:
        settings = RefreshSettings(concurrency=1)
        refresher = Refresher(school.bridge.store, school.bridge.sources, settings, school.clock, saved=worker.wake)
        (anna,) = await school.bridge.store.accounts.all()
        assert [row.added for row in await refresher.refresh(anna)] != [0]
        assert await asyncio.to_thread(slow.begun.wait, PATIENCE)
        assert all(row.ok for row in await asyncio.wait_for(refresher.refresh(anna), PATIENCE))
        title = club.ahead()[0].title
        assert not await shows(school, title)
        slow.may_end.set()
        await until(lambda: shows(school, title))


async def test_what_is_saved_shows_without_a_tick(school: School, club: Club) -> None:
    async with publishing(school) as worker:
        refresher = Refresher(
            school.bridge.store, school.bridge.sources, RefreshSettings(), school.clock, saved=worker.wake
        )
        (anna,) = await school.bridge.store.accounts.all()
        await refresher.refresh(anna)
        await until(lambda: shows(school, club.ahead()[0].title))


async def test_starting_publishes_what_a_dead_process_left(school: School) -> None:
    await school.bridge.store.feeds.want()
    assert await waiting(school) == 1
    async with publishing(school):
        await until(lambda: _none_waiting(school))


async def _none_waiting(school: School) -> bool:
    return not await waiting(school)


async def test_stopping_ends_with_the_feed_that_is_made_and_the_next_start_makes_the_others(school: School) -> None:
    for number in range(120):
        await school.bridge.store.feeds.add("anna", NewFeed(f"feed-{number}"), school.clock())
    slow = Slow()
    async with publishing(school, slow) as worker:
        await asyncio.to_thread(slow.begun.wait, PATIENCE)
        stopping = asyncio.create_task(worker.stop())
        slow.may_end.set()
        await asyncio.wait_for(stopping, PATIENCE)
        assert 0 < await waiting(school) < 120
    async with publishing(school):
        await until(lambda: _none_waiting(school))


async def test_a_storage_that_is_away_for_a_while_does_not_end_it(school: School) -> None:
    database = school.bridge.store.database
    async with publishing(school) as worker:
        with capture_logs() as logs:
            await database.write(lambda connection: connection.execute(text("ALTER TABLE feeds RENAME TO away")))
            worker.wake()
            await until(lambda: "storage.trouble" in {entry["event"] for entry in logs})
            await database.write(lambda connection: connection.execute(text("ALTER TABLE away RENAME TO feeds")))
        await school.bridge.store.feeds.want()
        worker.wake()
        await until(lambda: _none_waiting(school))
