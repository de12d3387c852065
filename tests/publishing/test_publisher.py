import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import datetime

import pytest
from structlog.testing import capture_logs

from bridge.calendar.head import CalendarInfo
from bridge.calendar.options import FeedOptions
from bridge.calendar.render import Rendered, render
from bridge.model.event import Kind
from bridge.model.tracked import TrackedEvent
from bridge.publishing.drafts import Drafts
from bridge.publishing.publisher import Publisher
from bridge.server.metrics import Metrics
from bridge.store.database import execute
from bridge.store.feed import Members, NewFeed
from bridge.store.renderings import PublishedHead
from bridge.store.schema import feeds, parts
from bridge.store.storage import Store
from bridge.store.tokens import hash_token
from tests.club.server import TITLE, new_club
from tests.conftest import OpenSchool, School, SettableClock
from tests.program import until


@pytest.fixture
async def school(open_school: OpenSchool, clock: SettableClock) -> AsyncIterator[School]:
    async with open_school({"club": new_club(clock).stand_in}) as opened:
        await opened.add("anna", "club")
        await opened.refresh()
        yield opened


async def add_feed(school: School, name: str, *, sources: list[str] | None = None, **options: str) -> str:
    return await school.bridge.store.feeds.add("anna", NewFeed(name, sources=sources, options=options), school.clock())


async def head(store: Store, token: str) -> PublishedHead | None:
    found = await store.renderings.head(hash_token(token))
    assert found is None or isinstance(found, PublishedHead)
    return found


async def spoil(store: Store, name: str) -> None:
    """Give a feed an option that no version of ours has, as a hand in the database might."""
    await store.database.write(
        execute, feeds.update().where(feeds.c.name == name).values(options='{"cancelled": "loudly"}')
    )


async def test_every_wanted_feed_is_made_however_many(school: School) -> None:
    tokens = [await add_feed(school, f"feed-{n}") for n in range(60)]
    await school.bridge.publisher.publish_wanted()
    assert all([await head(school.bridge.store, token) for token in tokens])
    assert await school.bridge.store.renderings.to_render(limit=1, now=school.clock()) == []


async def test_whoever_changes_something_waits_for_nobody_elses_calendars(school: School, clock: SettableClock) -> None:
    store, room = school.bridge.store, asyncio.Lock()
    publisher = Publisher(store, clock, Drafts(store, interval=school.bridge.settings.refresh.interval), room=room)
    await store.database.write(execute, parts.update().values(events=5_000))
    await store.users.add("bram", "Bram", clock())
    large, small = await add_feed(school, "large"), await store.feeds.add("bram", NewFeed("small"), clock())
    team = await store.feeds.add("bram", NewFeed("team", members=Members(("anna", "bram"))), clock())
    async with room:  # as while a school is slow with a large answer
        everybody = asyncio.create_task(publisher.publish_wanted())
        await until(lambda: head(store, small))
        await store.feeds.want()
        async with asyncio.timeout(10):
            await publisher.publish_for("bram")
        waiting = await store.renderings.to_render(limit=9, now=clock())
        assert [feed.name for feed in waiting] == ["large"]
        assert await head(store, team)
    await everybody
    assert await head(store, large)


async def test_a_feed_that_cannot_be_made_keeps_its_bytes_and_the_others_go_on(school: School) -> None:
    store, failed = school.bridge.store, []
    first, second = [await add_feed(school, name) for name in ("first", "second")]
    await school.bridge.publisher.publish_wanted()
    before = await school.ics("anna", "first")
    await spoil(store, "first")
    await store.feeds.want()
    publisher = Publisher(
        store,
        school.clock,
        Drafts(store, interval=school.bridge.settings.refresh.interval),
        failed=lambda: failed.append(1),
    )
    await publisher.publish_wanted()
    assert failed == [1]
    assert await school.ics("anna", "first") == before
    assert await head(store, first)
    assert await head(store, second)
    assert [feed.name for feed in await store.renderings.to_render(limit=9, now=school.clock())] == ["first"]


class Careless:
    """A renderer that, while it is careless, puts a comma into titles and does not escape it."""

    def __init__(self) -> None:
        self.careless = True
        self.made = 0

    def __call__(
        self,
        info: CalendarInfo,
        entries: Iterable[TrackedEvent],
        options: FeedOptions,
        *,
        now: datetime,
    ) -> Rendered:
        self.made += 1
        good = render(info, entries, options, now=now)
        spoilt = good.calendar.replace(b"SUMMARY:", b"SUMMARY:Pupils, all: ")
        return replace(good, calendar=spoilt) if self.careless else good


def careless_publisher(school: School, renderer: Careless, metrics: Metrics) -> Publisher:
    return Publisher(
        school.bridge.store,
        school.clock,
        Drafts(school.bridge.store, interval=school.bridge.settings.refresh.interval),
        render=renderer,
        refused=metrics.refused.set,
    )


def refused(metrics: Metrics) -> float | None:
    return metrics.registry.get_sample_value("roosterbridge_feeds_refused")


async def test_a_calendar_that_is_not_in_order_stays_in_and_rings_an_alarm(school: School) -> None:
    token, metrics = await school.feed("anna"), Metrics()
    before, bytes_before = await head(school.bridge.store, token), await school.ics("anna")
    publisher = careless_publisher(school, Careless(), metrics)
    await school.bridge.store.feeds.want()
    with capture_logs() as logs:
        await publisher.publish_wanted()
    assert refused(metrics) == 1
    assert (await head(school.bridge.store, token), await school.ics("anna")) == (before, bytes_before)
    assert [(entry["event"], entry["rules"]) for entry in logs] == [("feed.refused", ["text-escape"])]
    assert "Pupils" not in str(logs)


