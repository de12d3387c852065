"""The operator's pages in a real browser. Their pictures stand in the documentation."""

from typing import Any

import pytest

from bridge.app import serve_bridge
from bridge.people.setting_up import offer_setup
from bridge.store.activity import QUARTER, Quarter, quarter_of
from bridge.upstream.discovery import discover
from tests.conftest import OpenSchool, School, SettableClock, slow
from tests.docs.pictures import look
from tests.server.admin.conftest import TOKEN, OpenDesk
from tests.server.conftest import Browse, OpenSite, in_browser
from tests.server.pages.test_browser import DESKTOP, PHONE, sideways

PEOPLE = (
    *(("anna", "fortes"), ("bakker", "fortes"), ("bram", "fortes")),
    *(("noor", "uva"), ("thijs", "uva"), ("vandijk", "uva")),
    *(("claes", "sintjan"), ("willems", "sintjan")),
)
TYPES = {"fortes": "somtoday", "uva": "mytimetable", "sintjan": "informat"}


SIGN_IN = (
    "token => fetch('/admin/sign-in', {method: 'POST', body: new URLSearchParams({token, wanted: '/admin'})})"
    ".then(answer => answer.text())"
)
UNNAMED = (
    "[...document.querySelectorAll('input:not([type=hidden]), select, textarea')]"
    ".filter(one => !one.labels.length).map(one => one.name)"
)
PATHS = (
    "",
    "/people",
    "/people/anna",
    "/people/anna/remove",
    "/people/anna/invitation",
    "/invite",
    "/new-source",
    "/new-source/informat",
    "/sources/club",
    "/held",
    "/feeds",
    "/audit",
    "/api",
)


@pytest.fixture
def storage_url(sqlite_url: str) -> str:
    """One storage is enough: what a browser shows does not depend on it."""
    return sqlite_url


@in_browser
async def test_nothing_is_wider_than_a_phone_and_every_field_has_a_name(open_desk: OpenDesk, browse: Browse) -> None:
    async with open_desk(signed_in=False) as desk:
        school = desk.site.school
        await school.add("anna", "club")
        await school.feed("anna", name="Anna Maria Wilhelmina van den Bovenkamp-Hoogeveen")
        await school.refresh()
        await school.bridge.sweeper.sweep()
        for size in (PHONE, DESKTOP):
            async with browse(size) as page:
                await page.goto(f"{desk.site.address}/")
                await page.evaluate(SIGN_IN, TOKEN)
                for path in PATHS:
                    await page.goto(f"{desk.site.address}/admin{path}")
                    assert await sideways(page) == "", path
                    assert await page.evaluate(UNNAMED) == [], path


def day_of(source: str, clock: SettableClock, accounts: int) -> list[Quarter]:
    """A day of a source: every account is read twice a quarter by day; an hour at night the source was away."""
    first = quarter_of(clock()) - 95 * QUARTER
    quarters = []
    for starts in (first + number * QUARTER for number in range(96)):
        failed = accounts if starts.hour == 2 else 1 if starts.hour == 16 else 0
        held = 1 if starts.hour == 6 and source == "uva" else 0
        reads = accounts * (2 if 6 <= starts.hour < 20 else 1)
        quarters.append(Quarter(source, starts, reads - failed - held, failed, held, 5 * reads))
    return quarters


async def filled(school: School) -> None:
    """People, and a day on which something happened."""
    for person, source in PEOPLE:
        await school.add(person, source)
        await school.feed(person)
    await school.refresh()
    for name in school.stand_ins:
        accounts = sum(source == name for _, source in PEOPLE)
        await school.bridge.store.activity.add(day_of(name, school.clock, accounts))


@slow("the guides' pictures but a pupil's, axe on dark pages, and the weeks of five people, drawn")
@in_browser
async def test_the_operator_sees_at_a_glance_how_schools_stand(
    open_school: OpenSchool, clock: SettableClock, browse: Browse
) -> None:
    stand_ins = {name: discover()[kind].stand_in(clock) for name, kind in TYPES.items()}
    limits: dict[str, Any] = {name: {"requests_per_second": 10} for name in TYPES}
    async with open_school(stand_ins, admin_token=TOKEN, **limits) as school, serve_bridge(school.bridge) as address:
        await filled(school)
        async with browse({"width": 1100, "height": 960}) as page:
            await page.goto(f"{address}/")
            await page.evaluate(SIGN_IN, TOKEN)
            await page.goto(f"{address}/admin")
            assert await page.locator(".day rect.failed").count() > 10
            await look(page, "operator-overview")
            await page.goto(f"{address}/admin/people")
            await look(page, "operator-people")
            await page.goto(f"{address}/admin/new-source/informat")
            await look(page, "operator-school")
        async with browse(PHONE) as page:
            await page.goto(f"{address}/")
            await page.evaluate(SIGN_IN, TOKEN)
            await page.goto(f"{address}/admin/people/anna/invitation")
            await look(page, "operator-invitation")


@in_browser
async def test_the_set_up_page_says_what_will_happen(open_site: OpenSite, browse: Browse) -> None:
    async with open_site() as site, browse({"width": 1100, "height": 640}) as page:
        bridge = site.school.bridge
        offered = await offer_setup(bridge.store, bridge.settings, bridge.clock)
        assert offered is not None
        await page.goto(site.address + offered.removeprefix(bridge.settings.server.public_url))
        assert await page.get_by_role("button", name="Begin").is_visible()
        await look(page, "operator-setup")
