"""axe finds nothing serious on the operator's pages."""

import pytest
from yarl import URL

from bridge.server.sessions import COOKIE
from tests.server.admin.conftest import OpenDesk
from tests.server.conftest import Browse, in_browser
from tests.server.pages.axe import faults, in_each_scheme
from tests.server.pages.test_browser import DESKTOP, PHONE

_PAGES = (
    *("", "/new-source", "/new-source/somtoday", "/sources/club", "/sources/own/edit", "/sources/own/remove"),
    *(
        "/people",
        "/people?search=ann",
        "/invite",
        "/people/anna",
        "/people/anna/remove",
        "/people/anna/invitation",
        "/held",
        "/feeds",
    ),
    *("/audit", "/api"),
)


@pytest.fixture
def storage_url(sqlite_url: str) -> str:
    """One storage is enough: what a browser shows does not depend on it."""
    return sqlite_url


@in_browser
@in_each_scheme
async def test_the_pages_of_an_operator(open_desk: OpenDesk, browse: Browse, scheme: str) -> None:
    async with open_desk() as desk, browse(PHONE if scheme == "dark" else DESKTOP, scheme=scheme, errors=True) as page:
        school = desk.site.school
        await school.add("anna", "club")
        await school.feed("anna")
        await school.refresh()
        await school.bridge.known.add("own", "club", {"api_url": "http://127.0.0.1:1"})
        await page.goto(f"{desk.site.address}/admin")
        assert await faults(page) == []  # signing in
        await page.context.add_cookies([{"name": COOKIE, "value": desk.session, "url": str(URL(desk.site.address))}])
        for path in _PAGES:
            answer = await page.goto(f"{desk.site.address}/admin{path}")
            assert answer is not None
            assert answer.status == 200, path
            assert await faults(page) == [], path
