"""A university's stand-in on loopback, and sources that read it."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime

import pytest

from bridge.model.event import Part
from bridge.model.window import Window
from bridge.sources.mytimetable import SOURCE
from bridge.sources.mytimetable.settings import MyTimetableSettings
from bridge.store.credentials import NoCredential
from bridge.sync.snapshot import Outcome, take_snapshot
from bridge.upstream.contract import Account, Source
from bridge.upstream.standin import StandIn
from bridge.upstream.surroundings import Surroundings
from tests.conftest import SettableClock

NOW = datetime(2026, 10, 14, 8, 0, tzinfo=UTC)
WINDOW = Window(date(2026, 10, 1), date(2027, 1, 1))


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(NOW)


@pytest.fixture
def stand_in(clock: SettableClock) -> StandIn:
    return SOURCE.stand_in(clock)


@pytest.fixture
def make(configure: Callable[..., MyTimetableSettings], surroundings: Surroundings) -> Callable[..., Source]:
    def made(**changes: object) -> Source:
        return SOURCE.create(configure(**changes), surroundings)

    return made


@pytest.fixture
def connect(make: Callable[..., Source]) -> Callable[..., Awaitable[Account]]:
    """Add an account, as a person would."""

    async def connected(
        identity: str | None = None,
        secret: str | None = None,
        *,
        options: dict[str, str] | None = None,
        **changes: object,
    ) -> Account:
        account = Account(options=options or {})
        return await make(**changes).connect(identity, account, NoCredential(secret))

    return connected


@pytest.fixture
def fetch(
    make: Callable[..., Source], configure: Callable[..., MyTimetableSettings]
) -> Callable[..., Awaitable[Outcome]]:
    """Fetch an account and read one part of it, the schedule by default."""

    async def fetched(
        person: str = "",
        secret: str | None = None,
        *,
        keys: str = "",
        window: Window = WINDOW,
        part: Part = Part.SCHEDULE,
        **changes: object,
    ) -> Outcome:
        account = Account(person, {"timetables": keys} if keys else {})
        snapshot = await take_snapshot(make(**changes), configure(**changes), account, NoCredential(secret), window, {})
        assert tuple(snapshot) == SOURCE.parts
        return snapshot[part]

    return fetched
