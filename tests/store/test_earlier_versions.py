"""Storages that earlier versions filled, with all the people of the demo, opened by this one."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import text

from bridge.calendar.event import COLOURS
from bridge.model.event import Kind, Part
from bridge.model.tracked import TrackedEvent
from bridge.publishing.drafts import Drafts
from bridge.publishing.publisher import Publisher
from bridge.store.account import State
from bridge.store.renderings import Gone, PublishedHead
from bridge.store.storage import Store
from bridge.store.tokens import hash_token
from tests.conftest import SLOW, SettableClock
from tests.store.conftest import OpenStorage
from tests.store.earlier import Earlier, earlier

KEPT_AS_THEY_ARE = ("users", "credentials", "accounts", "feeds", "revoked_tokens", "names", "groups")


@pytest.fixture
def storage_url(empty_url: str) -> str:
    return empty_url


@pytest.fixture(params=["0001", "0002"])
async def filled(request: pytest.FixtureRequest, storage_url: str, clock: SettableClock) -> Earlier:
    """A storage of an earlier schema, at the moment when that version last wrote to it."""
    found = earlier(request.param)
    await found.fill(storage_url)
    clock.now = found.now
    return found


@pytest.fixture
async def store(filled: Earlier, open_storage: OpenStorage) -> AsyncIterator[Store]:
    async with open_storage() as opened:
        yield opened


async def rows_of(store: Store, table: str) -> list[dict[str, Any]]:
    query = text(f"SELECT * FROM {table}")  # noqa: S608 - our own words
    rows = await store.database.read(lambda connection: connection.execute(query).mappings().all())
    return [dict(row) for row in rows]


async def events_of(store: Store) -> dict[tuple[int, Part], dict[str, TrackedEvent]]:
    """All events by account and part, and then by UID."""
    return {
        (account.id, part): {entry.uid: entry for entry in entries}
        for account in await store.accounts.all()
        for part in Part
        if (entries := await store.events.of_part(account.id, part))
    }


async def test_no_user_login_account_or_feed_is_lost(filled: Earlier, store: Store) -> None:
    for table in KEPT_AS_THEY_ARE:
        before, after = filled.rows(table), await rows_of(store, table)
        assert len(after) == len(before)
        for row in before:
            if row.pop("members", None):  # they are rows of their own now, and the calendar is made again
                row.pop("wanted")
                row.pop("changes", None)
            row.pop("sent", None)  # leases took its place
            assert any(row.items() <= found.items() for found in after), (table, row)


async def test_a_team_keeps_its_members(filled: Earlier, store: Store) -> None:
    before = {row["id"]: json.loads(row["members"]) for row in filled.rows("feeds") if row.get("members")}
    numbers = {row["name"]: row["id"] for row in filled.rows("users")}
    members = {(row["feed_id"], row["user_id"]) for row in await rows_of(store, "feed_members")}
    assert members == {(feed, numbers[name]) for feed, team in before.items() for name in team["users"]}
    after = {row["id"]: json.loads(row["members"]) for row in await rows_of(store, "feeds") if row["members"]}
    assert after == {feed: {"source": team["source"], "group": team["group"]} for feed, team in before.items()}


async def test_every_event_keeps_all_that_was_known_of_it(filled: Earlier, store: Store) -> None:
    expected = filled.events()
    assert any(entry.vanished for entries in expected.values() for entry in entries.values())
    assert await events_of(store) == expected


async def test_what_is_known_of_parts_stays(filled: Earlier, store: Store) -> None:
    for account in await store.accounts.all():
        job = await store.jobs.get(account.id)
        assert job is not None
        assert job.known == filled.known(account.id)


async def test_every_address_answers_what_it_answered(filled: Earlier, store: Store) -> None:
    for feed, (token, calendar) in filled.feeds().items():
        assert isinstance(await store.renderings.head(hash_token(token)), PublishedHead)
        assert await store.feeds.token(*feed) == token
        assert await store.renderings.calendar(*feed) == calendar
    assert await store.renderings.head(hash_token(filled.revoked)) == Gone()


def days_of(calendar: bytes) -> tuple[dict[str, date], dict[str, date]]:
    """The day on which each event begins, by UID, and that of homework, which may show in its lesson."""
    whole: Any = Calendar.from_ical(calendar)
    found: tuple[dict[str, date], dict[str, date]] = {}, {}
    for event in whole.walk("VEVENT"):
        start = event["dtstart"].dt
        homework = event.get("color") == COLOURS[Kind.HOMEWORK]
        found[homework][str(event["uid"])] = start.date() if isinstance(start, datetime) else start
    return found


async def test_every_event_keeps_its_uid_and_its_day_when_a_feed_is_made_again(filled: Earlier, store: Store) -> None:
    publisher = Publisher(
        store, lambda: filled.now, Drafts(store, interval=timedelta(minutes=30), namers=filled.namers)
    )
    await store.feeds.want()
    await publisher.publish_wanted()
    assert await store.renderings.to_render(limit=1, now=filled.now) == []
    for feed, (_, calendar) in filled.feeds().items():
        events, homework = days_of(await store.renderings.calendar(*feed))
        before = days_of(calendar)
        assert events == before[0], feed
        assert homework.items() <= before[1].items(), feed


async def test_an_upgrade_that_is_killed_at_any_statement_starts_again(
    storage_url: str, open_storage: OpenStorage
) -> None:
    filled = earlier("0002")
    before = "0004"  # the next step rewrites all events
    await filled.fill_at(storage_url, before)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.store.killed_upgrades", storage_url, "1" if SLOW else "6"),
        cwd=Path(__file__).parents[2],
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    deaths = out.decode().split()
    assert deaths.count(before) > 5
    assert deaths == sorted(deaths), "a killed upgrade leaves the storage as it was, until it is finished"
    async with open_storage() as store:
        assert await events_of(store) == filled.events()


async def test_an_answer_that_was_held_back_is_still_held_back(filled: Earlier, store: Store) -> None:
    (bram,) = await store.accounts.all(user="bram")
    assert bram.state is State.HELD


async def test_an_upgrade_gives_back_the_room_that_it_frees(storage_url: str, open_storage: OpenStorage) -> None:
    if not storage_url.startswith("sqlite"):
        pytest.skip("PostgreSQL uses it again")
    await earlier("0002").fill(storage_url)
    async with open_storage() as store:
        query = text("SELECT freelist_count FROM pragma_freelist_count")
        assert await store.database.read(lambda connection: connection.scalar(query)) == 0
