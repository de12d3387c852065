"""The pages in a real browser, as on a phone, with and without JavaScript."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Page

import bridge.server
from tests.browser import logged_in
from tests.conftest import slow
from tests.program import until
from tests.server.conftest import Browse, in_browser
from tests.server.pages.conftest import OpenPage, Person

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 900}
STYLE = Path(bridge.server.__file__).parent / "static" / "style.css"


@pytest.fixture
def storage_url(sqlite_url: str) -> str:
    return sqlite_url


async def sideways(page: Page) -> str:
    """What is wider than the window; empty if nothing is."""
    found: str = await page.evaluate(
        "[...document.querySelectorAll('*')].filter(one => one.getBoundingClientRect().right > innerWidth + 1"
        " && !one.closest('.table, .hidden-label')).map(one => one.outerHTML.slice(0, 80)).join('\\n')"
    )
    return found


async def open_own(page: Page, anna: Person, path: str = "") -> None:
    await page.goto(f"{anna.site.address}/m/{anna.token}{path}")


@in_browser
@pytest.mark.parametrize(
    "scripts",
    [True, pytest.param(False, marks=slow("the ways to a calendar, and to a report, without JavaScript"))],
    ids=["scripts", "no scripts"],
)
async def test_on_a_phone_a_pupil_connects_and_gets_a_calendar(
    open_page: OpenPage, browse: Browse, scripts: bool
) -> None:
    async with open_page() as anna, browse(PHONE, scripts=scripts) as page:
        await open_own(page, anna)
        await page.get_by_role("link", name="Connect your school").first.click()
        await page.get_by_role("link", name="Chess Club").click()
        await page.get_by_role("button", name="Begin").click()
        address = await page.get_by_role("link", name="Open the login page").get_attribute("href")
        assert address is not None
        await page.get_by_label("Paste the address here").fill("something else entirely")
        await page.get_by_role("button", name="Connect").click()
        assert await page.get_by_text("This is neither an address nor a code.").is_visible()
        await page.get_by_label("Paste the address here").fill(await logged_in(address))
        await page.get_by_role("button", name="Connect").click()
        assert await page.get_by_text("Connected.").is_visible()
        shown = await page.get_by_label("Address for every other program").input_value()
        assert re.fullmatch(r"http://127\.0\.0\.1:8080/f/rf_[\w-]{43}\.ics", shown)
        assert await page.get_by_role("button", name="Copy").is_visible() == scripts

        async def read() -> bool:
            await open_own(page, anna)
            return await page.locator(".event").count() > 0

        await until(read)
        assert await page.get_by_text("Everything is up to date").is_visible()


@in_browser
async def test_the_preview_follows_the_form_while_it_is_filled_in(open_page: OpenPage, browse: Browse) -> None:
    async with open_page() as anna, browse(DESKTOP) as page:
        school = anna.site.school
        await school.add("anna", "club")
        await school.refresh()
        await open_own(page, anna, "/feeds/new")
        before = await page.locator(".event b").all_inner_texts()
        assert set(before) != {"Busy"}
        await page.get_by_label("How much it tells").select_option("busy")
        await page.locator(".event b", has_text="Busy").first.wait_for()
        assert set(await page.locator(".event b").all_inner_texts()) == {"Busy"}
        assert await school.bridge.store.feeds.all(user="anna") == []


@in_browser
async def test_nothing_is_wider_than_a_phone_or_than_half_a_desktop_at_200_percent(
    open_page: OpenPage, browse: Browse
) -> None:
    async with open_page(title="Anna Maria Wilhelmina van den Bovenkamp-Hoogeveen") as anna:
        school = anna.site.school
        await school.add("anna", "club")
        await school.feed("anna")
        await school.refresh()
        for size in (PHONE, {"width": 640, "height": 450}, DESKTOP):
            async with browse(size) as page:
                for path in ("", "/feeds/1", "/feeds/1/remove", "/connect", "/connect/club", "/end", "/remove"):
                    await open_own(page, anna, path)
                    assert await sideways(page) == "", path


@in_browser
async def test_a_keyboard_is_enough_and_every_field_has_a_name(open_page: OpenPage, browse: Browse) -> None:
    async with open_page() as anna, browse(DESKTOP) as page:
        await anna.site.school.add("anna", "club")
        await open_own(page, anna, "/feeds/new")
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.textContent") == "To the content"
        unnamed = await page.evaluate(
            "[...document.querySelectorAll('input:not([type=hidden]), select, textarea')]"
            ".filter(one => !one.labels.length).map(one => one.name)"
        )
        assert unnamed == []
        await page.locator("#name").focus()
        await page.keyboard.type("By hand")
        await page.keyboard.press("Enter")
        await page.get_by_text("The calendar was made.").wait_for()
        (feed,) = await anna.site.school.bridge.store.feeds.all(user="anna")
        assert feed.title == "By hand"


def contrast(one: str, other: str) -> float:
    """The contrast of two colours (WCAG 2.2)."""
    lights = sorted(
        0.05 + sum(share * linear(part) for share, part in zip((0.2126, 0.7152, 0.0722), parts(colour), strict=True))
        for colour in (one, other)
    )
    return lights[1] / lights[0]


def parts(colour: str) -> list[float]:
    digits = colour.lstrip("#")
    wide = digits if len(digits) == 6 else "".join(sign * 2 for sign in digits)
    return [int(wide[place : place + 2], 16) / 255 for place in (0, 2, 4)]


def linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def mixed(colour: str, ground: str, share: float) -> str:
    return "#" + "".join(
        f"{round(255 * (share * a + (1 - share) * b)):02x}" for a, b in zip(parts(colour), parts(ground), strict=True)
    )


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_colours_can_be_told_from_their_grounds(scheme: int) -> None:
    blocks = re.findall(r":root \{(.+?)\}", STYLE.read_text("utf-8"), re.DOTALL)
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", blocks[scheme]))
    (tint,) = re.findall(r"--tint: (\d+)%", blocks[scheme])
    grounds = [
        colours["paper"],
        colours["card"],
        colours["sunk"],
        colours["blue-soft"],
        colours["red-soft"],
        colours["good-soft"],
    ]
    for ground in grounds:
        assert contrast(colours["ink"], ground) >= 7
    for ground in grounds[:3]:
        for name in ("quiet", "red", "blue"):
            assert contrast(colours[name], ground) >= 4.5, (name, ground)
    assert contrast(colours["on-blue"], colours["blue"]) >= 4.5
    for kind in ("lesson", "exam", "homework", "holiday", "absence", "other"):
        ground = mixed(colours[kind], colours["card"], int(tint) / 100)
        assert contrast(colours["ink"], ground) >= 4.5, kind
        assert contrast(colours["quiet"], ground) >= 4.5, kind
        assert contrast(colours[kind], ground) >= 3, kind
