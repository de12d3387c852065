"""A programme's stand-in on loopback, and sources that read it."""

from collections.abc import Awaitable, Callable

import pytest

from bridge.model.event import Part
from bridge.model.window import Window
from bridge.sources.checkin import SOURCE
from bridge.sources.checkin.settings import CheckinSettings
from bridge.sources.checkin.source import Checkin
from bridge.sources.checkin.standin.server import CheckinServer, make_server, stand_in_of
from bridge.store.credentials import NoCredential
from bridge.sync.snapshot import Outcome, take_snapshot
from bridge.upstream.contract import Account
from bridge.upstream.standin import StandIn
from bridge.upstream.surroundings import Surroundings
from tests.conftest import SettableClock
from tests.sources.checkin.programme import WEDNESDAY, WINDOW


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(WEDNESDAY)


@pytest.fixture
def standin(clock: SettableClock) -> CheckinServer:
    return make_server(clock)


@pytest.fixture
def stand_in(standin: CheckinServer) -> StandIn:
    return stand_in_of(standin)


@pytest.fixture
def settings(configure: Callable[..., CheckinSettings]) -> CheckinSettings:
    return configure()


@pytest.fixture
def source(settings: CheckinSettings, surroundings: Surroundings) -> Checkin:
    made = SOURCE.create(settings, surroundings)
    assert isinstance(made, Checkin)
    return made


@pytest.fixture
def fetch(source: Checkin, settings: CheckinSettings) -> Callable[..., Awaitable[Outcome]]:
    """Fetch and read the check-ins of a person."""

    async def fetched(token: str, person: str, window: Window = WINDOW) -> Outcome:
        snapshot = await take_snapshot(source, settings, Account(person), NoCredential(token), window, {})
        assert set(snapshot) == {Part.CHECKINS}
        return snapshot[Part.CHECKINS]

    return fetched
