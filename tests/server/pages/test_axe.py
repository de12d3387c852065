"""axe finds nothing serious on any page, in light and dark, on a phone and on a desktop."""

import pytest

from tests.conftest import OpenSchool, SettableClock
from tests.provider import Provider, provider
from tests.server.conftest import Browse, in_browser
from tests.server.pages.axe import faults, in_each_scheme
from tests.server.pages.conftest import OpenPage
from tests.server.pages.journeys import open_place
from tests.server.pages.test_browser import DESKTOP, PHONE, open_own

__all__ = ["provider"]
_OWN = (
    *("", "/feeds/new", "/feeds/1", "/feeds/1/address", "/feeds/1/remove"),
    *("/connect", "/connect/club", "/connect/club/remove", "/end", "/remove"),
)


@pytest.fixture
def storage_url(sqlite_url: str) -> str:
    """One storage is enough: what a browser shows does not depend on it."""
    return sqlite_url


@in_browser
@in_each_scheme
async def test_the_pages_of_a_person(open_page: OpenPage, browse: Browse, scheme: str) -> None:
    async with open_page() as anna, browse(PHONE if scheme == "light" else DESKTOP, scheme=scheme) as page:
        school = anna.site.school
        await school.add("anna", "club")
        await school.feed("anna")
        await school.refresh()
        for path in _OWN:
            await open_own(page, anna, path)
            assert await faults(page) == [], path
        await open_own(page, anna, "/connect/club")
        await page.get_by_role("button", name="Begin").click()
        assert await faults(page) == []
        await page.get_by_role("button", name="Connect").click()  # with nothing pasted
        assert await page.locator(".error").count() == 1
        assert await faults(page) == []


@in_browser
async def test_the_pages_of_nobody_and_of_who_signs_in(
    open_school: OpenSchool, clock: SettableClock, provider: Provider, browse: Browse
) -> None:
    async with open_place(open_school, clock, provider) as place, browse(PHONE, errors=True) as page:
        for path in ("/", "/login/callback?code=x&state=y", "/nothing", "/connect/callback?code=x", "/m/rm_wrong"):
            await page.goto(place.address + path)
            assert await faults(page) == [], path
        invitation = await place.invitation("bram", "Bram")
        await page.goto(invitation)
        await page.get_by_role("link", name="Sign in with your school account").click()
        await page.get_by_role("button", name="Bram Smit").click()
        assert await page.get_by_text("Is this you?").is_visible()
        assert await faults(page) == []
        await page.get_by_role("button", name="Yes, this is my page").click()
        await page.get_by_role("link", name="Sign out").click()
        assert await faults(page) == []
        await page.get_by_role("button", name="Sign out").click()
        assert page.url == f"{place.address}/"
        assert (await provider.control())["signed_out"]
