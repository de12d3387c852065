"""Each request of each source, and each way in which an upstream can fail: nothing is lost, and it ends by itself."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from bridge.model.tracked import TrackedEvent
from bridge.store.account import State
from bridge.upstream.discovery import discover
from bridge.upstream.source_type import SourceType
from bridge.upstream.standin import StandIn
from tests.conftest import SLOW, OpenSchool, School, SettableClock
from tests.docs.columns import expect_column
from tests.faults import (
    Handler,
    bombing,
    delayed,
    dripping,
    halved,
    hanging,
    reset,
    retelling,
    rewriting,
    saying,
    times,
    too_many,
)
from tests.sources.test_contract import (
    assert_fit_for_a_person,
    assert_good,
    events_of,
    one_of_each_sort,
)

FAULTS: dict[str, Callable[[], Handler]] = {
    "503, once": lambda: times(1, saying(503)),
    "later": lambda: delayed(0.05),
    "hangs": lambda: hanging,
    "reset": lambda: reset,
    "half an answer": lambda: halved,
    "HTML": lambda: saying(200, "<!doctype html><title>Login</title>", "text/html"),
    "empty lists": lambda: retelling(lambda _: []),
    "60 % of rows gone": lambda: retelling(lambda rows: rows[: len(rows) * 2 // 5]),
    "429, in seconds": lambda: too_many(timedelta(minutes=20), as_date=False),
    "429, by a date": lambda: too_many(timedelta(minutes=20), as_date=True),
    "a slow drip": lambda: dripping,
    "another zone": lambda: rewriting(_in_another_zone),
    "another charset": lambda: rewriting(lambda body: body.decode().encode("utf-16"), "utf-16"),
    "a gzip bomb": lambda: bombing,
}
SPENDING = {"half an answer", "a slow drip", "another charset"}
"""What loses the answer to a token that is spent: a school that forgives none then refuses it, and a login is due."""
SLOWLY = {"hangs", "a slow drip"}
FEWER = {"empty lists", "60 % of rows gone"}
MAY_BE_CANCELLED = 5
"""So many events at a time may be gone from a good answer, for each account: that happens at schools."""
SAMPLE = 4
PATIENCE = timedelta(seconds=0.5)
STEP = 0.005
"""The seconds that count of one step of the loop, however busy the machine is: patience ends after a hundred."""


def _in_another_zone(body: bytes) -> bytes:
    return body.replace(b"+01:00", b"+03:00").replace(b"+02:00", b"+04:00")


@pytest.fixture(params=sorted({*discover(), "club"} - {"holidays"}))
def kind(request: pytest.FixtureRequest, installed_club: None) -> SourceType[Any]:
    return discover()[request.param]


@pytest.fixture
def storage_url(tmp_path: Any) -> str:
    return f"sqlite:///{tmp_path / 'bridge.db'}"


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


class OwnTime:
    """The time of an event loop in which what the machine, or other work, keeps it from does not count."""

    def __init__(self) -> None:
        self._seen = self._now = time.monotonic()

    def __call__(self) -> float:
        seen = time.monotonic()
        self._now += min(seen - self._seen, STEP)
        self._seen = seen
        return self._now


@pytest.fixture
async def own_time(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Let a request be as late as its fault makes it, on a busy machine too."""

    async def go_on() -> None:
        while True:  # noqa: ASYNC110 - the loop is to look at its time
            await asyncio.sleep(STEP)

    monkeypatch.setattr(asyncio.get_running_loop(), "time", OwnTime())
    going = asyncio.create_task(go_on())
    yield
    going.cancel()


def cells(stand_in: StandIn, kind: str) -> Iterator[tuple[str, str]]:
    """Each request with each fault, or a few of them."""
    every = [
        (route, fault)
        for route in sorted(stand_in.requests)
        for fault in FAULTS
        if not ("token" in route and fault in SPENDING)
    ]
    chance = random.Random(kind)  # noqa: S311 - the same each time
    yield from every if SLOW else sorted(chance.sample(every, SAMPLE))


