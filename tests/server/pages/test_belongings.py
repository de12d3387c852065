import json

from bridge.store.links import Replaced
from tests.server.pages.conftest import OpenPage


async def test_everybody_elses_access_ends_and_ones_own_goes_on(open_page: OpenPage) -> None:
    async with open_page() as anna:
        store = anna.site.school.bridge.store
        old = anna.token
        addresses = [await anna.site.school.feed("anna", name=name) for name in ("default", "grandma")]
        assert "End everybody else" in await anna.open("/end")
        page = await anna.send("/end")
        assert anna.status == 200
        assert anna.token != old
        assert "have new addresses" in page
        assert await store.links.find(old, anna.site.school.clock()) == Replaced()
        assert [(await anna.site.get(token))[0].status for token in addresses] == [410, 410]


async def test_whoever_leaves_is_removed_with_everything(open_page: OpenPage) -> None:
    async with open_page() as anna:
        school = anna.site.school
        await school.add("anna", "club")
        token = await school.feed("anna")
        assert "Remove you from here?" in await anna.open("/remove")
        assert "You are removed" in await anna.send("/remove")
        assert await school.bridge.store.users.all() == []
        assert (await anna.site.get(token))[0].status == 410
        await anna.open()
        assert anna.status == 410


async def test_everything_that_is_kept_comes_as_a_file(open_page: OpenPage) -> None:
    async with open_page() as anna:
        await anna.site.school.add("anna", "club")
        about = json.loads(await anna.open("/data"))
        assert anna.headers["Content-Disposition"] == 'attachment; filename="roosterbridge.json"'
        assert about["user"]["name"] == "anna"
        assert about["accounts"][0]["source"] == "club"
