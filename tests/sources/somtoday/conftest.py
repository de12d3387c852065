"""A school's stand-in on loopback, sources that read it, and logins kept in memory."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from bridge.model.event import Part
from bridge.model.window import Window
from bridge.sources.somtoday import SOURCE
from bridge.sources.somtoday.settings import SomtodaySettings
from bridge.sources.somtoday.standin.server import ANNA, SomtodayServer, make_server
from bridge.sync.snapshot import Outcome, take_snapshot
from bridge.upstream.contract import Account, Source
from bridge.upstream.credential import AccessToken
from bridge.upstream.standin import StandIn
from bridge.upstream.surroundings import Surroundings
from tests.conftest import SettableClock

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
WINDOW = Window(date(2026, 11, 1), date(2027, 2, 1))
PERSON = Account(str(ANNA.key))


@dataclass
class KeptLogin:
    """A `CredentialSlot` that lasts as long as a test; `written` tells what was noted, in order."""

    secret: str | None = "refresh-anna"
    access: AccessToken | None = None
    dead: bool = False
    written: str = ""

    async def claim(self) -> bool:
        self.written += "claimed "
        return True

    def may_send(self) -> bool:
        return True

    async def release(self) -> None:
        self.written += "released "

    async def replace(self, secret: str, access: AccessToken) -> None:
        self.written += "replaced "
        self.secret, self.access = secret, access

    async def refuse(self) -> None:
        self.written += "refused "
        self.dead, self.access = True, None


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(NOW)


@pytest.fixture
def standin(clock: SettableClock) -> SomtodayServer:
    """A school that has only what the community's document tells of, and no journeys."""
    made = make_server(clock)
    made.lacks = {"afspraakitems", "registratieOverzicht", "icalendar"}
    for trips in made.school.trips.values():
        trips.clear()
    return made


@pytest.fixture
def stand_in(standin: SomtodayServer) -> StandIn:
    return StandIn(
        source="somtoday",
        settings={"title": "Fortes", "schedule_api": "afspraken", "grades": "on"},
        addresses=("api_url", "auth_url"),
        routes=standin.register,
    )


@pytest.fixture
def login() -> KeptLogin:
    return KeptLogin()


@pytest.fixture
def make(configure: Callable[..., SomtodaySettings], surroundings: Surroundings) -> Callable[..., Source]:
    """A source; a setting that is changed to None is left out."""

    def made(**changes: object) -> Source:
        return SOURCE.create(configure(**changes), surroundings)

    return made


Fetch = Callable[..., Awaitable[Mapping[Part, Outcome]]]


@pytest.fixture
def fetch(make: Callable[..., Source], configure: Callable[..., SomtodaySettings], login: KeptLogin) -> Fetch:
    """Fetch and read everything of one pupil."""

    async def fetched(
        account: Account = PERSON, *, window: Window = WINDOW, **changes: object
    ) -> Mapping[Part, Outcome]:
        snapshot = await take_snapshot(make(**changes), configure(), account, login, window, {})
        assert set(snapshot) == set(SOURCE.parts)
        return snapshot

    return fetched
