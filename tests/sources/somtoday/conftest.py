"""A school's stand-in on loopback, sources that read it, and logins kept in memory."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import aiohttp
import pytest

from bridge.model.event import Part
from bridge.model.window import Window
from bridge.sources.somtoday import SOURCE
from bridge.sources.somtoday.standin.server import ANNA, SomtodayServer, make_server
from bridge.sync.snapshot import Outcome, take_snapshot
from bridge.upstream.contract import Account, Source, Surroundings
from bridge.upstream.http import RetryPolicy, new_session
from bridge.upstream.oauth import AccessToken
from bridge.upstream.standin import StandIn

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
WINDOW = Window(date(2026, 11, 1), date(2027, 2, 1))
PERSON = Account(str(ANNA.key))


@dataclass
class KeptLogin:
    """A `CredentialSlot` that lasts as long as a test; `written` tells what was noted, in order."""

    secret: str | None = "refresh-anna"
    access: AccessToken | None = None
    spent: bool = False
    written: str = ""

    async def sending(self) -> None:
        self.written += "sending "

    async def returned(self) -> None:
        self.written += "returned "

    async def replace(self, secret: str, access: AccessToken) -> None:
        self.written += "replaced "
        self.secret, self.access = secret, access

    async def refuse(self) -> None:
        self.written += "refused "
        self.spent, self.access = True, None


@pytest.fixture
def standin() -> SomtodayServer:
    """A school that has only what the community's document tells of, and no journeys."""
    made = make_server(lambda: NOW)
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
async def address(stand_in: StandIn) -> AsyncIterator[str]:
    async with stand_in.serve() as served:
        assert served is not None
        yield served


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with new_session() as opened:
        yield opened


@pytest.fixture
def login() -> KeptLogin:
    return KeptLogin()


@pytest.fixture
def values(stand_in: StandIn, address: str) -> dict[str, Any]:
    """What a settings file says of the stand-in."""
    return stand_in.settings_at(address) | {"requests_per_second": 1000}


@pytest.fixture
def make(values: dict[str, Any], session: aiohttp.ClientSession) -> Callable[..., Source]:
    """A source; a setting that is changed to None is left out."""

    def made(**changes: object) -> Source:
        given = {key: value for key, value in (values | changes).items() if value is not None}
        surroundings = Surroundings("fortes", session, lambda: NOW, RetryPolicy(attempts=1))
        return SOURCE.create(SOURCE.settings.model_validate(given), surroundings)

    return made


Fetch = Callable[..., Awaitable[Mapping[Part, Outcome]]]


@pytest.fixture
def fetch(make: Callable[..., Source], values: dict[str, Any], login: KeptLogin) -> Fetch:
    """Fetch and read everything of one pupil."""

    async def fetched(
        account: Account = PERSON, *, window: Window = WINDOW, **changes: object
    ) -> Mapping[Part, Outcome]:
        settings = SOURCE.settings.model_validate(values)
        snapshot = await take_snapshot(make(**changes), settings, account, login, window, {})
        assert set(snapshot) == set(SOURCE.parts)
        return snapshot

    return fetched
