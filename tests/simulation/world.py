"""A day of hosts that share a school and a storage: everything that happens follows from a seed."""

import asyncio
import random
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random

from aiohttp import web
from structlog.testing import capture_logs

from bridge.app import open_bridge
from bridge.people.accounts import Wanted, add_account
from bridge.settings.schema import RefreshSettings, SecuritySettings, Settings, StorageSettings
from bridge.store.cipher import Cipher
from bridge.upstream.discovery import discover
from bridge.upstream.retry import RetryPolicy
from tests.club.server import Member
from tests.simulation.ablations import WITHOUT
from tests.simulation.host import START, Host
from tests.simulation.loop import AWAITED, Standing
from tests.simulation.network import Network, NetworkedLoop
from tests.simulation.school import ADDRESS, School
from tests.simulation.storage import Inside, clock_of_storages
from tests.simulation.troubles import Troubles
from tests.simulation.witness import Witness

KEY = "cm9vc3RlcmJyaWRnZS1zaW11bGF0ZWQtMzItYnl0ZXM="
TIMEOUT = timedelta(seconds=10)
_SECOND, _A_WHILE = 1.0, 4 * 3600.0
_LATER = 1.1
"""An account is due up to a tenth of an interval later, so that not all are due at once."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How large a world is, how long it lasts, and which safeguard its hosts lack.

    Clocks of hosts are at most `skew` apart: on every other day, for there are troubles that only equal clocks have.
    """

    hosts: int = 3
    accounts: int = 2
    interval: timedelta = timedelta(hours=4)
    lasts: timedelta = timedelta(hours=24)
    skew: timedelta = timedelta(minutes=5)
    troubles: bool = True
    only_stand_still: bool = False
    without: str = ""


@dataclass
class World:
    """The hosts, the school, the storage, and what happened."""

    plan: Plan
    seed: int
    loop: NetworkedLoop
    school: School
    inside: Inside
    witness: Witness
    settings: Settings
    random: Random
    states: list[object] = field(default_factory=list)
    troubles: Troubles | None = None
    lives: list[Host] = field(default_factory=list)
    _numbers: dict[Host, int] = field(default_factory=dict)

    @property
    def skew(self) -> timedelta:
        """How far the clocks of hosts are apart on this day."""
        return self.plan.skew if self.seed % 2 else timedelta(0)

    def start_again(self, host: Host) -> None:
        """Begin another life of a host."""
        self.start_host(self._numbers[host])

    def start_host(self, number: int) -> None:
        """Begin a life of a host."""
        share = number / max(1, self.plan.hosts - 1) - 0.5
        name = f"host {number}, life {sum(host.name.startswith(f'host {number},') for host in self.lives) + 1}"
        host = Host(
            name,
            self.skew * share,
            self.settings,
            self.loop,
            self.random,
            self._storing,
            self.witness.written,
            WITHOUT[self.plan.without],
        )
        self.lives.append(host)
        self._numbers[host] = number
        host.start()

    def _storing(self, host: Host) -> None:
        if self.troubles is not None:
            self.troubles.storing(host)

    def heard(self, standing: Standing, piece: bytes) -> None:
        """A host sends something."""
        self.witness.heard(standing, piece)
        if self.troubles is not None:
            self.troubles.sending(next(host for host in self.lives if host.standing is standing))

    async def end(self) -> None:
        """Let all hosts end, also those that are thought to be dead."""
        self.troubles = None
        self.loop.network.heard = lambda *_: None
        for host in self.lives:
            host.standing.go_on()
        for host in self.lives:
            await host.stop()

    def idle_until(self) -> float | None:
        """When something is due by the fastest clock, if nobody works just now, or recovers."""
        due = None if self.witness.trouble_is_fresh() else self.inside.next_due()
        awake = [host.ahead.total_seconds() for host in self.lives if not host.standing.still]
        return None if due is None or not awake else due - START.timestamp() - max(awake) - _SECOND

    @property
    def trace(self) -> list[object]:
        """What happened: equal for equal worlds."""
        return [*self.school.requests, *self.witness.troubles, *self.states, *self.witness.wrong]


def members_of(plan: Plan) -> list[Member]:
    """Those who have an account."""
    return [Member(f"member{number}", f"Member {number}") for number in range(plan.accounts)]


