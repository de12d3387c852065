"""What many accounts share is asked for once, and a trouble is not asked about by each of them in turn."""

import asyncio
import gc
import weakref
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.errors import BadResponse, RateLimited, SourceError, Unavailable
from bridge.settings.schema import SharingSettings
from bridge.upstream.shared_fetch import SharedFetch
from bridge.upstream.surroundings import Surroundings
from tests.conftest import SettableClock

MAX_AGE = timedelta(minutes=5)
PATIENCE = 5


@dataclass
class Upstream:
    """Answers with how often it was asked, once its gate is open; or fails."""

    asked: int = 0
    under_way: int = 0
    most: int = 0
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    error: Exception | None = None

    async def load(self) -> int:
        self.asked += 1
        number = self.asked
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            await self.gate.wait()
        finally:
            self.under_way -= 1
        if self.error is not None:
            raise self.error
        return number


@pytest.fixture
def upstream() -> Upstream:
    found = Upstream()
    found.gate.set()
    return found


@pytest.fixture
def shared(clock: SettableClock) -> SharedFetch:
    return SharedFetch(clock, max_age=MAX_AGE)


async def settled() -> None:
    """Let every task go on until it has to wait for something."""
    for _ in range(20):
        await asyncio.sleep(0)


async def outcomes(*waiting: Awaitable[Any]) -> list[Any]:
    async with asyncio.timeout(PATIENCE):
        return await asyncio.gather(*waiting, return_exceptions=True)


async def test_an_answer_is_used_until_it_is_old(shared: SharedFetch, upstream: Upstream, clock: SettableClock) -> None:
    assert [await shared.get("a", upstream.load) for _ in range(3)] == [1, 1, 1]
    clock.now += MAX_AGE - timedelta(seconds=1)
    assert await shared.get("a", upstream.load) == 1
    clock.forward(seconds=1)
    assert await shared.get("a", upstream.load) == 2


async def test_an_answer_s_age_begins_when_it_has_come(
    shared: SharedFetch, upstream: Upstream, clock: SettableClock
) -> None:
    upstream.gate.clear()
    first = asyncio.create_task(shared.get("a", upstream.load))
    await settled()
    clock.now += 2 * MAX_AGE
    second = asyncio.create_task(shared.get("a", upstream.load))
    await settled()
    upstream.gate.set()
    assert await outcomes(first, second) == [1, 1]
    clock.now += MAX_AGE - timedelta(seconds=1)
    assert await shared.get("a", upstream.load) == 1


async def test_each_key_has_an_answer_of_its_own(shared: SharedFetch, upstream: Upstream) -> None:
    assert [await shared.get(key, upstream.load) for key in ("a", ("a", 1), "a", ("a", 1))] == [1, 2, 1, 2]


async def test_who_asks_while_it_is_being_fetched_waits_for_that_one(shared: SharedFetch, upstream: Upstream) -> None:
    upstream.gate.clear()
    waiting = [asyncio.create_task(shared.get("a", upstream.load)) for _ in range(50)]
    await settled()
    upstream.gate.set()
    assert await outcomes(*waiting) == [1] * 50
    assert upstream.asked == 1


async def test_an_age_of_nothing_still_shares_what_is_under_way(clock: SettableClock, upstream: Upstream) -> None:
    shared = SharedFetch(clock, max_age=timedelta(0))
    upstream.gate.clear()
    waiting = [asyncio.create_task(shared.get("a", upstream.load)) for _ in range(3)]
    await settled()
    upstream.gate.set()
    assert await outcomes(*waiting) == [1, 1, 1]
    assert await shared.get("a", upstream.load) == 2


@pytest.mark.parametrize(("at_once", "expected"), [(1, 1), (2, 2), (5, 5)])
async def test_no_more_fetches_are_under_way_than_allowed(
    clock: SettableClock, upstream: Upstream, at_once: int, expected: int
) -> None:
    shared = SharedFetch(clock, max_age=MAX_AGE, at_once=at_once)
    upstream.gate.clear()
    waiting = [asyncio.create_task(shared.get(key, upstream.load)) for key in range(12)]
    await settled()
    assert upstream.asked == expected
    upstream.gate.set()
    assert sorted(await outcomes(*waiting)) == list(range(1, 13))
    assert upstream.most == expected


async def test_a_fetch_that_fails_gives_its_place_to_the_next(clock: SettableClock, upstream: Upstream) -> None:
    shared = SharedFetch(clock, max_age=MAX_AGE, at_once=1)
    for number, error in enumerate((Unavailable("Down."), RuntimeError("bug"), None)):
        upstream.error = error
        (outcome,) = await outcomes(shared.get(number, upstream.load))
        assert outcome is error or outcome == 3


async def test_one_who_no_longer_waits_does_not_take_the_answer_from_the_others(
    shared: SharedFetch, upstream: Upstream
) -> None:
    upstream.gate.clear()
    waiting = [asyncio.create_task(shared.get("a", upstream.load)) for _ in range(3)]
    await settled()
    waiting[0].cancel()
    await settled()
    upstream.gate.set()
    first, *others = await outcomes(*waiting)
    assert isinstance(first, asyncio.CancelledError)
    assert others == [1, 1]
    assert upstream.asked == 1


async def test_an_answer_that_nobody_waits_for_any_more_is_kept_for_the_next(
    shared: SharedFetch, upstream: Upstream
) -> None:
    upstream.gate.clear()
    waiting = asyncio.create_task(shared.get("a", upstream.load))
    await settled()
    waiting.cancel()
    await settled()
    upstream.gate.set()
    await settled()
    assert await shared.get("a", upstream.load) == 1


