"""From an invitation to a subscribed address with a keyboard alone."""

import pytest
from playwright.async_api import Page

from tests.browser import logged_in
from tests.conftest import OpenSchool, SettableClock
from tests.provider import Provider, provider
from tests.server.conftest import Browse, in_browser
from tests.server.pages.journeys import open_place
from tests.server.pages.test_browser import DESKTOP

__all__ = ["provider"]
_FOCUSED = """() => {
    const one = document.activeElement;
    const box = one.getBoundingClientRect(), style = getComputedStyle(one);
    return {
        name: one.labels?.[0]?.innerText ?? one.innerText,
        seen: box.width > 0 && style.outlineStyle !== "none" && one.matches(":focus-visible"),
        above: one.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)),
    };
}"""
_MOST = 60
"""How often somebody presses Tab before they give up."""


@pytest.fixture
def storage_url(sqlite_url: str) -> str:
    """One storage is enough: what a browser shows does not depend on it."""
    return sqlite_url


async def tab_to(page: Page, name: str) -> None:
    """Press Tab until what begins with a name has the focus, and see that it shows."""
    for _ in range(_MOST):
        await page.keyboard.press("Tab")
        focused = await page.evaluate(_FOCUSED)
        if (focused["name"] or "").strip().startswith(name):
            assert (focused["seen"], focused["above"]) == (True, True), focused
            return
    raise AssertionError(f"Tab does not lead to {name}")


async def press(page: Page, name: str, leads_to: str) -> None:
    """Go to a link or button, and press Enter."""
    await tab_to(page, name)
    await page.keyboard.press("Enter")
    await page.wait_for_url(leads_to)


async def leads_to(page: Page) -> str:
    """Where the link with the focus leads."""
    return str(await page.evaluate("document.activeElement.href"))


@in_browser
async def test_a_pupil_connects_and_subscribes_without_a_mouse(
    open_school: OpenSchool, clock: SettableClock, provider: Provider, browse: Browse
) -> None:
    async with open_place(open_school, clock, provider) as place, browse(DESKTOP) as page:
        await page.goto(await place.invitation("sem", "Sem"))
        await press(page, "Connect your school", "**/connect")
        await press(page, "Fortes Lyceum", "**/connect/fortes")
        await press(page, "Begin", "**/connect/fortes/login?**")
        await tab_to(page, "Open the login page")
        landed = await logged_in(await leads_to(page))
        await tab_to(page, "Paste the address here")
        await page.keyboard.insert_text(landed)
        await press(page, "Connect", "**/m/*?done=connected")
        await tab_to(page, "Add to Apple Calendar")
        assert (await leads_to(page)).startswith("webcal://")
        await tab_to(page, "Address for every other program")
        address = await page.evaluate("document.activeElement.value")
        assert await page.evaluate("getSelection().toString()") == address
        assert (await page.request.get(address)).status == 200
        await press(page, "Choose what it shows", "**/feeds/*")
        await tab_to(page, "How much it tells")
        await page.keyboard.press("ArrowDown")
        await press(page, "Save", "**/m/*?done=changed")
