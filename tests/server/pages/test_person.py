import re

import pytest
from aiohttp import web

from bridge.server.programs import program_of
from bridge.store.account import State
from bridge.store.feed import NewFeed
from tests.club.server import TITLE
from tests.server.pages.conftest import OpenPage

EVIL = "<script>alert(1)</script>"


@pytest.fixture
def storage_url(sqlite_url: str) -> str:
    return sqlite_url


async def test_without_a_school_a_page_says_to_connect_one(open_page: OpenPage) -> None:
    async with open_page() as anna:
        page = await anna.open()
        assert anna.status == 200
        assert "Connect your school first" in page
        assert "No calendar yet" in page


async def test_a_calendar_can_be_added_to_each_program_and_shows_what_comes(open_page: OpenPage) -> None:
    async with open_page() as anna:
        school = anna.site.school
        await school.add("anna", "club")
        token = await school.feed("anna")
        await school.refresh()
        page = await anna.open()
        address = f"http://127.0.0.1:8080/f/{token}.ics"
        host = "127.0.0.1%3A8080"
        assert f'value="{address}"' in page
        assert f'href="webcal://127.0.0.1:8080/f/{token}.ics"' in page
        assert f'href="https://calendar.google.com/calendar/r?cid=webcal%3A%2F%2F{host}%2Ff%2F{token}.ics"' in page
        for outlook in ("office", "live"):
            assert f'href="https://outlook.{outlook}.com/calendar/0/addfromweb?url=http%3A%2F%2F{host}%2Ff%2F' in page
        assert "<svg viewBox=" in page
        assert "No calendar program has looked yet" in page
        shown = set(re.findall(r"SUMMARY:(.+)", (await school.ics("anna")).replace("\r", "")))
        previewed = set(re.findall(r"<b><bdi>(.+?)</bdi></b>", page))
        assert previewed
        assert previewed <= shown


async def test_a_page_says_which_program_last_looked(open_page: OpenPage) -> None:
    async with open_page() as anna:
        school = anna.site.school
        token = await school.feed("anna")
        await anna.site.get(token, User_Agent="iOS/18.1 (22B83) dataaccessd/1.0")
        await school.bridge.store.renderings.note_reads({1: (school.clock(), "Apple Calendar")})
        school.clock.forward(minutes=12)
        assert "Last looked at 12 minutes ago by Apple Calendar" in await anna.open()


SYSTEMS = {
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X)": ["apple", "google", "outlook", "outlook"],
    "Mozilla/5.0 (Linux; Android 15; Pixel 9)": ["google", "apple", "outlook", "outlook"],
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64)": ["outlook", "outlook", "apple", "google"],
    "Mozilla/5.0 (X11; Linux x86_64)": ["apple", "google", "outlook", "outlook"],
}


async def test_the_program_of_ones_own_system_comes_first(open_page: OpenPage) -> None:
    async with open_page() as anna:
        await anna.site.school.feed("anna")
        for browser, order in SYSTEMS.items():
            page = await anna.open(**{"User-Agent": browser})
            assert re.findall(r'data-program="(\w+)"', page) == order
            assert page.count('<a class="button main" href="webcal:') == (order[0] == "apple")


def test_of_what_a_program_calls_itself_only_the_family_is_kept() -> None:
    assert program_of("Google-Calendar-Importer") == "Google Calendar"
    assert program_of("macOS/15.1 (24B83) dataaccessd/1.0") == "Apple Calendar"
    assert program_of("Mozilla/5.0 (X11; Linux) Thunderbird/128.4") == "Thunderbird"
    assert program_of("Microsoft.Exchange/15.20 (Microsoft.Exchange.Calendar)") == "Outlook"
    assert program_of("Mozilla/5.0 (Windows NT 10.0) Firefox/132") == ""
    assert program_of("") == ""


async def test_each_account_stands_in_a_sentence_and_part_by_part(open_page: OpenPage) -> None:
    async with open_page() as anna:
        school = anna.site.school
        await school.add("anna", "club")
        assert "Not read yet" in await anna.open()
        await school.refresh()
        school.clock.forward(minutes=3)
        page = await anna.open()
        assert f"<bdi>{TITLE}</bdi>" in page
        assert "Up to date, as of 3 minutes ago." in page
        assert "<td>Timetable</td><td>20</td><td>read</td>" in page
        anna.site.club.stand_in.faults["/api"] = _away
        school.clock.forward(hours=1)
        await school.refresh()
        (account,) = await school.bridge.store.accounts.all(user="anna")
        assert account.state is State.FAILING
        page = await anna.open()
        assert "cannot be read at the moment" in page
        assert "The last good answer came 1 hour ago." in page


async def _away(_request: web.Request) -> web.StreamResponse:
    return web.Response(status=503)


async def test_an_address_that_was_replaced_or_never_was_says_so_kindly(open_page: OpenPage) -> None:
    async with open_page() as anna:
        links, clock = anna.site.school.bridge.store.links, anna.site.school.clock
        await links.renew("anna", clock())
        page = await anna.open()
        assert (anna.status, "This address was replaced" in page) == (410, True)
        anna.token = "rm_" + "a" * 43
        page = await anna.open()
        assert (anna.status, "There is nothing at this address" in page) == (404, True)


async def test_who_guesses_addresses_of_pages_is_stopped(open_page: OpenPage) -> None:
    async with open_page() as anna:
        right, anna.token = anna.token, "rm_wrong"
        for _ in range(1000):
            await anna.open()
        assert anna.status == 404
        await anna.open()
        assert anna.status == 429
        anna.token = right
        await anna.open()
        assert anna.status == 200


async def test_a_name_is_text_whatever_it_is(open_page: OpenPage) -> None:
    async with open_page(title=EVIL) as anna:
        await anna.site.school.feed("anna")
        await anna.site.school.bridge.store.feeds.add(
            "anna", NewFeed(EVIL, title=f"{EVIL}\u202e", kinds=[]), anna.site.school.clock()
        )
        page = await anna.open()
        assert anna.status == 200
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page
