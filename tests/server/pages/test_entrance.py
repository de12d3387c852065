"""Who may see the pages of a person."""

import itertools
import re

import pytest

from bridge.server import routes
from tests.server.addresses import ROUTES
from tests.server.pages.conftest import OpenPage

# who signs in comes to the routes of joining by a provider, tried in test_signin.py
_OF_SIGN_IN = {routes.JOIN}
OURS = [route for route in ROUTES if re.match(r"/m/\{\w+\}", route) and route not in _OF_SIGN_IN]


@pytest.fixture
def storage_url(sqlite_url: str) -> str:
    """One storage is enough: who may enter does not depend on it."""
    return sqlite_url


_PART = b'--x\r\nContent-Disposition: form-data; name="form"\r\n%s\r\n\r\n1\r\n--x--\r\n'


def address(route: str) -> str:
    """The path of a route below a person's page, with values that could be there."""
    return re.sub(r"\{\w+\}", "1", re.sub(r"^/m/\{\w+\}", "", route))


async def test_no_route_opens_with_a_wrong_address_or_one_that_was_replaced(open_page: OpenPage) -> None:
    assert len(OURS) > 10
    async with open_page() as anna:
        replaced, school = anna.token, anna.site.school
        await school.bridge.store.links.renew("anna", school.clock())
        for token, status in (("rm_" + "a" * 43, 404), (replaced, 410)):
            anna.token = token
            for route in OURS:
                await anna.open(address(route))
                read = anna.status
                await anna.send(address(route))
                # a route that is only read or only sent to answers the other method as an unknown address
                assert {read, anna.status} <= {status, 404, 405}, route
                assert status in {read, anna.status}, route
                assert "Anna" not in anna.page


NO_FORMS = (
    ("multipart/form-data", b"x"),
    ("multipart/form-data; boundary=x", b"\xff\xfe--x"),
    ("multipart/form-data; boundary=x; charset=none-such", b"x"),
    ("application/x-www-form-urlencoded; charset=none-such", b"form=1"),
    ("application/x-www-form-urlencoded", b"form=%ff%fe"),
    ("multipart/form-data; boundary=x", _PART % b"Content-Transfer-Encoding: none-such"),
    ("multipart/form-data; boundary=x", _PART % b"Content-Type: text/plain; charset=none-such"),
    ("application/json", b"{}"),
    ("none", b"\0"),
)


async def test_what_is_no_form_is_refused(open_page: OpenPage) -> None:
    async with open_page(admin_token="t" * 20) as anna:
        paths = (f"/m/{anna.token}/end", f"/m/{anna.token}/ill/club", "/admin/sign-in", "/m/me/end")
        for (kind, body), path in itertools.product(NO_FORMS, paths):
            headers = {"Content-Type": kind}
            async with anna.client.post(anna.site.address + path, data=body, headers=headers) as answer:
                assert answer.status in {400, 401, 403, 404}, (path, kind)
