"""The daily look at every stored calendar."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from bridge.calendar.lint.linter import lint
from bridge.calendar.lint.rules import Problem
from bridge.model.event import Kind
from bridge.publishing.inspector import Inspector
from bridge.server.metrics import Metrics
from bridge.store.cipher import Cipher
from bridge.store.feed import NewFeed
from bridge.store.renderings import Rendering
from bridge.store.schema import feed_bytes
from bridge.store.storage import Store, open_store
from tests.calendar.entries import rendered, week
from tests.conftest import KEY, SettableClock

GOOD = rendered(*week())
FEEDS = 70
HOUR = 60  # calls, one a minute


@pytest.fixture
async def store(storage_url: str, clock: SettableClock) -> AsyncIterator[Store]:
    """Anna has many feeds, all in order."""
    async with open_store(storage_url, Cipher([KEY]), clock) as opened:
        await opened.users.add("anna", "Anna", clock())
        for number in range(FEEDS):
            await opened.feeds.add("anna", NewFeed(f"{number}", kinds=[Kind.LESSON]), clock())
        made = [(feed, Rendering.of(GOOD)) for feed in await opened.feeds.all()]
        await opened.renderings.publish(made, clock())
        yield opened


async def spoil(store: Store, name: str, packed: bytes) -> None:
    feed = await store.feeds.get("anna", name)
    of = feed_bytes.c.feed_id == feed.id
    await store.database.write(lambda connection: connection.execute(update(feed_bytes).where(of).values(gzip=packed)))


def faulty(metrics: Metrics) -> float | None:
    return metrics.registry.get_sample_value("roosterbridge_feeds_faulty")


async def test_an_hour_of_calls_reads_every_calendar_and_then_it_rests_for_the_day(
    store: Store, clock: SettableClock
) -> None:
    read = []

    def note(calendar: bytes) -> tuple[Problem, ...]:
        read.append(calendar)
        return ()

    inspector = Inspector(store.renderings, clock, lint=note)
    for _ in range(HOUR):
        await inspector.inspect_some()
        clock.forward(minutes=1)
    assert read == [GOOD] * FEEDS
    clock.forward(hours=22)
    await inspector.inspect_some()
    assert len(read) == FEEDS
    clock.forward(hours=1)
    await inspector.inspect_some()
    assert FEEDS < len(read) < FEEDS + 5


async def test_a_calendar_that_is_not_in_order_rings_an_alarm_until_it_is(store: Store, clock: SettableClock) -> None:
    metrics = Metrics()
    inspector = Inspector(store.renderings, clock, faulty=metrics.faulty.set)
    spoilt = GOOD.replace(b"SUMMARY:", b"SUMMARY:Pupils, all: ")
    await spoil(store, "3", Rendering.of(spoilt).packed)
    await spoil(store, "64", b"torn")
    with capture_logs() as logs:
        for _ in range(HOUR):
            await inspector.inspect_some()
    rules = sorted({problem.rule for problem in lint(spoilt)})
    assert [entry["rules"] for entry in logs] == [rules, ["unreadable"]]
    assert "Pupils" not in str(logs)
    assert faulty(metrics) == 2
    assert await store.renderings.calendar("anna", "3") == spoilt, "it stays as it is"

    await spoil(store, "3", Rendering.of(GOOD).packed)
    clock.forward(days=1)
    for _ in range(HOUR):
        await inspector.inspect_some()
    assert faulty(metrics) == 1


async def test_there_may_be_no_feed_yet(store: Store, clock: SettableClock) -> None:
    await store.users.remove("anna", clock())
    metrics = Metrics()
    await Inspector(store.renderings, clock, faulty=metrics.faulty.set).inspect_some()
    assert faulty(metrics) == 0
