"""What the tests of each source begin with: its stand-in on loopback, and what reads it. `stand_in` is the source's."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest

from bridge.upstream.discovery import discover
from bridge.upstream.session import new_session
from bridge.upstream.standin import StandIn
from bridge.upstream.surroundings import Surroundings
from tests.conftest import NO_RETRY, SettableClock


@pytest.fixture
def storage_url(sqlite_url: str) -> str:
    """What a source says is the same on either sort."""
    return sqlite_url


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
async def caller() -> AsyncIterator[aiohttp.ClientSession]:
    """Any other program that asks a stand-in."""
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
def surroundings(stand_in: StandIn, session: aiohttp.ClientSession, clock: SettableClock) -> Surroundings:
    return Surroundings(stand_in.source, session, clock, NO_RETRY)


@pytest.fixture
def configure(stand_in: StandIn, address: str) -> Callable[..., Any]:
    """Settings that read the stand-in, with some of them changed, or left out where they are changed to None."""
    kind = discover()[stand_in.source].settings

    def configured(**changes: object) -> Any:
        values = stand_in.settings_at(address) | {"requests_per_second": 1000} | changes
        return kind.model_validate({name: value for name, value in values.items() if value is not None})

    return configured
