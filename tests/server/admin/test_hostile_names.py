"""Names that would break a page, on every page of an operator, in a browser: looked at by axe too."""

from dataclasses import replace

import pytest
from playwright.async_api import Page

from bridge.people.feeds import add_feed
from bridge.people.names import tidy_title, tidy_user_name
from bridge.people.users import add_user
from bridge.store.feed import Members, NewFeed
from tests.program import until
from tests.server.admin.conftest import TOKEN, OpenDesk
from tests.server.admin.test_browser import SIGN_IN
from tests.server.conftest import Browse, in_browser
from tests.server.pages.axe import faults
from tests.server.pages.test_browser import PHONE, sideways

MARK = "☠"
NAMES = {
    "script": f"{MARK}<img src=x onerror=hacked=1><script>hacked=1<script>",
    "right to left": f"{MARK}שלום עליכם مرحبا",
    "long": MARK + "W" * 63,
    "emoji": f"{MARK}👩‍👩‍👧‍👦 Zoë"[:1] + "🦄🏳🌈 Zoë 'o\" & co",
}
LONG = f"{MARK}{'Donaudampfschifffahrtsgesellschaft' * 6}"[:200]
SCHOOL = f"{MARK}<b>School</b> \u05e9\u05dc\u05d5\u05dd " + "S" * 120
_NOT_APART = f"""() => {{
    const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {{
        const one = walker.currentNode;
        if (one.data.includes("{MARK}") && !one.parentElement.closest("bdi, option, code, title")) found.push(one.data);
    }}
    return found;
}}"""


@pytest.fixture
def storage_url(sqlite_url: str) -> str:
    """One storage is enough: what a browser shows does not depend on it."""
    return sqlite_url


async def look_at(page: Page, what: str, *, with_axe: bool = True) -> None:
    """A page of the operator is whole; axe takes longer than all else."""
    assert await sideways(page) == "", what
    assert await page.evaluate(_NOT_APART) == [], what
    assert await page.evaluate("typeof hacked") == "undefined", what
    assert await page.locator("main img, main script").count() == 0, what
    assert not with_axe or await faults(page) == [], what


@in_browser
async def test_no_name_breaks_a_page_of_the_operator(open_desk: OpenDesk, browse: Browse) -> None:
    async with open_desk(club={"title": SCHOOL}) as desk, browse(PHONE, scheme="dark", errors=True) as page:
        school, club = desk.site.school, desk.site.club
        store, address = school.bridge.store, desk.site.address
        for name in NAMES.values():
            await add_user(store, tidy_user_name(name), tidy_title(LONG), school.clock)
        users = await store.users.all()
        one = users[0].name
        club.put(replace(club.ahead()[0], title=f"{MARK}{'Ω' * 300} \u202e"))
        await school.add("anna", "club", user=one, account=NAMES["long"])
        await school.add("bram", "club", user=users[1].name)
        await school.feed(one, name=NAMES["emoji"])
        members = Members(users=(one,))
        await add_feed(store, school.bridge.sources, one, NewFeed("team", title=LONG, members=members), school.clock)
        await school.refresh()
        await page.goto(f"{address}/")
        await page.evaluate(SIGN_IN, TOKEN)
        await page.goto(f"{address}/admin/sources/club")
        await page.get_by_role("button", name="A sheet to print").click()
        await page.locator(".sheet .qr").first.wait_for()
        await look_at(page, "the sheet")
        await page.emulate_media(media="print")
        await look_at(page, "the sheet on paper")
        await page.emulate_media(media="screen")
        club.lessons.clear()
        await school.refresh()
        await page.goto(f"{address}/admin/people")
        links = await page.locator("td a[href^='/admin/people/']").evaluate_all("all => all.map(one => one.href)")
        assert len(links) == len(NAMES)
        for path in ("", "/people", f"/people?search={MARK}", "/held", "/feeds", "/audit", "/sources/club"):
            await page.goto(f"{address}/admin{path}")
            await look_at(page, path)
        for link in links:
            for path in ("", "/invitation", "/remove"):
                await page.goto(link + path)
                await look_at(page, path, with_axe=link == links[0])
        await page.goto(f"{address}/admin/held")
        await page.get_by_role("link", name="See what would go").first.click()
        await look_at(page, "what is held back")
        await page.goto(links[0])
        await page.get_by_role("button", name="Refresh now").click()
        await page.wait_for_url("**/admin/jobs/*")

        async def over() -> bool:
            return await page.locator("meta[http-equiv=refresh]").count() == 0

        await until(over)
        await look_at(page, "the work")
