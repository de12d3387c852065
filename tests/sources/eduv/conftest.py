"""A register's stand-in on loopback, and sources that read it."""

from collections.abc import Awaitable, Callable

import pytest

from bridge.errors import SourceError
from bridge.model.event import Part
from bridge.model.names import Names
from bridge.model.window import Window
from bridge.sources.eduv import SOURCE
from bridge.sources.eduv.settings import EduvSettings
from bridge.sources.eduv.standin.server import RegisterServer, make_server
from bridge.store.credentials import NoCredential
from bridge.upstream.contract import Account, Answer, Reading, Source
from bridge.upstream.standin import StandIn
from bridge.upstream.surroundings import Surroundings
from tests.conftest import SettableClock

Configure = Callable[..., EduvSettings]
Make = Callable[..., Source]
Fetch = Callable[..., Awaitable[Answer]]
Read = Callable[..., Awaitable[Reading]]


@pytest.fixture
def standin(clock: SettableClock) -> RegisterServer:
    return make_server(clock)


@pytest.fixture
def stand_in(standin: RegisterServer) -> StandIn:
    return standin.stand_in()


@pytest.fixture
def make(configure: Configure, surroundings: Surroundings) -> Make:
    def made(**changes: object) -> Source:
        return SOURCE.create(configure(**changes), surroundings)

    return made


@pytest.fixture
def read(make: Make, clock: SettableClock) -> Read:
    """Ask once and read what comes."""

    async def reading(source: Source | None = None, **changes: object) -> Reading:
        source = source or make(**changes)
        today = clock().date()
        answers = await source.fetch(Account(), NoCredential(), Window(today, today))
        assert set(answers) == {Part.NAMES}
        answer = answers[Part.NAMES]
        if isinstance(answer, SourceError):
            raise answer
        assert isinstance(answer, Answer)
        return source.read(Part.NAMES, answer.payload, Account())

    return reading


def names_of(reading: Reading) -> Names:
    assert reading.events == ()
    assert reading.names is not None
    return reading.names
