"""A student who logs in at the university, which leads back here."""

import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import aiohttp

from bridge.app import serve_bridge
from bridge.sources.mytimetable.standin.server import stand_in
from tests.browser import logged_in
from tests.club.server import new_club
from tests.conftest import OpenSchool, SettableClock
from tests.server.conftest import Site
from tests.server.pages.conftest import Person

NOOR = 0


@asynccontextmanager
async def student(
    open_school: OpenSchool, clock: SettableClock, jar: aiohttp.abc.AbstractCookieJar
) -> AsyncIterator[Person]:
    async with (
        open_school({"uni": stand_in(clock)}) as school,
        serve_bridge(school.bridge) as address,
        aiohttp.ClientSession(headers={"Accept-Language": "en"}, cookie_jar=jar) as client,
    ):
        await school.bridge.store.users.add("noor", "Noor", clock())
        token = await school.bridge.store.links.token("noor", clock())
        yield Person(Site(school, new_club(clock), address, client), "noor", token, client)


async def led_back(noor: Person) -> tuple[str, str]:
    """Begin a login and log in at the university; gives the path that it leads back to, and the attempt."""
    page = await noor.send("/connect/uni")
    (address,) = re.findall(r'<a class="button main" href="(http://127[^"]+)"', page)
    (sealed,) = re.findall(r'name="attempt" value="([^"]+)"', page)
    found = urlsplit(await logged_in(html.unescape(address), NOOR))
    return f"{found.path}?{found.query}", sealed


async def test_a_login_at_a_university_comes_back_by_itself(open_school: OpenSchool, clock: SettableClock) -> None:
    async with student(open_school, clock, aiohttp.CookieJar(unsafe=True)) as noor:
        path, _ = await led_back(noor)
        async with noor.client.get(noor.site.address + path) as answer:
            assert "Connected." in await answer.text()
            assert answer.url.path == f"/m/{noor.token}"
        assert "leads back here by itself" in noor.page
        assert "<details><summary>It did not lead back?" in noor.page
        (account,) = await noor.site.school.bridge.store.accounts.all(user="noor")
        assert account.source == "uni"
        async with noor.client.get(noor.site.address + path) as answer:
            assert "This code has been used already or has expired" in await answer.text()


async def test_without_cookies_the_address_is_there_to_be_copied(open_school: OpenSchool, clock: SettableClock) -> None:
    async with student(open_school, clock, aiohttp.DummyCookieJar()) as noor:
        path, sealed = await led_back(noor)
        async with noor.client.get(noor.site.address + path) as answer:
            page = await answer.text()
        assert "One more step" in page
        (pasted,) = re.findall(r'readonly value="([^"]+)"', page)
        page = await noor.send("/connect/uni/login", attempt=sealed, pasted=html.unescape(pasted))
        assert "Connected." in page


async def test_a_login_of_somebody_else_does_not_come_back_here(open_school: OpenSchool, clock: SettableClock) -> None:
    async with student(open_school, clock, aiohttp.CookieJar(unsafe=True)) as noor:
        await led_back(noor)
        async with noor.client.get(f"{noor.site.address}/connect/callback?code=abcdef123456&state=theirs") as answer:
            assert "This belongs to another login" in await answer.text()
        assert await noor.site.school.bridge.store.accounts.all(user="noor") == []


async def test_a_single_timetable_is_searched_and_read_without_a_login(
    open_school: OpenSchool, clock: SettableClock
) -> None:
    async with student(open_school, clock, aiohttp.CookieJar(unsafe=True)) as noor:
        store = noor.site.school.bridge.store
        assert "Only single timetables" in await noor.open("/connect/uni")
        page = await noor.send("/connect/uni", do="single", timetables="nowhere to be found")
        assert (noor.status, 'value="nowhere to be found"' in page) == (422, True)
        page = await noor.send("/connect/uni", do="single", timetables="rec", identity="edijk1")
        assert "There are several. Which one do you mean?" in page
        keys = re.findall(r'type="radio" name="timetables" value="([^"]+)"', page)
        page = await noor.press(do="single", timetables=html.unescape(keys[0]))
        assert "Connected." in page
        (account,) = await store.accounts.all(user="noor")
        assert (account.identity, account.options) == ("", {"timetables": html.unescape(keys[0])})
        await noor.site.school.refresh()
        assert "BEGIN:VEVENT" in await noor.site.school.ics("noor")


async def test_single_timetables_take_no_place_of_ones_own(open_school: OpenSchool, clock: SettableClock) -> None:
    async with student(open_school, clock, aiohttp.CookieJar(unsafe=True)) as noor:
        path, _ = await led_back(noor)
        async with noor.client.get(noor.site.address + path) as answer:
            assert answer.status == 200
        assert "Only single timetables" not in await noor.open("/connect/uni")
        await noor.send("/connect/uni", do="single", timetables="Data")
        assert noor.at.endswith("/connect/uni/login")
