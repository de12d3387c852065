import gzip
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from bridge.errors import UnknownName
from bridge.store.feed import Feed
from bridge.store.renderings import Gone, PublishedHead, Rendering
from bridge.store.storage import Store
from bridge.store.tokens import hash_token
from tests.conftest import SettableClock
from tests.store.conftest import add_feed


@pytest.fixture(autouse=True)
async def anna(store: Store, clock: SettableClock) -> None:
    await store.users.add("anna", "Anna", clock())


def rendering(text: str) -> Rendering:
    return Rendering.of(text.encode())


async def wanted(store: Store) -> Feed:
    (feed,) = await store.renderings.to_render(limit=10, now=store.credentials.now())
    return feed


async def test_a_token_is_long_random_and_short_enough_for_an_address(store: Store) -> None:
    tokens = [await add_feed(store, name=str(n)) for n in range(3)]
    assert len(set(tokens)) == 3
    for token in tokens:
        assert token.startswith("rf_")
        assert len(token) == len("rf_") + 43
        assert len(f"/f/{token}.ics") < 116
    assert await store.feeds.token("anna", "1") == tokens[1]


async def test_a_name_is_one_feeds_of_a_user(store: Store, clock: SettableClock) -> None:
    token = await add_feed(store)
    with pytest.raises(UnknownName, match='anna already has a feed called "default"'):
        await add_feed(store)
    await store.users.add("bram", "Bram", clock())
    await add_feed(store, "bram")
    assert await store.feeds.token("anna", "default") == token


async def test_a_feed_of_nobody_is_not_made(store: Store) -> None:
    with pytest.raises(UnknownName, match='No user is called "bram"'):
        await add_feed(store, "bram")
    assert await store.feeds.all() == []


async def test_what_is_not_there_cannot_be_rotated_revoked_or_read(store: Store, clock: SettableClock) -> None:
    for ask in (
        store.feeds.rotate("anna", "default", clock()),
        store.feeds.revoke("anna", "default", clock()),
        store.feeds.token("anna", "default"),
        store.renderings.calendar("anna", "default"),
    ):
        with pytest.raises(UnknownName, match='anna has no feed called "default"'):
            await ask


async def test_a_feed_has_no_answer_before_it_is_rendered(store: Store, clock: SettableClock) -> None:
    token = await add_feed(store)
    assert await store.renderings.head(hash_token(token)) is None
    assert await store.renderings.calendar("anna", "default") == b""
    feed = await wanted(store)
    await store.renderings.publish([(feed, rendering("one"))], clock())
    assert await store.renderings.head(hash_token(token)) == PublishedHead(feed.id, rendering("one").etag, clock())
    assert await store.renderings.get(feed.id) == rendering("one")
    assert await store.renderings.to_render(limit=10, now=store.credentials.now()) == []


async def test_rotation_moves_the_bytes_to_a_new_address(store: Store, clock: SettableClock) -> None:
    old = await add_feed(store)
    feed = await wanted(store)
    await store.renderings.publish([(feed, rendering("one"))], clock())
    head = await store.renderings.head(hash_token(old))
    new = await store.feeds.rotate("anna", "default", clock())
    assert new != old
    assert await store.renderings.head(hash_token(old)) == Gone()
    assert await store.renderings.head(hash_token(new)) == head
    assert await store.feeds.token("anna", "default") == new


async def test_a_revoked_address_is_gone_and_its_name_is_free(store: Store, clock: SettableClock) -> None:
    token = await add_feed(store)
    await store.feeds.revoke("anna", "default", clock())
    assert await store.renderings.head(hash_token(token)) == Gone()
    assert await store.feeds.all() == []
    again = await add_feed(store)
    assert await store.renderings.head(hash_token(token)) == Gone()
    assert await store.renderings.head(hash_token(again)) is None


async def test_an_address_that_never_was_is_unknown(store: Store) -> None:
    assert await store.renderings.head(hash_token("rf_x")) is None


