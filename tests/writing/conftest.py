"""A school where people report sick."""

from collections.abc import AsyncIterator
from datetime import date

import pytest

from bridge.sources.informat.standin.server import InformatServer, make_server, stand_in_of
from bridge.upstream.standin import StandIn
from bridge.upstream.writing import AbsenceReport
from tests.conftest import OpenSchool, School, SettableClock


@pytest.fixture
def informat(clock: SettableClock) -> InformatServer:
    return make_server(clock)


@pytest.fixture
def stand_in(informat: InformatServer) -> StandIn:
    return stand_in_of(informat)


@pytest.fixture
async def school(open_school: OpenSchool, stand_in: StandIn) -> AsyncIterator[School]:
    """A school with a teacher and their feed."""
    async with open_school({"sintjan": stand_in}) as opened:
        await opened.add("peeters", "sintjan")
        await opened.refresh()
        await opened.feed("peeters")
        yield opened


def ill(first: str = "2026-11-23", last: str = "2026-11-24", **more: object) -> AbsenceReport:
    return AbsenceReport(date.fromisoformat(first), date.fromisoformat(last), **more)  # type: ignore[arg-type] # as given
