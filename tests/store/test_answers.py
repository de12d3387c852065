"""Answers that several hosts on one storage share."""

import asyncio
import base64
import gc
import os
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import text, update

from bridge.errors import StorageError
from bridge.store.answers import StoredAnswers
from bridge.store.database import execute
from bridge.store.lock import Lock
from bridge.store.schema import leases, shared_answers
from bridge.store.storage import Store
from bridge.upstream.reply import Body, Reply
from bridge.upstream.shared_answers import Sharing
from tests.conftest import SettableClock
from tests.program import until
from tests.store.conftest import OpenStorage

LIST = "https://school.example/list"
SHARING = Sharing(timedelta(minutes=5), None)


@dataclass
class Upstream:
    """Answers with how often it was asked."""

    status: int = 200
    body: bytes | None = None
    asked: int = 0
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def ask(self) -> Reply:
        self.asked += 1
        body = b"[%d]" % self.asked if self.body is None else self.body
        await self.gate.wait()
        return Reply(self.status, {}, Body((body,)), "School")


@pytest.fixture
def upstream() -> Upstream:
    found = Upstream()
    found.gate.set()
    return found


@pytest.fixture
async def other(open_storage: OpenStorage) -> AsyncIterator[Store]:
    async with open_storage() as opened:
        yield opened


def answers_of(store: Store, clock: SettableClock, source: str = "school") -> StoredAnswers:
    return StoredAnswers(store.database, store.cipher, store.locks, source, "School", clock)


async def test_what_one_host_has_had_the_other_does_not_ask_for(
    store: Store, other: Store, clock: SettableClock, upstream: Upstream
) -> None:
    mine = await answers_of(store, clock).get(LIST, SHARING, upstream.ask)
    theirs = await answers_of(other, clock).get(LIST, SHARING, upstream.ask)
    assert mine.json() == theirs.json() == [1]
    assert theirs.origin == "School"
    await answers_of(other, clock).get(f"{LIST}?page=2", SHARING, upstream.ask)
    await answers_of(other, clock, "elsewhere").get(LIST, SHARING, upstream.ask)
    assert upstream.asked == 3


async def test_a_request_that_fails_for_the_storage_is_not_sent_twice(store: Store, clock: SettableClock) -> None:
    asked = 0

    async def ask() -> Reply:
        nonlocal asked
        asked += 1
        raise StorageError("The storage is away.")

    with pytest.raises(StorageError):
        await answers_of(store, clock).get(LIST, SHARING, ask)
    assert asked == 1


async def test_hosts_that_want_the_same_at_once_wait_for_one(
    store: Store, other: Store, clock: SettableClock, upstream: Upstream
) -> None:
    upstream.gate.clear()
    asking = [
        asyncio.create_task(answers_of(one, clock).get(LIST, SHARING, upstream.ask))
        for one in (store, other, store, other)
    ]
    await until(lambda: upstream.asked)
    upstream.gate.set()
    assert [reply.json() for reply in await asyncio.gather(*asking)] == [[1]] * 4


async def test_an_answer_is_used_while_it_is_young_enough(
    store: Store, other: Store, clock: SettableClock, upstream: Upstream
) -> None:
    await answers_of(store, clock).get(LIST, SHARING, upstream.ask)
    for seconds, answer in ((200, [1]), (200, [2])):
        await store.database.write(execute, update(shared_answers).values(came=shared_answers.c.came - seconds))
        assert (await answers_of(other, clock).get(LIST, SHARING, upstream.ask)).json() == answer


async def test_what_a_person_has_just_changed_is_asked_for_again_whatever_the_clocks_of_hosts_say(
    store: Store, other: Store, clock: SettableClock, upstream: Upstream
) -> None:
    await answers_of(store, clock).get(LIST, SHARING, upstream.ask)
    for minutes, answer in ((30, [1]), (9, [2])):
        sharing = Sharing(SHARING.max_age, clock() - timedelta(minutes=minutes))
        assert (await answers_of(other, clock).get(LIST, sharing, upstream.ask)).json() == answer


async def test_a_host_that_stood_still_puts_no_older_answer_over_a_newer_one(
    store: Store, other: Store, clock: SettableClock, upstream: Upstream
) -> None:
    late = Upstream(body=b'"old"')
    standing = asyncio.create_task(answers_of(store, clock).get(LIST, SHARING, late.ask))
    await until(lambda: late.asked)
    await store.database.write(execute, update(leases).values(until=1.0))
    await answers_of(other, clock).get(LIST, SHARING, upstream.ask)
    late.gate.set()
    assert (await standing).json() == "old"
    assert (await answers_of(other, clock).get(LIST, SHARING, upstream.ask)).json() == [1]


async def test_large_answers_hold_up_nobody_else(store: Store, other: Store, clock: SettableClock) -> None:
    large = Upstream(body=b'"%b"' % base64.b64encode(os.urandom(4 * 1024 * 1024)))
    large.gate.set()
    began = time.thread_time()
    await answers_of(store, clock).get(LIST, SHARING, large.ask)
    assert (await answers_of(other, clock).get(LIST, SHARING, large.ask)).body == Body((large.body or b"",))
    assert large.asked == 1
    assert time.thread_time() - began < 0.4


async def test_a_lock_takes_no_memory_when_nobody_wants_it_any_more(
    store: Store, clock: SettableClock, upstream: Upstream
) -> None:
    gc.collect()
    before = sum(type(one) is Lock for one in gc.get_objects())
    for page in range(20):
        await answers_of(store, clock).get(f"{LIST}?page={page}", SHARING, upstream.ask)
    gc.collect()
    assert sum(type(one) is Lock for one in gc.get_objects()) <= before + 1


@pytest.mark.parametrize(
    ("status", "body"), [(400, b"[]"), (404, b"<!doctype html>"), (200, b"<!doctype html>"), (200, b"[1, 2")]
)
async def test_what_is_no_answer_is_not_shared(
    store: Store, other: Store, clock: SettableClock, status: int, body: bytes
) -> None:
    upstream = Upstream(status, body)
    upstream.gate.set()
    for one in (store, other):
        reply = await answers_of(one, clock).get(LIST, SHARING, upstream.ask)
        assert (reply.status, bytes(reply.body)) == (status, body)
    assert upstream.asked == 2


async def test_an_answer_is_encrypted_and_goes_when_it_is_old(
    store: Store, clock: SettableClock, upstream: Upstream
) -> None:
    upstream.body = b'["A private name"]'
    await answers_of(store, clock).get(LIST, SHARING, upstream.ask)
    query = text("SELECT answer FROM shared_answers")
    (sealed,) = await store.database.read(lambda connection: connection.scalars(query).all())
    assert "private" not in sealed
    await store.database.write(execute, update(shared_answers).values(until=0))
    await answers_of(store, clock).get(f"{LIST}?page=2", SHARING, upstream.ask)
    assert len(await store.database.read(lambda connection: connection.scalars(query).all())) == 1