async def test_a_rendering_that_is_overtaken_shows_until_the_newer_one_and_never_after_it(
    store: Store, clock: SettableClock
) -> None:
    await add_feed(store)
    outdated = await wanted(store)
    await store.feeds.want(feed_id=outdated.id)
    newer = await wanted(store)
    await store.renderings.publish([(outdated, rendering("old"))], clock())
    assert await store.renderings.calendar("anna", "default") == b"old"
    again = await wanted(store)
    assert (again.wanted, again.changes) == (newer.wanted, newer.changes)
    await store.renderings.publish([(newer, rendering("new"))], clock())
    await store.renderings.publish([(outdated, rendering("old"))], clock())
    assert await store.renderings.calendar("anna", "default") == b"new"
    assert await store.renderings.to_render(limit=10, now=store.credentials.now()) == []


async def test_a_removed_feed_is_not_published(store: Store, clock: SettableClock) -> None:
    token = await add_feed(store)
    feed = await wanted(store)
    await store.feeds.revoke("anna", "default", clock())
    await store.renderings.publish([(feed, rendering("one"))], clock())
    assert await store.renderings.head(hash_token(token)) == Gone()
    assert await store.renderings.get(feed.id) is None


async def test_what_was_rendered_for_a_removed_feed_never_shows_in_the_next_one(
    store: Store, clock: SettableClock
) -> None:
    await add_feed(store)
    feed = await wanted(store)
    await store.users.remove("anna", clock())
    await store.users.add("bram", "Bram", clock())
    token = await add_feed(store, "bram")
    await store.renderings.publish([(feed, rendering("Anna's"))], clock())
    assert await store.renderings.head(hash_token(token)) is None


async def published(store: Store, token: str, text: str, clock: SettableClock) -> PublishedHead:
    await store.feeds.want()
    await store.renderings.publish([(await wanted(store), rendering(text))], clock())
    head = await store.renderings.head(hash_token(token))
    assert isinstance(head, PublishedHead)
    return head


async def test_last_modified_rises_with_every_change_whatever_the_clock_does(
    store: Store, clock: SettableClock
) -> None:
    token = await add_feed(store)
    moments = [(await published(store, token, "one", clock)).modified]
    for text, seconds in (("two", 0), ("three", 0.4), ("four", -3600), ("five", 7200)):
        clock.forward(seconds=seconds)
        moments.append((await published(store, token, text, clock)).modified)
    assert all(later - earlier >= timedelta(seconds=1) for earlier, later in pairwise(moments))
    assert moments[-1] == clock().replace(microsecond=0)


async def test_bytes_that_are_the_same_keep_their_date(store: Store, clock: SettableClock) -> None:
    token = await add_feed(store)
    first = await published(store, token, "one", clock)
    clock.forward(hours=1)
    assert await published(store, token, "one", clock) == first


@pytest.mark.parametrize("text", ["", "BEGIN:VCALENDAR\r\n", "é" * 100_000])
def test_a_calendar_comes_out_of_its_rendering_as_it_went_in(text: str) -> None:
    made = rendering(text)
    assert made.calendar == gzip.decompress(made.packed) == text.encode()
    assert made.size == len(text.encode())
    assert made == rendering(text)
    assert made.etag != rendering(f"{text} ").etag


async def test_whether_a_feed_goes_out_compressed_may_change_without_its_bytes(
    store: Store, clock: SettableClock
) -> None:
    token = await add_feed(store)
    first = await published(store, token, "one", clock)
    await store.feeds.want()
    await store.renderings.publish([(await wanted(store), Rendering.of(b"one", compress=False))], clock())
    assert await store.renderings.head(hash_token(token)) == replace(first, compress=False)
    assert await store.renderings.get(first.feed_id) == Rendering.of(b"one", compress=False)


async def test_when_a_feed_was_read_last_is_kept(store: Store, clock: SettableClock) -> None:
    await add_feed(store)
    (feed,) = await store.feeds.all()
    assert feed.last_read is None
    await store.renderings.note_reads({feed.id: (clock(), "Thunderbird"), 999: (clock(), "")})
    assert [(found.last_read, found.reader) for found in await store.feeds.all()] == [(clock(), "Thunderbird")]