async def test_what_was_refused_is_not_made_again_before_something_changes(school: School) -> None:
    await school.feed("anna")
    renderer, metrics = Careless(), Metrics()
    publisher = careless_publisher(school, renderer, metrics)
    await school.bridge.store.feeds.want()
    for _ in range(3):
        await publisher.publish_wanted()
    assert (renderer.made, refused(metrics)) == (1, 1)
    assert [feed.name for feed in await school.bridge.store.renderings.to_render(limit=9, now=school.clock())] == [
        "default"
    ]
    renderer.careless = False
    await school.bridge.store.feeds.want()
    await publisher.publish_wanted()
    assert (renderer.made, refused(metrics)) == (2, 0)
    assert await school.bridge.store.renderings.to_render(limit=9, now=school.clock()) == []


async def test_the_alarm_ends_when_the_feed_does_or_another_process_makes_it(school: School) -> None:
    for name in ("revoked", "mended"):
        await add_feed(school, name)
    metrics = Metrics()
    publisher = careless_publisher(school, Careless(), metrics)
    await publisher.publish_wanted()
    assert refused(metrics) == 2
    await school.bridge.store.feeds.revoke("anna", "revoked", school.clock())
    await publisher.publish_wanted()
    assert refused(metrics) == 1
    await school.bridge.publisher.publish_wanted()
    await publisher.publish_wanted()
    assert refused(metrics) == 0


async def test_feeds_that_are_refused_do_not_keep_the_others_waiting(school: School) -> None:
    for number in range(60):
        await add_feed(school, f"feed-{number}")
    metrics = Metrics()
    renderer = Careless()
    publisher = careless_publisher(school, renderer, metrics)
    await publisher.publish_wanted()
    assert refused(metrics) == 60
    renderer.careless = False
    token = await add_feed(school, "new")
    await publisher.publish_wanted()
    assert await head(school.bridge.store, token)
    assert (renderer.made, refused(metrics)) == (61, 60)


async def test_bytes_that_come_out_the_same_are_not_a_change(school: School) -> None:
    token = await add_feed(school, "default")
    await school.bridge.publisher.publish_wanted()
    before = await head(school.bridge.store, token)
    school.clock.forward(hours=5)
    await school.bridge.store.feeds.want()
    await school.bridge.publisher.publish_wanted()
    assert await head(school.bridge.store, token) == before


async def test_two_processes_that_publish_at_once_agree(open_school: OpenSchool, clock: SettableClock) -> None:
    server = new_club(clock).stand_in
    async with open_school({"club": server}) as one:
        await one.add("anna", "club")
        await one.refresh()
        token = await add_feed(one, "default")
        async with open_school({"club": new_club(clock).stand_in}) as other:
            await other.bridge.publisher.publish_wanted()
            published = await head(other.bridge.store, token)
            await one.bridge.store.feeds.want()
            await one.bridge.publisher.publish_wanted()
        assert published is not None
        assert await head(one.bridge.store, token) == published


async def test_a_feed_says_whether_it_goes_out_compressed(school: School) -> None:
    for name, compress in {"packed": "on", "plain": "off"}.items():
        token = await add_feed(school, name, compress=compress)
        await school.bridge.publisher.publish_wanted()
        found = await head(school.bridge.store, token)
        assert found is not None
        assert found.compress is (name == "packed")


async def test_a_feed_shows_its_kinds_and_sources_and_no_others(school: School) -> None:
    await add_feed(school, "all")
    await add_feed(school, "elsewhere", sources=["uva"])
    await add_feed(school, "here", sources=["club"])
    await school.bridge.store.feeds.add("anna", NewFeed("holidays", kinds=[Kind.HOLIDAY]), school.clock())
    await school.bridge.publisher.publish_wanted()
    assert "BEGIN:VEVENT" not in await school.ics("anna", "elsewhere")
    assert await school.ics("anna", "here") == await school.ics("anna", "all")
    holidays = await school.ics("anna", "holidays")
    assert holidays.count("BEGIN:VEVENT") == holidays.count("CATEGORIES:Vakantie") > 0


async def test_a_calendar_says_whose_it_is_and_where_unless_it_has_a_title(school: School) -> None:
    await add_feed(school, "plain")
    await add_feed(school, "elsewhere", sources=["uva"])
    await add_feed(school, "busy", privacy="busy")
    await school.bridge.store.feeds.add("anna", NewFeed("titled", title="Rooster"), school.clock())
    await school.bridge.publisher.publish_wanted()
    person = (await school.bridge.store.users.get("anna")).title
    for feed, name in {
        "plain": f"{person} · {TITLE}",
        "elsewhere": person,
        "busy": person,
        "titled": "Rooster",
    }.items():
        assert f"\r\nX-WR-CALNAME:{name}\r\n" in await school.ics("anna", feed)


async def test_removing_an_account_takes_its_events_out_of_the_feed(school: School) -> None:
    await school.feed("anna")
    assert "BEGIN:VEVENT" in await school.ics("anna")
    await school.bridge.store.accounts.remove("anna", "club", school.bridge.clock())
    await school.bridge.publisher.publish_wanted()
    assert "BEGIN:VEVENT" not in await school.ics("anna")
