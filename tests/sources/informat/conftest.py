"""An institute's stand-in on loopback, and sources and clients that read it."""

from collections.abc import Awaitable, Callable
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from bridge.model.event import Event, Part
from bridge.model.window import Window, bounds
from bridge.sources.informat import SOURCE
from bridge.sources.informat.client import InformatClient
from bridge.sources.informat.settings import InformatSettings
from bridge.sources.informat.source import Informat
from bridge.sources.informat.standin.server import InformatServer, make_server, stand_in_of
from bridge.store.credentials import NoCredential
from bridge.sync.snapshot import Delivered, Outcome, take_snapshot
from bridge.upstream.contract import Account
from bridge.upstream.standin import StandIn
from bridge.upstream.surroundings import Surroundings
from tests.conftest import SettableClock

WINDOW = Window(date(2026, 9, 23), date(2027, 11, 23))
Make = Callable[..., Informat]
Fetch = Callable[..., Awaitable[dict[Part, Outcome]]]


@pytest.fixture
def standin(clock: SettableClock) -> InformatServer:
    return make_server(clock)


@pytest.fixture
def stand_in(standin: InformatServer) -> StandIn:
    return stand_in_of(standin)


@pytest.fixture
def make(configure: Callable[..., InformatSettings], surroundings: Surroundings) -> Make:
    """A source of its own, which has asked nothing yet."""

    def made(**changes: object) -> Informat:
        source = SOURCE.create(configure(**changes), surroundings)
        assert isinstance(source, Informat)
        return source

    return made


@pytest.fixture
def client(
    configure: Callable[..., InformatSettings], surroundings: Surroundings, clock: SettableClock
) -> Callable[..., InformatClient]:
    def made(**changes: object) -> InformatClient:
        settings = configure(**changes)
        return InformatClient(surroundings.http(settings), settings, clock)

    return made


@pytest.fixture
def fetch(make: Make, configure: Callable[..., InformatSettings]) -> Fetch:
    """Fetch and read all parts of a person, with a source that has asked nothing yet or the one that is given."""

    async def fetched(
        person: str, *, window: Window = WINDOW, source: Informat | None = None, **changes: object
    ) -> dict[Part, Outcome]:
        settings = configure(**changes)
        snapshot = await take_snapshot(source or make(**changes), settings, Account(person), NoCredential(), window, {})
        assert set(snapshot) == set(SOURCE.parts)
        return snapshot

    return fetched


def events(outcome: Outcome) -> list[Event]:
    """What was delivered, all of it readable, in the order of time."""
    assert isinstance(outcome, Delivered), outcome
    assert outcome.skipped == 0
    return sorted(outcome.events, key=lambda event: (bounds(event.when, ZoneInfo("Europe/Brussels")), event.kind))
