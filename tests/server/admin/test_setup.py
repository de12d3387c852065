"""The set-up page of an empty installation."""

import pytest
from sqlalchemy import text

from bridge.people.setting_up import offer_setup
from bridge.server.pages.protection import form_token
from tests.server.admin.conftest import OpenDesk, desk_at
from tests.server.conftest import OpenSite, Site


@pytest.fixture
def storage_url(sqlite_url: str) -> str:
    """One storage is enough: who may enter does not depend on it."""
    return sqlite_url


async def offered(site: Site) -> str:
    """The path of a new set-up page."""
    bridge = site.school.bridge
    address = await offer_setup(bridge.store, bridge.settings, bridge.clock)
    assert address is not None
    return address.removeprefix("http://127.0.0.1:8080")


async def test_whoever_opens_it_first_gets_a_token_once_and_is_the_operator(open_site: OpenSite) -> None:
    async with open_site() as site, desk_at(site, signed_in=False) as desk, desk_at(site, signed_in=False) as late:
        path = await offered(site)
        token = path.rpartition("/")[2]
        assert "Begin" in await desk.ask("GET", path)
        page = await desk.ask("POST", path, data={"form": form_token(token)})
        admin_token = page.partition('value="ra_')[2].partition('"')[0]
        assert len(admin_token) == 43
        await desk.open()
        assert desk.status == 200
        assert "Begin here" not in desk.page, "the club stands in the settings file"
        await desk.ask("POST", path, data={"form": form_token(token)})
        assert (desk.status, desk.at) == (200, "/admin")
        assert "set up already" in await late.ask("GET", path)
        assert late.status == 410
        await late.ask("POST", path, data={"form": form_token(token)})
        assert late.status == 410
        await late.sign_in(f"ra_{admin_token}")
        assert late.status == 200
        kept = await site.school.bridge.store.database.read(lambda one: one.execute(text("SELECT * FROM meta")).all())
        assert admin_token not in str(kept)


async def test_it_ends_after_an_hour_and_with_the_first_person(open_site: OpenSite) -> None:
    async with open_site() as site, desk_at(site, signed_in=False) as desk:
        path = await offered(site)
        newer = await offered(site)
        await desk.ask("GET", path)
        assert desk.status == 404, "a later start ends the earlier page"
        site.school.clock.forward(minutes=61)
        assert "each start" in await desk.ask("GET", newer)
        assert desk.status == 410
        path = await offered(site)
        await site.school.bridge.store.users.add("anna", "Anna", site.school.clock())
        await desk.ask("POST", path, data={"form": form_token(path.rpartition("/")[2])})
        assert desk.status == 410
        bridge = site.school.bridge
        assert await offer_setup(bridge.store, bridge.settings, bridge.clock) is None


async def test_guesses_are_refused_and_forms_need_the_token(open_site: OpenSite) -> None:
    async with open_site() as site, desk_at(site, signed_in=False) as desk:
        path = await offered(site)
        await desk.ask("POST", path, data={"form": "wrong"})
        assert desk.status == 403
        statuses = []
        for _ in range(6):
            await desk.ask("GET", "/setup/su_guess")
            statuses.append(desk.status)
        assert statuses == [404] * 5 + [429]
        await desk.ask("GET", path)
        assert desk.status == 429


async def test_with_an_admin_token_in_the_settings_nothing_is_to_be_set_up(open_desk: OpenDesk) -> None:
    async with open_desk(signed_in=False) as desk:
        bridge = desk.site.school.bridge
        assert await offer_setup(bridge.store, bridge.settings, bridge.clock) is None
        await desk.ask("GET", "/setup/su_guess")
        assert desk.status == 404
