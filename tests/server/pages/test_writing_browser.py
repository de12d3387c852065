"""Reporting to be ill from a phone, without JavaScript, and what the calendars show a second later."""

import os
from pathlib import Path

import pytest

from bridge.people.feeds import NewFeed, add_feed
from bridge.sources.informat.standin.server import make_server, stand_in_of
from bridge.store.feed import Members
from bridge.upstream.discovery import discover
from tests.conftest import SettableClock
from tests.program import until
from tests.server.conftest import Browse, in_browser
from tests.server.pages.axe import faults
from tests.server.pages.conftest import OpenPage
from tests.server.pages.test_browser import PHONE, open_own, sideways

_SCHOOLS = {"uva": "mytimetable", "sintjan": "informat", "checkin": "checkin"}
PICTURES = os.environ.get("ROOSTERBRIDGE_TEST_PICTURES", "")


@pytest.fixture
def storage_url(sqlite_url: str) -> str:
    return sqlite_url


@in_browser
@pytest.mark.parametrize("scripts", [False, True])
async def test_who_is_ill_reports_it_from_a_phone_and_the_team_sees_it_within_a_second(
    open_page: OpenPage, browse: Browse, clock: SettableClock, tmp_path: Path, scripts: bool
) -> None:
    informat = make_server(clock)
    photo = tmp_path / "attest.jpg"
    photo.write_bytes(b"\xff\xd8\xff" + b"x" * 100_000)
    async with open_page("peeters", "Els", beside={"sintjan": stand_in_of(informat)}) as els:
        school = els.site.school
        await school.add("peeters", "sintjan")
        await school.refresh()
        own = await school.feed("peeters")
        team = await add_feed(
            school.bridge.store,
            school.bridge.sources,
            "peeters",
            NewFeed("team", members=Members(users=("peeters",))),
            clock,
        )
        await school.bridge.publisher.publish_wanted()

        async def shows(word: str) -> bool:
            calendars = [(await els.site.get(token))[1] for token in (own, team)]
            return all((word.encode() in calendar) for calendar in calendars)

        async with browse(PHONE, scripts=scripts) as page:
            await open_own(page, els)
            await page.get_by_role("link", name="I am ill").click()
            assert await sideways(page) == ""
            if PICTURES:
                await page.screenshot(path=Path(PICTURES) / f"ill-{scripts}.png", full_page=True)
            await page.get_by_label("A photo of the certificate").last.set_input_files(photo)
            await page.get_by_role("button", name="Report to the school").click()
            await until(lambda: shows("gemeld"), patience=20)  # a second, on a machine that has nothing else to do
            assert await page.get_by_text("The school has taken it.").count() == 2
            assert await sideways(page) == ""
            if PICTURES:
                await page.screenshot(path=Path(PICTURES) / f"reported-{scripts}.png", full_page=True)
            assert len(informat.records.files) == 1
            await page.get_by_text("Add a certificate, or withdraw it").click()
            await page.get_by_role("button", name="Withdraw the report").click()
            await page.get_by_text("Withdrawn.").wait_for()
            assert informat.records.written == {}


@in_browser
async def test_axe_finds_nothing_on_these_pages(open_page: OpenPage, browse: Browse, clock: SettableClock) -> None:
    types = discover()
    beside = {name: types[kind].stand_in(clock) for name, kind in _SCHOOLS.items()}
    async with open_page("noor", "Noor", beside=beside) as noor, browse(PHONE) as page:
        for name, person in (("uva", "noor"), ("sintjan", "peeters"), ("checkin", "joost")):
            await noor.site.school.add(person, name, user="noor")
        await noor.send("/ill/sintjan", until="today", do="report")
        await noor.send("/ill/sintjan", until="tomorrow", do="report")  # refused: they overlap
        await noor.send("/checkin/checkin", hours="6", do="send")
        for path in ("", "/ill/sintjan", "/groups/uva?word=data", "/checkin/checkin"):
            await open_own(page, noor, path)
            assert await faults(page) == [], path
            assert await sideways(page) == "", path
            if PICTURES:
                name = path.strip("/").partition("/")[0] or "own"
                await page.screenshot(path=Path(PICTURES) / f"page-{name}.png", full_page=True)
