import re

import pytest

from bridge.app import create_service
from tests.club.server import new_club
from tests.conftest import OpenSchool, SettableClock
from tests.server.addresses import ROUTES

_PROVIDER = {"issuer": "http://127.0.0.1:9", "client_id": "roosterbridge", "client_secret": "secret"}


@pytest.fixture
def storage_url(sqlite_url: str) -> str:
    return sqlite_url


async def test_the_list_of_routes_has_each_route_that_is_served_once(
    open_school: OpenSchool, clock: SettableClock
) -> None:
    """The tests of entrances go through this list, and so does the page of addresses in docs/operations.md."""
    async with open_school({"club": new_club(clock).stand_in}, oidc=_PROVIDER, admin_token="operator") as school:
        served = create_service(school.bridge).runner.app.router.resources()
        assert sorted(resource.canonical for resource in served) == sorted(re.sub(":[^}]+", "", one) for one in ROUTES)
