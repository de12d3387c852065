"""How people come from an invitation to a calendar, in a browser on a phone: what they press, step by step."""

import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Page

from bridge.app import serve_bridge
from bridge.people.invitations import invite
from bridge.sources.mytimetable.standin.server import stand_in as university
from bridge.sources.somtoday.standin.server import stand_in as somtoday
from tests.browser import logged_in
from tests.conftest import OpenSchool, School, SettableClock
from tests.program import until
from tests.provider import Provider

Step = Callable[[str], Awaitable[None]]
"""Called after each step, with what the step is called."""
NO_LOGIN = {"authorize_url": None, "token_url": None, "client_id": "", "client_secret": None, "scope": ""}
"""Settings of a university where nobody can log in."""


@dataclass(frozen=True)
class Place:
    """A bridge that is being served, with schools, where people sign in."""

    school: School
    address: str

    async def invitation(self, name: str, title: str) -> str:
        """The address that a new user is invited with."""
        store, clock = self.school.bridge.store, self.school.clock
        await store.users.add(name, title, clock())
        (invited,) = await invite(store, [name], clock, lambda token: f"{self.address}/m/{token}")
        return invited.url


@asynccontextmanager
async def open_place(open_school: OpenSchool, clock: SettableClock, provider: Provider) -> AsyncIterator[Place]:
    """A secondary school, a university with a login of its own, and one where a user name is enough."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    schools = {"fortes": somtoday(clock), "uni": university(clock), "college": university(clock)}
    titles: dict[str, dict[str, Any]] = {
        "uni": {"title": "Universiteit"},
        "college": {"title": "Hogeschool", **NO_LOGIN},
    }
    async with (
        open_school(schools, oidc=provider.settings | {"register": True}, at=port, **titles) as school,
        serve_bridge(school.bridge) as address,
    ):
        yield Place(school, address)


async def pupil(page: Page, place: Place, step: Step) -> None:
    """A pupil logs in at SOMtoday, and pastes where that leads."""
    await page.goto(await place.invitation("sem", "Sem"))
    await step("invitation")
    await page.get_by_role("link", name="Connect your school").first.click()
    await page.get_by_role("link", name="Fortes Lyceum").click()
    await step("school")
    await page.get_by_role("button", name="Begin").click()
    await step("login")
    address = await page.get_by_role("link", name="Open the login page").get_attribute("href")
    assert address is not None
    await page.get_by_label("Paste the address here").fill(await logged_in(address))
    await step("paste")
    await page.get_by_role("button", name="Connect").click()
    await _subscribed(page, place, step)


async def student(page: Page, place: Place, step: Step) -> None:
    """A student signs in with the school's account, then logs in at the university, which leads back."""
    await page.goto(place.address)
    await step("front")
    await page.get_by_role("link", name="Sign in with your school account").click()
    await page.get_by_role("button", name="Anna Jansen").click()
    await step("signed-in")
    await page.get_by_role("link", name="Connect your school").first.click()
    await page.get_by_role("link", name="Universiteit").click()
    await page.get_by_role("button", name="Begin").click()
    login = page.get_by_role("link", name="Open the login page")
    await step("login")
    address = await login.get_attribute("href")
    assert address is not None
    await page.goto(address)  # as in the tab that the link opens
    await page.get_by_role("button").first.click()
    await _subscribed(page, place, step)


async def teacher(page: Page, place: Place, step: Step) -> None:
    """A teacher is read by a user name."""
    await page.goto(await place.invitation("edijk1", "Els van Dijk"))
    await step("invitation")
    await page.get_by_role("link", name="Connect your school").first.click()
    await page.get_by_role("link", name="Hogeschool").click()
    await page.get_by_label("Who you are there").fill("nobody-there")
    await page.get_by_role("button", name="Connect").click()
    assert await page.get_by_text("not").first.is_visible()
    await step("wrong")
    await page.get_by_label("Who you are there").fill("edijk1")
    await step("name")
    await page.get_by_role("button", name="Connect").click()
    await _subscribed(page, place, step)


JOURNEYS: dict[str, Callable[[Page, Place, Step], Awaitable[None]]] = {
    "pupil": pupil,
    "student": student,
    "teacher": teacher,
}


async def _subscribed(page: Page, place: Place, step: Step) -> None:
    """The address to subscribe to is there, and answers; the preview shows the timetable."""
    assert await page.get_by_text("Connected.").is_visible()
    address = await page.get_by_label("Address for every other program").input_value()
    assert address.startswith(f"{place.address}/f/rf_")
    apple = await page.get_by_role("link", name="Add to Apple Calendar").get_attribute("href")
    assert apple == address.replace("http:", "webcal:")
    home = urlsplit(page.url).path
    place.school.clock.forward(seconds=timedelta(minutes=1).total_seconds())

    async def read() -> bool:
        await page.goto(place.address + home)
        return await page.locator(".event").count() > 0

    await until(read)
    assert (await page.request.get(address)).status == 200
    await step("calendar")
