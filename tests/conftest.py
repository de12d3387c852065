import asyncio
import base64
import gc
import os
import shutil
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import structlog
from hypothesis import HealthCheck, settings

from bridge.app import Bridge, open_bridge
from bridge.calendar.lint.linter import lint
from bridge.model.event import SHOWN_BY_DEFAULT, Kind
from bridge.people.accounts import AddedAccount, Wanted, add_account
from bridge.settings.schema import (
    OidcSettings,
    RefreshSettings,
    SecuritySettings,
    ServerSettings,
    Settings,
    SharingSettings,
    SourceSettings,
    StorageSettings,
)
from bridge.store.cipher import Cipher
from bridge.store.feed import NewFeed
from bridge.store.renderings import unpack
from bridge.store.storage import Store, open_store
from bridge.sync.outcome import Row
from bridge.upstream.discovery import discover
from bridge.upstream.retry import RetryPolicy
from bridge.upstream.standin import StandIn
from tests.club.server import Club, new_club
from tests.club.source import INSTALLED

POSTGRES = "ROOSTERBRIDGE_TEST_POSTGRES"
SLOW = "ROOSTERBRIDGE_TEST_SLOW" in os.environ
# A traceback in the log costs a second to draw with its variables, and no test looks at the drawing.
structlog.configure(
    processors=[
        *structlog.get_config()["processors"][:-1],
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)
gc.set_threshold(10_000, 20, 20)  # the usual ones take a quarter of the time to collect tests, a sixth of that to run
LONG = {
    "test_ablations",
    "test_full_size",
    "test_kills",
    "test_mutations",
    "test_simulation",
    "test_stop",
    "test_trouble",
}
"""The modules of tests of which one takes a minute or more where the slow ones run."""
RANDOM = "ROOSTERBRIDGE_TEST_RANDOM" in os.environ
settings.register_profile(
    "as-asked",
    max_examples=100 if SLOW else 25,
    deadline=None,  # which a busy machine misses
    derandomize=not RANDOM,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],  # which says something of the machine, and fails on a busy one
)
settings.load_profile("as-asked")
NO_RETRY = RetryPolicy(attempts=1)
KEY = base64.urlsafe_b64encode(b"roosterbridge-test-key-32-bytes!").decode()