async def test_a_fault_that_nobody_waits_for_any_more_is_no_noise(
    shared: SharedFetch, upstream: Upstream, caplog: pytest.LogCaptureFixture
) -> None:
    upstream.gate.clear()
    upstream.error = RuntimeError("bug")
    waiting = asyncio.create_task(shared.get("a", upstream.load))
    await settled()
    waiting.cancel()
    upstream.gate.set()
    await settled()
    del waiting
    gc.collect()
    assert caplog.records == []


async def test_a_failure_is_remembered_for_half_a_minute(
    shared: SharedFetch, upstream: Upstream, clock: SettableClock
) -> None:
    upstream.error = Unavailable("Down.")
    for _ in range(3):
        with pytest.raises(Unavailable, match=r"Down\."):
            await shared.get("a", upstream.load)
    assert upstream.asked == 1
    upstream.error = None
    clock.forward(seconds=29)
    with pytest.raises(Unavailable):
        await shared.get("a", upstream.load)
    clock.forward(seconds=1)
    assert await shared.get("a", upstream.load) == 2


async def test_a_failure_is_not_remembered_for_longer_than_an_answer(clock: SettableClock, upstream: Upstream) -> None:
    shared = SharedFetch(clock, max_age=timedelta(seconds=10))
    upstream.error = Unavailable("Down.")
    await outcomes(shared.get("a", upstream.load))
    clock.forward(seconds=10)
    upstream.error = None
    assert await shared.get("a", upstream.load) == 2


@pytest.mark.parametrize(("asked", "left_alone"), [(1, 30), (120, 120), (1200, 300)])
async def test_an_upstream_that_wants_to_be_left_alone_is_for_as_long_as_an_answer_lasts(
    shared: SharedFetch, upstream: Upstream, clock: SettableClock, asked: int, left_alone: int
) -> None:
    upstream.error = RateLimited("Too much.", retry_after=timedelta(seconds=asked))
    await outcomes(shared.get("a", upstream.load))
    upstream.error = None
    clock.forward(seconds=left_alone - 1)
    with pytest.raises(RateLimited):
        await shared.get("a", upstream.load)
    clock.forward(seconds=1)
    assert await shared.get("a", upstream.load) == 2


async def test_everybody_who_waits_hears_of_the_failure(shared: SharedFetch, upstream: Upstream) -> None:
    upstream.gate.clear()
    upstream.error = BadResponse("Nonsense.")
    waiting = [asyncio.create_task(shared.get("a", upstream.load)) for _ in range(5)]
    await settled()
    upstream.gate.set()
    assert [str(found) for found in await outcomes(*waiting)] == ["Nonsense."] * 5
    assert upstream.asked == 1


async def test_a_failure_told_many_times_does_not_grow(shared: SharedFetch, upstream: Upstream) -> None:
    upstream.error = Unavailable("Down.")
    depths = []
    for _ in range(50):
        with pytest.raises(SourceError) as raised:
            await shared.get("a", upstream.load)
        depths.append(len(raised.traceback))
    assert max(depths) <= depths[0] + 1


async def test_a_mistake_of_ours_is_not_remembered(shared: SharedFetch, upstream: Upstream) -> None:
    upstream.error = RuntimeError("bug")
    with pytest.raises(RuntimeError):
        await shared.get("a", upstream.load)
    upstream.error = None
    assert await shared.get("a", upstream.load) == 2


async def test_what_is_old_is_forgotten_whatever_is_asked_next(
    shared: SharedFetch, clock: SettableClock, upstream: Upstream
) -> None:
    class Large:
        pass

    async def load() -> Large:
        return Large()

    large = weakref.ref(await shared.get("large", load))
    assert large() is not None
    clock.now += MAX_AGE
    await shared.get("a", upstream.load)
    await settled()
    gc.collect()
    assert large() is None


@pytest.mark.parametrize(("share_for", "interval", "lasts"), [("5m", 30, 5), ("20m", 30, 15), ("5m", 1, 0.5)])
async def test_a_source_s_answers_last_half_an_interval_at_most(
    clock: SettableClock, upstream: Upstream, share_for: str, interval: float, lasts: float
) -> None:
    settings = SharingSettings.model_validate({"type": "x", "share_for": share_for})
    around = Surroundings("x", None, clock, interval=timedelta(minutes=interval))  # type: ignore[arg-type]  # nothing is asked over HTTP
    shared = around.shared(settings)
    assert await shared.get("a", upstream.load) == 1
    clock.now += timedelta(minutes=lasts) - timedelta(seconds=1)
    assert await shared.get("a", upstream.load) == 1
    clock.forward(seconds=1)
    assert await shared.get("a", upstream.load) == 2


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 400), st.booleans()), max_size=30))
def test_nothing_told_is_ever_older_than_it_may_be(steps: list[tuple[str, int, bool]]) -> None:
    async def run() -> None:
        clock = SettableClock()
        shared = SharedFetch(clock, max_age=MAX_AGE)
        for key, seconds, fails in steps:
            clock.forward(seconds=seconds)
            moment = clock()

            async def load(fails: bool = fails, moment: Any = moment) -> Any:
                if fails:
                    raise Unavailable(moment.isoformat())
                return moment

            try:
                assert clock() - await shared.get(key, load) < MAX_AGE
            except Unavailable as error:
                told = type(moment).fromisoformat(error.sentence)
                assert clock() - told < timedelta(seconds=30)

    asyncio.run(run())
