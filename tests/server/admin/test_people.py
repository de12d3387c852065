"""The operator's pages of people."""

import re
from datetime import timedelta

from bridge.store.links import Replaced
from tests.club.server import CLOSED
from tests.faults import saying
from tests.server.admin.conftest import OpenDesk


async def test_whoever_is_invited_gets_a_page_to_hand_over(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        store = desk.site.school.bridge.store
        page = await desk.send("/invite", name="anna@school.example", title="Anna")
        assert desk.at == "/admin/people/anna@school.example/invitation?done=invited"
        found = re.search(r'value="http://127\.0\.0\.1:8080/m/(rm_[\w-]{43})"', page)
        assert found is not None
        user = await store.links.find(found[1], desk.site.school.clock())
        assert user == await store.users.get("anna@school.example")
        assert "<svg" in page
        renewed = await desk.send("/people/anna%40school.example/invitation")
        assert found[1] not in renewed
        assert await store.links.find(found[1], desk.site.school.clock()) == Replaced()
        assert [(one.action, one.user, one.actor) for one in await store.audit.some()] == [
            ("user add", "anna@school.example", None),
            ("user link", "anna@school.example", None),
        ]


async def test_a_name_that_cannot_be_is_said_beside_its_field_and_stays(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        await desk.send("/invite", name="Anna", title="A")
        taken = "called so already"
        for name, said in (("a/b", ""), ("", ""), ("ANNA", taken), ("Anna", taken)):
            page = await desk.send("/invite", name=name, title="Somebody")
            assert desk.status == 422
            assert 'id="wrong-name"' in page
            assert said in page
            assert 'value="Somebody"' in page
        await desk.send("/invite", name="bram", title="B" * 300)
        assert desk.status == 422


async def test_people_are_found_by_name_title_school_and_state_fifty_a_page(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        school = desk.site.school
        for number in range(120):
            await school.bridge.store.users.add(f"user-{number:03}", f"Person {number}", school.clock())
        await school.add("anna", "club")
        page = await desk.open("/people")
        assert "1 to 50 of 121" in page
        assert page.count('href="/admin/people/user-') == 49
        assert "101 to 121 of 121" in await desk.open("/people?page=3")
        assert "Nobody is found" in await desk.open("/people?page=9")
        assert "1 to 1 of 1" in await desk.open("/people?search=PERSON+77")
        assert "1 to 1 of 1" in await desk.open("/people?search=r-07%37")
        assert "Nobody is found" in await desk.open("/people?search=%25")
        await school.refresh()
        assert "1 to 1 of 1" in await desk.open("/people?source=club&state=ok")
        assert "Nobody is found" in await desk.open("/people?state=held")
        for odd in ("page=0", "page=-1", f"page={'9' * 30}", "page=x", "state=odd", "source=odd%00", "search=%00"):
            await desk.open(f"/people?{odd}")
            assert desk.status == 200, odd


async def test_a_persons_page_says_how_their_accounts_and_calendars_stand(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        school = desk.site.school
        await school.add("anna", "club")
        token = await school.feed("anna")
        await school.refresh()
        desk.site.club.stand_in.faults[CLOSED] = saying(500)
        school.clock.now += timedelta(hours=2)
        await school.refresh()
        page = await desk.open("/people/anna")
        assert "failing" in page
        assert "last good answer 2 hours ago" in page
        assert token not in page
        await desk.open("/people/nobody")
        assert desk.status == 404


async def test_removing_says_what_goes_and_does_it(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        school = desk.site.school
        await school.add("anna", "club")
        token = await school.feed("anna", name="grandma")
        asked = await desk.open("/people/anna/remove")
        assert "the account at <bdi>Chess Club</bdi>" in asked
        assert "the calendar “<bdi>grandma</bdi>”" in asked
        assert "was removed" in await desk.send("/people/%20anna/remove")
        assert await school.bridge.store.users.all() == []
        assert (await desk.site.get(token))[0].status == 410
        assert "user remove" in await desk.open("/audit")
        assert "person 1" in desk.page