def settings_at(file: Path, plan: Plan) -> Settings:
    """The settings that all hosts have."""
    chosen = {
        "type": "club",
        "title": "Chess Club",
        "api_url": ADDRESS,
        "timeout": f"{TIMEOUT.total_seconds():g}s",
        "requests_per_second": 1000,
    }
    return Settings(
        storage=StorageSettings(url=f"sqlite:///{file}"),
        security=SecuritySettings.model_validate({"secret_key": KEY}),
        refresh=RefreshSettings.model_validate({"interval": f"{plan.interval.total_seconds():g}s"}),
        sources={"club": discover()["club"].settings.model_validate(chosen)},
    )


@contextmanager
def simulated(seed: int) -> Iterator[tuple[asyncio.Runner, NetworkedLoop]]:
    """A loop in which everything happens that is random, and every moment, follows from a seed."""
    before = random.getstate()
    random.seed(seed)
    try:
        with asyncio.Runner(loop_factory=NetworkedLoop) as runner:
            loop = runner.get_loop()
            assert isinstance(loop, NetworkedLoop)
            loop.network = Network(loop, lambda: random.uniform(0.005, 0.05))
            with clock_of_storages(lambda: START.timestamp() + loop.time()):
                yield runner, loop
    finally:
        random.setstate(before)


def make_template(file: Path, plan: Plan) -> None:
    """Make a storage with the accounts of a plan, added while the school could not be reached."""
    with simulated(0) as (runner, loop):
        runner.run(_add_accounts(loop, file, plan))


async def _add_accounts(loop: NetworkedLoop, file: Path, plan: Plan) -> None:
    async with open_bridge(
        settings_at(file, plan), clock=lambda: START, seconds=loop.time, retry=RetryPolicy(attempts=1)
    ) as bridge:
        for member in members_of(plan):
            await bridge.store.users.add(member.id, member.first_name, START)
            await add_account(
                bridge.store,
                bridge.sources["club"],
                Wanted(member.id, identity=member.id),
                lambda: START,
                secret=f"refresh-{member.id}",
            )


def live(folder: Path, template: Path, plan: Plan, seed: int) -> World:
    """Let a world have its day."""
    file = folder / f"{seed}.db"
    shutil.copy(template, file)
    with simulated(seed) as (runner, loop), capture_logs() as logged:
        world = runner.run(_live(loop, file, plan, seed))
    world.witness.look_at_log(logged)
    return world


async def _live(loop: NetworkedLoop, file: Path, plan: Plan, seed: int) -> World:
    AWAITED.set(True)
    async with _opened(loop, file, plan, seed) as world:
        quiet = 2 * plan.interval.total_seconds() * _LATER
        calm = plan.lasts.total_seconds() - quiet
        if plan.troubles:
            world.troubles = Troubles(
                loop,
                world.school,
                world.witness,
                world.random,
                calm,
                world.start_again,
                only_stand_still=plan.only_stand_still,
            )
            world.troubles.begin()
        for number in range(plan.hosts):
            world.start_host(number)
        await _watched(world, calm)
        await _watched(world, quiet)
        world.witness.look_finally(
            START.timestamp() + calm,
            plan.interval.total_seconds(),
            world.skew.total_seconds(),
        )
        await world.end()
        return world


async def _watched(world: World, seconds: float) -> None:
    """Let time pass, and look at the storage now and then."""
    end = world.loop.time() + seconds
    while (left := end - world.loop.time()) > 0:
        await asyncio.sleep(min(_A_WHILE, left))
        world.witness.look()
        world.states.append((world.loop.time(), world.inside.accounts()))


@asynccontextmanager
async def _opened(loop: NetworkedLoop, file: Path, plan: Plan, seed: int) -> AsyncIterator[World]:
    chance = Random(seed)
    school = School(lambda: START + timedelta(seconds=loop.time()), loop.time, chance, members_of(plan))
    inside = Inside(file, Cipher([KEY]), lambda: START.timestamp() + loop.time())
    witness = Witness(inside, school, loop.time, inside.seconds)
    world = World(plan, seed, loop, school, inside, witness, settings_at(file, plan), chance)
    runner = web.AppRunner(school.app, access_log=None)
    await runner.setup()
    assert runner.server is not None
    loop.network.server = runner.server
    loop.network.heard = world.heard
    loop.idle_until = world.idle_until
    try:
        yield world
    finally:
        await runner.cleanup()
        inside.close()
