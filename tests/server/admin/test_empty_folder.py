"""The first show: an empty folder, `roosterbridge serve`, and a browser."""

import re
import socket
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

from bridge.model.clock import now_utc
from bridge.upstream.discovery import discover
from tests.browser import logged_in
from tests.conftest import slow
from tests.program import Program, until
from tests.server.conftest import Browse, in_browser
from tests.server.pages.test_browser import PHONE

SETUP = re.compile(r"http://\S+/setup/su_[\w-]{43}")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@in_browser
@pytest.mark.parametrize(
    "scripts",
    [True, pytest.param(False, marks=slow("the ways to a calendar, and to a report, without JavaScript"))],
    ids=["scripts", "no scripts"],
)
async def test_from_an_empty_folder_to_a_subscribed_calendar_without_a_file_or_a_shell(
    tmp_path: Path, browse: Browse, scripts: bool
) -> None:
    port, stand_in = free_port(), discover()["somtoday"].stand_in(now_utc)
    here = f"http://127.0.0.1:{port}"
    environment = {"BRIDGE_SERVER__PORT": str(port), "BRIDGE_SERVER__PUBLIC_URL": here}
    program = Program(tmp_path / "new", environment=environment)
    program.folder.mkdir()
    async with stand_in.serve() as school, program.serve() as service, browse(PHONE, scripts=scripts) as page:
        await until(lambda: SETUP.search(service.out()))
        found = SETUP.search(service.out())
        assert found is not None
        await page.goto(found[0])
        await page.get_by_role("button", name="Begin").click()
        token = await page.get_by_label("Admin token").input_value()
        assert token.startswith("ra_")
        await page.get_by_role("link", name="I have kept it; go on").click()
        await page.get_by_role("link", name="SOMtoday").click()
        await page.get_by_label("The school's name for people").fill("Fortes Lyceum")
        await page.get_by_label("Address of the API").fill("http://127.0.0.1:1")
        await page.get_by_label("Address of the login and token server").fill(school or "")
        await page.get_by_role("button", name="Check and add").click()
        assert await page.get_by_text("cannot be reached").is_visible()
        await page.get_by_label("Address of the API").fill(school or "")
        await page.get_by_role("button", name="Check and add").click()
        assert await page.get_by_text("The school was added, and answers.").is_visible()
        await page.get_by_role("link", name="Invite somebody").first.click()
        await page.get_by_label("What they are called here").fill("anna")
        await page.get_by_label("Their name, for themselves").fill("Anna")
        await page.get_by_role("button", name="Invite").click()
        await page.get_by_role("link", name="Open the page").click()
        await page.get_by_role("link", name="Connect your school").first.click()
        await page.get_by_role("link", name="Fortes Lyceum").click()
        await page.get_by_role("button", name="Begin").click()
        address = await page.get_by_role("link", name="Open the login page").get_attribute("href")
        await page.get_by_label("Paste the address here").fill(await logged_in(address or ""))
        await page.get_by_role("button", name="Connect").click()
        assert await page.get_by_text("Connected.").is_visible()
        feed = await page.get_by_label("Address for every other program").input_value()
        async with aiohttp.ClientSession() as phone:
            await until(lambda: shows_lessons(phone, feed))
        assert urlsplit(page.url).path.startswith("/m/rm_")
        await page.goto(found[0])
        assert urlsplit(page.url).path == "/admin", "whoever set it up is led on, not out"
    assert token not in service.told()


async def shows_lessons(phone: aiohttp.ClientSession, feed: str) -> bool:
    async with phone.get(feed) as answer:
        return answer.status == 200 and "BEGIN:VEVENT" in await answer.text()
