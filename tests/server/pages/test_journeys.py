"""From an invitation to a calendar on a phone, with and without JavaScript, and what axe says of each page."""

import pytest
from playwright.async_api import Request

from tests.conftest import OpenSchool, SettableClock, slow
from tests.docs.pictures import SIZE, look
from tests.provider import Provider, provider
from tests.server.conftest import Browse, in_browser
from tests.server.pages.axe import faults
from tests.server.pages.journeys import JOURNEYS, open_place
from tests.server.pages.test_browser import sideways

__all__ = ["provider"]
READING = 6.0
"""Seconds that a person takes to read a page, and to press or fill in what it asks for."""
IN_ALL = 120.0
ANSWERING = 10.0


@pytest.fixture
def storage_url(sqlite_url: str) -> str:
    """One storage is enough: what a browser shows does not depend on it."""
    return sqlite_url


@in_browser
@pytest.mark.parametrize(
    "scripts", [True, pytest.param(False, marks=slow("the ways to a calendar, and to a report, without JavaScript"))]
)
@pytest.mark.parametrize(
    "who",
    [
        pytest.param(
            who,
            marks=()
            if who == "pupil"
            else slow("the guides' pictures but a pupil's, axe on dark pages, and the weeks of five people, drawn"),
        )
        for who in JOURNEYS
    ],
)
async def test_somebody_comes_from_an_invitation_to_a_calendar(
    open_school: OpenSchool, clock: SettableClock, provider: Provider, browse: Browse, who: str, scripts: bool
) -> None:
    clock.forward(days=1)
    await provider.control(now=clock().timestamp())
    async with open_place(open_school, clock, provider) as place, browse(SIZE, scripts=scripts) as page:
        pages = set[str]()

        def asked(request: Request) -> None:
            if request.is_navigation_request() and request.redirected_from is None:
                pages.add(f"{request.method} {request.url}")

        page.on("request", asked)

        async def step(name: str) -> None:
            assert await sideways(page) == "", name
            if scripts:
                assert await faults(page) == [], name
                await look(page, f"{who}-{name}")

        await JOURNEYS[who](page, place, step)
        assert len(pages) * READING + ANSWERING < IN_ALL
