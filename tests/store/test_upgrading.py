"""Storages that earlier versions made, opened by this one."""

import gzip
from datetime import UTC, datetime

import pytest

from bridge.store.renderings import PublishedHead
from tests.store.conftest import OpenStorage
from tests.store.earlier import a_feed, make
from tests.store.processes import UPGRADE_AND_DIE, running

BOTH = b"BEGIN:VCALENDAR\r\nNAME:kept both ways\r\n"
LOOSE = b"BEGIN:VCALENDAR\r\nNAME:never compressed\r\n"
PACKED = gzip.compress(BOTH, mtime=0)
ANNA = ("users", {"id": 1, "name": "anna", "title": "Anna", "created": 1_795_000_000})
FEEDS = (
    a_feed(1, "both"),
    a_feed(2, "loose", options='{"compress": "off"}'),
    a_feed(3, "new", etag=None, modified=None, rendered=0),
    ("feed_bytes", {"feed_id": 1, "plain": BOTH, "gzip": PACKED}),
    ("feed_bytes", {"feed_id": 2, "plain": LOOSE, "gzip": None}),
)


@pytest.fixture
def storage_url(empty_url: str) -> str:
    return empty_url


async def check_feeds(open_storage: OpenStorage) -> None:
    async with open_storage() as store:
        modified = datetime.fromtimestamp(1_795_348_910, UTC)
        assert await store.renderings.head("hash-1") == PublishedHead(1, 'W/"both"', modified, compress=True)
        assert await store.renderings.head("hash-2") == PublishedHead(2, 'W/"loose"', modified, compress=False)
        assert await store.renderings.head("hash-3") is None
        assert [await store.renderings.calendar("anna", name) for name in ("both", "loose", "new")] == [
            BOTH,
            LOOSE,
            b"",
        ]
        both = await store.renderings.get(1)
        assert both is not None
        assert both.packed == PACKED


async def test_calendars_of_before_are_kept_to_the_byte(open_storage: OpenStorage, storage_url: str) -> None:
    await make(storage_url, "0002", ANNA, *FEEDS)
    await check_feeds(open_storage)


async def test_an_upgrade_that_was_killed_starts_again(open_storage: OpenStorage, storage_url: str) -> None:
    await make(storage_url, "0002", ANNA, *FEEDS)
    async with running(UPGRADE_AND_DIE, storage_url) as process:
        await process.communicate(b"\n")
        assert process.returncode == -9
    await check_feeds(open_storage)
