"""Reporting to be ill from a phone, without JavaScript, and what the calendars show then."""

import os
from pathlib import Path

import pytest

from bridge.people.feeds import add_feed
from bridge.sources.informat.standin.server import make_server, stand_in_of
from bridge.store.feed import Members, NewFeed
from bridge.upstream.discovery import discover
from tests.conftest import SettableClock, slow
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
@pytest.mark.parametrize(
    "scripts", [True, pytest.param(False, marks=slow("the ways to a calendar, and to a report, without JavaScript"))]
)
async def test_who_is_ill_reports_it_from_a_phone_and_the_team_sees_it_at_once(
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

        async def show(day: str) -> bool:
            calendars = [(await els.site.get(token))[1].decode() for token in (own, team)]
            return all(f"DTSTART;VALUE=DATE:{day}" in calendar for calendar in calendars)

        assert not await show("20261122")

        async with browse(PHONE, scripts=scripts) as page:
            await open_own(page, els)
            await page.get_by_role("link", name="I am ill").click()
            assert await sideways(page) == ""
            if PICTURES:
                await page.screenshot(path=Path(PICTURES) / f"ill-{scripts}.png", full_page=True)
            await page.get_by_label("A photo of the certificate").last.set_input_files(photo)
            await page.get_by_role("button", name="Report to the school").click()
            await until(lambda: show("20261122"), patience=20)  # how soon: `tests/writing/test_at_once.py`
            assert await page.get_by_text("The school has taken it.").count() == 2
            assert await sideways(page) == ""
            if PICTURES:
                await page.screenshot(path=Path(PICTURES) / f"reported-{scripts}.png", full_page=True)
            assert len(informat.records.files) == 1
            await page.get_by_role("link", name="Correct it").click()
            await page.get_by_label("First day").fill("2026-11-25")
            await page.get_by_label("Last day").fill("2026-11-26")
            await page.get_by_role("button", name="Send the correction").click()
            await until(lambda: show("20261125"), patience=20)
            assert len(informat.records.written) == 1
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
