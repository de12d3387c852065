"""Bodies that come packed, in pieces, or are large."""

import asyncio
import gc
import gzip
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bridge.errors import TooLarge
from bridge.upstream.receive import LARGE, LARGEST_BODY, large_in_turn, receive
from bridge.upstream.session import new_session
from tests.faults import Handler, bombing, saying
from tests.program import until

SAID = b'{"lessons": []}' * 100
BARE = zlib.compressobj(wbits=-zlib.MAX_WBITS)
MIB = 1024 * 1024


@asynccontextmanager
async def answering(handler: Handler) -> AsyncIterator[aiohttp.ClientResponse]:
    app = web.Application()
    app.router.add_get("/", handler)
    async with (
        TestServer(app, skip_url_asserts=True) as server,
        new_session({"127.0.0.1"}) as session,
        session.get(server.make_url("/")) as response,
    ):
        yield response


def packed(body: bytes, encoding: str) -> Handler:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=body, headers={"Content-Encoding": encoding})

    return answer


async def received(handler: Handler) -> bytes:
    async with answering(handler) as response, asyncio.timeout(60) as limit:
        return b"".join(await receive(response, limit, "Fortes"))


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (gzip.compress(SAID), "gzip"),
        (gzip.compress(SAID), "X-GZIP"),
        (gzip.compress(SAID[:100]) + gzip.compress(SAID[100:]), "gzip"),
        (gzip.compress(SAID) + bytes(64), "gzip"),
        (zlib.compress(SAID), "deflate"),
        (BARE.compress(SAID) + BARE.flush(), "deflate"),
        (SAID, "identity"),
    ],
    ids=["gzip", "in capitals", "two members", "padded", "zlib", "bare deflate", "not packed"],
)
async def test_a_body_is_unpacked_however_it_was_packed(body: bytes, encoding: str) -> None:
    assert await received(packed(body, encoding)) == SAID


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (gzip.compress(SAID)[:-9], "gzip"),
        (SAID, "gzip"),
        (SAID, "br"),
        (gzip.compress(b"") * 1000, "gzip"),
    ],
    ids=["cut off", "not packed", "not asked for", "many members"],
)
async def test_a_body_that_is_not_packed_as_it_says_is_refused(body: bytes, encoding: str) -> None:
    with pytest.raises(ValueError, match="it "):
        await received(packed(body, encoding))


@pytest.fixture
def traced() -> Iterator[None]:
    """Trace allocations without garbage collection, which may come long after an error."""
    gc.disable()
    tracemalloc.start()
    yield
    tracemalloc.stop()
    gc.enable()


@pytest.mark.usefixtures("traced")
async def test_a_few_bytes_that_hold_gigabytes_cost_no_more_than_the_largest_answer() -> None:
    async with answering(bombing) as response, asyncio.timeout(60) as limit:
        tracemalloc.reset_peak()
        with pytest.raises(TooLarge) as refused:
            await receive(response, limit, "Fortes")
        _, most = tracemalloc.get_traced_memory()
    assert refused.value.sentence == "Fortes sent an answer of more than 8 MiB."
    assert most < 12 * MIB


@pytest.mark.usefixtures("traced")
async def test_answers_that_were_too_large_leave_nothing_behind() -> None:
    errors, left = [], []
    for _ in range(10):
        async with answering(bombing) as response, asyncio.timeout(60) as limit:
            with pytest.raises(TooLarge) as refused:
                await receive(response, limit, "Fortes")
            errors.append(refused.value)
        left.append(tracemalloc.get_traced_memory()[0])
    assert left[-1] - left[1] < MIB / 2


@pytest.mark.parametrize("bounded", [True, False])
async def test_a_few_bytes_fill_the_memory_only_where_a_body_may_have_any_size(*, bounded: bool) -> None:
    bomb = packed(gzip.compress(bytes(4 * LARGEST_BODY)), "gzip")
    got = 0
    async with answering(bomb) as response, asyncio.timeout(60) as limit:
        with suppress(TooLarge):
            pieces = await receive(response, limit, "Fortes", largest=LARGEST_BODY if bounded else 2**40)
            got = sum(map(len, pieces))
    assert got == (0 if bounded else 4 * LARGEST_BODY)


async def test_of_those_who_share_a_room_one_has_large_answers_and_waiting_is_not_the_upstreams_time() -> None:
    room, ends = asyncio.Lock(), asyncio.Event()
    large = saying(200, "x" * 2 * LARGE)

    async def first() -> None:
        with large_in_turn(room):
            await received(large)
            await received(large)  # of one who has the room, nothing waits
            await ends.wait()

    async def second(limits: list[asyncio.Timeout]) -> int:
        with large_in_turn(room):
            async with answering(large) as response, asyncio.timeout(60) as limit:
                limits.append(limit)
                return len(b"".join(await receive(response, limit, "Fortes")))

    limits: list[asyncio.Timeout] = []
    one = asyncio.create_task(first())
    await until(room.locked)
    other = asyncio.create_task(second(limits))
    await until(lambda: limits and limits[0].when() is None)
    async with asyncio.timeout(60):
        assert len(await received(saying(200, "x" * LARGE))) == LARGE  # what is not large passes by
    ends.set()
    assert await other == 2 * LARGE
    await one
    assert not room.locked()


async def test_a_request_that_outlives_its_work_gives_the_room_back() -> None:
    room = asyncio.Lock()
    await room.acquire()
    with large_in_turn(room):
        late = asyncio.create_task(received(saying(200, "x" * 2 * LARGE)))
        await until(lambda: room._waiters)  # noqa: SLF001 - a lock does not say who waits for it
    room.release()
    assert len(await late) == 2 * LARGE
    assert not room.locked()
