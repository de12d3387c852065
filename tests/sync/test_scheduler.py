import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta

import pytest
from aiohttp import web

from bridge.app import serve_bridge
from bridge.settings.schema import RefreshSettings
from bridge.store.account import NewAccount, State, StoredAccount
from bridge.store.feed import NewFeed
from bridge.sync.refresher import Refresher
from bridge.sync.scheduler import Scheduler
from tests.club.server import API, LESSONS, Club, Member, new_club
from tests.conftest import OpenSchool, School, SettableClock
from tests.faults import as_usual, saying
from tests.program import until

MEMBERS = tuple(Member(f"member-{number}", f"Member {number}") for number in range(6))
MOST = 3
PATIENCE = 15


@pytest.fixture
def storage_url(sqlite_url: str) -> str:
    """One sort of storage is enough here: tests/store/ tries both."""
    return sqlite_url


@pytest.fixture
def club(clock: SettableClock) -> Club:
    return new_club(clock, MEMBERS)


@pytest.fixture
async def school(open_school: OpenSchool, club: Club) -> AsyncIterator[School]:
    async with open_school({"club": club.stand_in}) as opened:
        yield opened


def scheduler(
    school: School, *, sources: Sequence[str] = ("club",), seconds: Callable[[], float] = time.monotonic
) -> Scheduler:
    bridge = school.bridge
    settings = RefreshSettings(concurrency=MOST)
    refresher = Refresher(bridge.store, bridge.sources, settings, bridge.clock, spread=lambda: 0)
    return Scheduler(
        bridge.store,
        refresher,
        bridge.worker,
        bridge.sweeper,
        sender=bridge.sender,
        intervals=dict.fromkeys(sources, timedelta(minutes=30)),
        concurrency=MOST,
        clock=bridge.clock,
        seconds=seconds,
    )


async def add_members(school: School, count: int = len(MEMBERS)) -> None:
    for member in MEMBERS[:count]:
        await school.bridge.store.users.add(member.id, "", school.clock())
        login = await school.bridge.store.credentials.add("club", f"refresh-{member.id}")
        await school.bridge.store.accounts.put(
            NewAccount(member.id, "club", identity=member.id, person=member.id, credential_id=login.id), school.clock()
        )


async def states(school: School) -> list[State]:
    return [account.state for account in await school.bridge.store.accounts.all()]


class Crowd:
    """A fault that counts who is inside, and lets go only when it is told to."""

    def __init__(self, expected: int) -> None:
        self.inside = self.most = 0
        self.full, self.go_on = asyncio.Event(), asyncio.Event()
        self._expected = expected

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        self.inside += 1
        self.most = max(self.most, self.inside)
        if self.inside >= self._expected:
            self.full.set()
        await self.go_on.wait()
        self.inside -= 1
        return await as_usual(request)


async def test_what_is_due_is_refreshed_at_most_so_many_at_once(school: School, club: Club) -> None:
    await add_members(school)
    crowd = club.stand_in.faults["/"] = Crowd(MOST + 1)
    running = scheduler(school)
    await running.tick()
    await running.tick()
    await until(lambda: crowd.inside == MOST)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(crowd.full.wait(), 0.5)
    assert crowd.inside == MOST
    crowd.go_on.set()
    await running.stop()
    assert crowd.most == MOST
    assert await states(school) == [State.OK] * len(MEMBERS)


async def test_an_account_is_not_started_twice(school: School, club: Club) -> None:
    await add_members(school, 1)
    crowd = club.stand_in.faults["/"] = Crowd(1)
    running = scheduler(school)
    await running.tick()
    await asyncio.wait_for(crowd.full.wait(), PATIENCE)
    asked = club.asked
    for _ in range(3):
        await running.tick()
    crowd.go_on.set()
    await running.stop()
    assert asked == crowd.most == 1
    assert club.stand_in.requests[f"GET {LESSONS}"] == 1


async def test_only_what_is_due_is_started(school: School, club: Club) -> None:
    await add_members(school, 2)
    running = scheduler(school)
    await running.tick()
    await running.stop()
    asked = club.asked
    school.clock.forward(minutes=29, seconds=59)
    await running.tick()
    await running.stop()
    assert club.asked == asked
    school.clock.forward(seconds=1)
    await running.tick()
    await running.stop()
    assert club.asked > asked


async def test_accounts_that_need_a_login_or_have_no_source_are_left_alone(school: School, club: Club) -> None:
    await add_members(school, 2)
    (one, _) = await school.bridge.store.accounts.all()
    club.logins[-len(MEMBERS)].dead = True
    await school.bridge.refresher.refresh(one)
    asked = club.asked
    nothing = scheduler(school, sources=[])
    await nothing.tick()
    await nothing.stop()
    assert club.asked == asked
    running = scheduler(school)
    await running.tick()
    await running.stop()
    assert await states(school) == [State.LOGIN_NEEDED, State.OK]
    assert one.next_due <= school.clock()


async def test_stopping_waits_for_what_is_under_way(school: School, club: Club) -> None:
    await add_members(school, 1)
    crowd = club.stand_in.faults["/"] = Crowd(1)
    running = scheduler(school)
    await running.tick()
    await asyncio.wait_for(crowd.full.wait(), PATIENCE)
    stopping = asyncio.create_task(running.stop())
    await asyncio.wait({stopping}, timeout=0.1)
    assert not stopping.done()
    crowd.go_on.set()
    await asyncio.wait_for(stopping, PATIENCE)
    assert await states(school) == [State.OK]