def pytest_xdist_auto_num_workers() -> int:
    """More than there are cores: many tests wait for another process, or for time to pass in one."""
    return 2 * (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes minutes, some of it in each process, so that none is left with it at the end."""
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    long = [item for item in items if SLOW and item.path.stem in LONG]
    if processes == 1 or not long:
        return
    others = [item for item in items if item.path.stem not in LONG]
    share = -(-len(items) // processes)  # of the tests in order, that each process begins with
    ordered: list[pytest.Item] = []
    for number in range(processes):
        own = long[number::processes]
        ordered += own
        room = share - len(own)
        ordered += others[:room]
        del others[:room]
    items[:] = ordered + others


def pytest_collection_finish() -> None:
    """Keep the modules and tests, which stay to the end, out of each later search for garbage."""
    gc.collect()
    gc.freeze()


def slow(what: str) -> pytest.MarkDecorator:
    """A mark of tests that run only where the environment asks for it, as `.ci/run` does; CONTRIBUTING lists `what`."""
    return pytest.mark.skipif(not SLOW, reason=f"only with ROOSTERBRIDGE_TEST_SLOW=1: {what}")


@dataclass
class SettableClock:
    """A clock that stands still until it is moved."""

    now: datetime = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


SORTS = [
    "sqlite",
    pytest.param(
        "postgresql",
        marks=pytest.mark.skipif(
            POSTGRES not in os.environ,
            reason=f"needs a PostgreSQL server: {POSTGRES}=postgresql://USER@HOST/DATABASE",
        ),
    ),
]
"""The sorts of storages, for fixtures that give one."""


@pytest.fixture(params=SORTS)
def storage_url(request: pytest.FixtureRequest) -> str:
    """A storage of either sort with nothing in its tables."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    """A SQLite storage with nothing in its tables: for tests in which the sort of storage plays no part."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'bridge.db')}"


@pytest.fixture
async def postgresql_url(postgresql_template: str) -> AsyncIterator[str]:
    """A database with nothing in its tables."""
    async with new_postgres_database(postgresql_template) as url:
        yield url


@pytest.fixture(params=SORTS)
async def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """The place of a storage of either sort without any table: for tests of what makes them."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'bridge.db'}"
        return
    async with new_postgres_database() as url:
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A storage with nothing in its tables, of which tests get copies: making tables takes a hundred times as long."""
    file = tmp_path_factory.mktemp("template") / "bridge.db"
    asyncio.run(_make_tables(f"sqlite:///{file}"))
    return file


@pytest.fixture(scope="session")
def postgresql_template() -> Iterator[str]:
    """The name of a database with nothing in its tables, of which tests get copies."""
    with asyncio.Runner() as runner, postgres_database(runner) as url:
        runner.run(_make_tables(url))
        yield url.rpartition("/")[2]


@contextmanager
def postgres_database(runner: asyncio.Runner) -> Iterator[str]:
    """A database as `new_postgres_database` makes one, where no event loop may run meanwhile."""
    made = new_postgres_database()
    url = runner.run(made.__aenter__())
    try:
        yield url
    finally:
        runner.run(made.__aexit__(None, None, None))


async def _make_tables(url: str) -> None:
    async with open_store(url, Cipher([KEY]), SettableClock()):
        pass


@asynccontextmanager
async def new_postgres_database(template: str = "template1") -> AsyncIterator[str]:
    """A database of one's own on the server that the environment names."""
    server = os.environ[POSTGRES]
    name = f"roosterbridge_{uuid.uuid4().hex}"
    connection = await asyncpg.connect(server)
    try:
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        await connection.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")  # no test cuts the power
        yield f"{server.rpartition('/')[0]}/{name}"
    finally:
        await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        await connection.close()


@dataclass
class School:
    """A bridge and the stand-ins that it reads."""

    bridge: Bridge
    stand_ins: dict[str, StandIn]
    clock: SettableClock

    async def add(self, person: str, source: str, *, user: str | None = None, account: str = "") -> AddedAccount:
        """Add a sample person of a stand-in, as a user where there is none yet, with a name for the account."""
        sample = next(one for one in self.stand_ins[source].people if one.user == person)
        name = user or person
        if name not in {known.name for known in await self.bridge.store.users.all()}:
            await self.bridge.store.users.add(name, sample.title, self.clock())
        return await add_account(
            self.bridge.store,
            self.bridge.sources[source],
            Wanted(name, name=account, identity=sample.identity, options=sample.options),
            self.clock,
            secret=sample.secret,
        )

    async def refresh(self, *, accept: bool = False) -> list[Row]:
        """Refresh every account, one after the other, and publish what has changed."""
        rows = []
        for account in await self.bridge.store.accounts.all():
            rows += await self.bridge.refresher.refresh(account, accept=accept)
        await self.bridge.publisher.publish_wanted()
        return rows

    async def feed(
        self, user: str, *, name: str = "default", kinds: Sequence[Kind] = SHOWN_BY_DEFAULT, **options: str
    ) -> str:
        """Make a feed, of everything that is shown by default; gives its token."""
        token = await self.bridge.store.feeds.add(user, NewFeed(name, kinds=kinds, options=options), self.clock())
        await self.bridge.publisher.publish_wanted()
        return token

    async def ics(self, user: str, name: str = "default") -> str:
        """The calendar of a feed, unfolded."""
        return (await self.bridge.store.renderings.calendar(user, name)).decode().replace("\r\n ", "")


OpenSchool = Callable[..., AbstractAsyncContextManager[School]]


@pytest.fixture
def club(clock: SettableClock) -> Club:
    """The stand-in of a club, with lessons and a holiday."""
    return new_club(clock)


@pytest.fixture
def installed_club(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the club be found like any other installed source."""
    monkeypatch.syspath_prepend(INSTALLED)


@pytest.fixture
def open_school(storage_url: str, installed_club: None, clock: SettableClock) -> OpenSchool:
    """Open a bridge that reads the stand-ins it is given, by source name; default: one of each type.

    `at` is the port that it will be served at, where browsers must find their way back to it.
    """

    @asynccontextmanager
    async def opened(
        stand_ins: dict[str, StandIn] | None = None,
        *,
        interval: str = "30m",
        past: str = "60d",
        future: str = "365d",
        admin_token: str | None = None,
        oidc: dict[str, Any] | None = None,
        at: int = 0,
        **more: dict[str, Any],
    ) -> AsyncIterator[School]:
        types = discover()
        chosen = stand_ins or {name: found.stand_in(clock) for name, found in types.items()}
        async with AsyncExitStack() as stack:
            sources = {}
            for name, stand_in in chosen.items():
                address = await stack.enter_async_context(stand_in.serve())
                kind = types[stand_in.source].settings
                values = stand_in.settings_at(address) | _quick(kind) | more.get(name, {})
                sources[name] = kind.model_validate(values)
            chosen_settings = Settings(
                server=ServerSettings(port=at, public_url=f"http://127.0.0.1:{at or 8080}"),
                storage=StorageSettings(url=storage_url),
                security=SecuritySettings.model_validate({"secret_key": KEY, "admin_token": admin_token}),
                oidc=OidcSettings.model_validate(oidc or {}),
                refresh=RefreshSettings.model_validate({"interval": interval, "past": past, "future": future}),
                sources=sources,
            )
            bridge = await stack.enter_async_context(open_bridge(chosen_settings, clock=clock, retry=NO_RETRY))
            yield School(bridge, chosen, clock)
            if await bridge.store.trouble() is None:
                await check_calendars(bridge.store)

    return opened


async def check_calendars(store: Store) -> None:
    """Lint all of every stored calendar: the gate of the publisher judges only what is new in one."""
    for _, packed in await store.renderings.after(0, limit=10_000):
        assert lint(unpack(packed)) == ()


def _quick(kind: type[SourceSettings]) -> dict[str, Any]:
    """Settings for a clock that stands still, under which an answer that is shared would be new for ever."""
    return {"requests_per_second": 1000} | ({"share_for": "0s"} if issubclass(kind, SharingSettings) else {})


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the developer's own BRIDGE_ variables out of the tests."""
    for name in [name for name in os.environ if name.startswith("BRIDGE_")]:
        monkeypatch.delenv(name)


__all__ = ["KEY", "OpenSchool", "School", "SettableClock"]
