"""From an invitation to a calendar on a phone, with and without JavaScript, and what axe says of each page."""

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

from tests.conftest import OpenSchool, SettableClock, slow
from tests.docs.pictures import SIZE, look
from tests.provider import Provider, provider
from tests.server.conftest import Browse, in_browser
from tests.server.pages.journeys import JOURNEYS, open_place
from tests.server.pages.test_browser import sideways

__all__ = ["provider"]
_GRAVE = ("serious", "critical")


@pytest.fixture
def storage_url(sqlite_url: str) -> str:
    """One storage is enough: what a browser shows does not depend on it."""
    return sqlite_url


async def faults(page: Page) -> list[str]:
    """What axe finds serious, or worse, on a page."""
    found = (await Axe().run(page)).response["violations"]
    return [
        f"{one['id']}: {one['help']}: {[node['html'][:80] for node in one['nodes']][:3]}"
        for one in found
        if one["impact"] in _GRAVE
    ]


@in_browser
@pytest.mark.parametrize(
    "scripts", [True, pytest.param(False, marks=slow("the ways from an invitation to a calendar without JavaScript"))]
)
@pytest.mark.parametrize("who", JOURNEYS)
async def test_somebody_comes_from_an_invitation_to_a_calendar(
    open_school: OpenSchool, clock: SettableClock, provider: Provider, browse: Browse, who: str, scripts: bool
) -> None:
    clock.forward(days=1)
    await provider.control(now=clock().timestamp())
    async with open_place(open_school, clock, provider) as place, browse(SIZE, scripts=scripts) as page:

        async def step(name: str) -> None:
            assert await sideways(page) == "", name
            if scripts:
                assert await faults(page) == [], name
                await look(page, f"{who}-{name}")

        await JOURNEYS[who](page, place, step)