async def test_it_ticks_by_itself_and_not_after_it_was_stopped(school: School, club: Club) -> None:
    crowd = club.stand_in.faults["/"] = Crowd(1)
    crowd.go_on.set()
    running = scheduler(school)
    running.start()
    await add_members(school, 1)
    await asyncio.wait_for(crowd.full.wait(), PATIENCE)
    await running.stop()
    assert await states(school) == [State.OK]
    school.clock.forward(days=1)
    asked = club.asked
    await asyncio.sleep(1.2)
    assert club.asked == asked


async def test_a_tick_publishes_what_another_process_saved(school: School) -> None:
    await add_members(school, 1)
    user = MEMBERS[0].id
    running = scheduler(school, sources=[])
    school.bridge.worker.start()
    await running.tick()
    await running.stop()
    await school.bridge.store.feeds.add(user, NewFeed(kinds=[]), school.clock())
    await running.tick()
    await until(lambda: school.ics(user))
    await school.bridge.worker.stop()


async def test_a_sweep_ends_once_feeds_show_it(school: School, club: Club) -> None:
    await add_members(school, 1)
    user = MEMBERS[0].id
    await school.feed(user)
    await school.refresh()
    (cancelled,) = club.take(1)
    await school.refresh()
    assert f"Vervalt: {cancelled.title}" in await school.ics(user)
    school.clock.forward(days=14)
    running = scheduler(school, sources=[])
    await running.tick()
    await running.stop()
    assert "Vervalt: " not in await school.ics(user)


async def test_a_failing_account_waits_longer_each_time_and_never_more_than_eight_intervals(
    school: School, club: Club
) -> None:
    await add_members(school, 1)
    club.stand_in.faults[API] = saying(500)
    assert await waits(school, 6) == [30, 60, 120, 240, 240, 240]
    club.stand_in.faults.clear()
    assert await waits(school, 1) == [30]


@pytest.mark.parametrize(("seconds", "minutes"), [("60", 30), ("7200", 120), ("99999999", 7 * 24 * 60)])
async def test_an_account_is_left_alone_for_as_long_as_the_school_asks(
    school: School, club: Club, seconds: str, minutes: int
) -> None:
    await add_members(school, 1)
    club.stand_in.faults[API] = saying(429, Retry_After=seconds)
    assert await waits(school, 1) == [minutes]


async def test_accounts_spread_out_by_up_to_a_tenth(school: School) -> None:
    await add_members(school, 1)
    assert await waits(school, 1, spread=1) == [33]
    assert await waits(school, 1, spread=0.5) == [31.5]


async def waits(school: School, count: int, *, spread: float = 0) -> list[float]:
    """After how many minutes the account is due again, refresh after refresh."""
    bridge = school.bridge
    settings = bridge.settings.refresh
    refresher = Refresher(bridge.store, bridge.sources, settings, bridge.clock, spread=lambda: spread)
    found = []
    for _ in range(count):
        await refresher.refresh(await the_account(school))
        found.append(((await the_account(school)).next_due - school.clock()).total_seconds() / 60)
    return found


async def the_account(school: School) -> StoredAccount:
    (account,) = await school.bridge.store.accounts.all()
    return account


async def test_a_lowered_interval_holds_at_once_for_who_is_well(
    school: School, club: Club, clock: SettableClock
) -> None:
    await add_members(school, 2)
    await school.refresh()
    clock.forward(minutes=10)
    club.stand_in.faults[API] = saying(500)
    await school.bridge.refresher.refresh((await school.bridge.store.accounts.all(user=MEMBERS[1].id))[0])
    await school.bridge.store.claims.pull_back("club", timedelta(minutes=5))
    well, failing = await school.bridge.store.accounts.all()
    assert (well.state, failing.state) == (State.OK, State.FAILING)
    assert well.next_due <= clock()
    assert failing.next_due > clock()


async def test_what_another_host_has_refreshed_meanwhile_is_not_asked_for_again(school: School, club: Club) -> None:
    await add_members(school, 1)
    (claim,) = await school.bridge.store.claims.claim(school.clock(), ["club"], limit=9)
    await school.bridge.refresher.refresh_claimed(claim)
    asked = club.asked
    assert await states(school) == [State.OK]
    await school.bridge.refresher.refresh_claimed(claim)
    assert club.asked == asked
    assert all(row.ok for row in await school.bridge.refresher.refresh(claim.account))


async def test_a_clock_that_steps_ahead_and_back_keeps_nobody_waiting(school: School, clock: SettableClock) -> None:
    await add_members(school, 1)
    moments = [0.0]
    running = scheduler(school, seconds=lambda: moments[0])
    await running.tick()
    await running.stop()
    clock.forward(hours=5)
    await running.tick()
    await running.stop()
    assert (await the_account(school)).last_ok == clock()
    clock.forward(hours=-5)
    moments[0] += 1
    await running.tick()
    await running.stop()
    assert (await the_account(school)).next_due == clock() + timedelta(minutes=30)


async def test_ticks_go_on_whatever_the_clock_on_the_wall_does(school: School, clock: SettableClock) -> None:
    running = scheduler(school, sources=[])
    running.start()
    clock.forward(hours=1)
    await until(lambda: running.ticks >= 2)
    clock.forward(hours=-1)
    before = running.ticks
    await until(lambda: running.ticks >= before + 2)
    assert running.tick_age < PATIENCE
    await running.stop()


async def test_who_was_refreshed_in_the_future_is_due_within_an_interval_of_the_next_start(
    school: School, clock: SettableClock
) -> None:
    await add_members(school, 1)
    clock.forward(days=1)
    await school.refresh()
    clock.forward(days=-1)
    async with serve_bridge(school.bridge):
        assert (await the_account(school)).next_due <= clock() + timedelta(minutes=30)