async def test_no_fault_of_any_request_loses_anything_and_all_is_well_when_it_is_over(
    kind: SourceType[Any], open_school: OpenSchool, clock: SettableClock, own_time: None, subtests: pytest.Subtests
) -> None:
    """It prints a table, which `pytest -n0 -rP` shows; of all requests, docs/faults.md has the counts."""
    stand_in = kind.stand_in(clock)
    print("| request | fault | parts that fail | state | sentence |")  # noqa: T201 - for whoever asks for it
    async with open_school({"school": stand_in}, school={"timeout": PATIENCE}) as school:
        for person in one_of_each_sort(stand_in.people):
            await school.add(person.user, "school")
        assert_good(await school.refresh())
        for user in await school.bridge.store.users.all():
            await school.feed(user.name)
        seen: dict[str, list[set[State]]] = {fault: [] for fault in FAULTS}
        for route, fault in cells(stand_in, kind.name):
            with subtests.test(f"{route}: {fault}"):
                states, told = await suffer(school, stand_in, route, fault)
                seen[fault].append(states)
                print(f"| {route} | {fault} | {told} |")  # noqa: T201
    if SLOW and kind.name in discover() and kind.name != "club":
        expect_column(kind.name, {fault: _counted(states) for fault, states in seen.items()})


def _counted(states: list[set[State]]) -> str:
    """Of how many requests a fault is noticed, and how."""
    failing = sum(1 for one in states if State.FAILING in one)
    held = sum(1 for one in states if State.HELD in one and State.FAILING not in one)
    noticed = ", ".join(f"{count} {word}" for count, word in ((failing, "fail"), (held, "held")) if count)
    return f"{noticed or 'none'} of {len(states)}"


async def suffer(school: School, stand_in: StandIn, route: str, fault: str) -> tuple[set[State], str]:
    """Refresh while a request fails, twice where that takes no time, and once more when it does not.

    Gives the states of the accounts meanwhile, and what was said.
    """
    if "token" in route:
        school.clock.forward(minutes=65)
    before, calendars = await events_of(school), await calendars_of(school)
    stand_in.requests.clear()
    stand_in.faults[route] = FAULTS[fault]()
    with capture_logs() as down:
        rows = await school.refresh()
        again = [] if fault in SLOWLY or fault == "503, once" else await school.refresh()
    stand_in.faults.clear()
    failed = [row for row in (*rows, *again) if not row.ok and not row.forbidden]
    for row in failed:
        assert_fit_for_a_person(row.error, stand_in)
    states = {account.state for account in await school.bridge.store.accounts.all()}
    assert states <= {State.OK, State.FAILING, State.HELD}
    assert bool(failed) == (states != {State.OK}) or fault == "503, once"
    few = MAY_BE_CANCELLED if fault in FEWER else 0
    await expect_nothing_lost(school, before, calendars, but=few)
    with capture_logs() as up:
        assert_good(await school.refresh())
    await expect_nothing_lost(school, before, calendars)
    expect_one_line_each(down, up, states)
    sentences = {row.error or "" for row in failed} or {row.error or "" for row in rows}
    parts = sorted({row.part or "all" for row in failed})
    return states, f"{', '.join(parts)} | {', '.join(sorted(states))} | {max(sentences)}"


async def calendars_of(school: School) -> dict[str, int]:
    """How many events the feed of each user has."""
    users = [user.name for user in await school.bridge.store.users.all()]
    return {user: (await school.ics(user)).count("BEGIN:VEVENT") for user in users}


async def expect_nothing_lost(
    school: School, before: dict[int, list[TrackedEvent]], calendars: dict[str, int], *, but: int = 0
) -> None:
    """All events are there and stand, in the calendars too, but for a few of an account."""
    after = await events_of(school)
    for account, entries in before.items():
        assert len(_standing(entries) - _standing(after[account])) <= but
    now = await calendars_of(school)
    assert all(count - now[user] <= but for user, count in calendars.items())


def _standing(entries: list[TrackedEvent]) -> set[tuple[str, str]]:
    return {(entry.event.kind, entry.event.identity) for entry in entries if entry.vanished is None}


def expect_one_line_each(down: list[Any], up: list[Any], states: set[State]) -> None:
    """One when an account is in trouble, and one when it is well again; none of what goes on."""
    told_down, told_up = [[line for line in lines if line["event"] == "account.state"] for lines in (down, up)]
    numbers = [line["account"] for line in told_down]
    assert len(set(numbers)) == len(numbers)
    assert [line["account"] for line in told_up] == numbers
    assert bool(numbers) == (states != {State.OK})
    assert all(line["log_level"] == "debug" or line in told_down or line in told_up for line in (*down, *up))
