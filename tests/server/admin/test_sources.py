"""The operator's pages of sources, and what runs on at them."""

import re

import aiohttp

from bridge.app import serve_bridge
from bridge.upstream.discovery import discover
from tests.club.server import CLOSED, new_club
from tests.conftest import OpenSchool, SettableClock
from tests.faults import saying
from tests.people.test_handover import staff
from tests.program import until
from tests.server.admin.conftest import TOKEN, Desk, OpenDesk, desk_at
from tests.server.conftest import Site


async def ended(desk: Desk) -> str:
    """The page of the work that was begun, once that has ended."""
    path = desk.at

    async def over() -> bool:
        return 'http-equiv="refresh"' not in await desk.ask("GET", path)

    await until(over)
    return desk.page


async def test_a_source_is_added_if_it_answers_and_is_there_at_once(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        bridge = desk.site.school.bridge
        address = str(bridge.settings.sources["club"].api_url)
        assert "<h1>Chess club</h1>" in await desk.open("/new-source/club")
        page = await desk.send("/new-source/club", name="second", title="Second", api_url="http://127.0.0.1:1")
        assert desk.status == 422
        assert "cannot be reached" in page
        assert 'value="Second"' in page
        assert "second" not in bridge.sources
        page = await desk.send("/new-source/club", name="second", title="Second", api_url=address)
        assert desk.at == "/admin/sources/second?done=added"
        assert bridge.sources["second"].title == "Second"
        assert "keeps up with every 30m" in page
        await desk.send("/new-source/club", name="third", api_url="http://127.0.0.1:1", do="anyway")
        assert "third" in bridge.sources


async def test_errors_stand_beside_their_fields_and_secrets_are_not_shown_again(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        given = {"name": "Not So", "client_id": "me", "client_secret": "hush-hush", "timeout": "soon"}
        page = await desk.send("/new-source/informat", **given)
        assert desk.status == 422
        for field in ("name", "institute", "timeout"):
            assert f'id="wrong-{field}"' in page, field
        assert "hush-hush" not in page
        assert 'value="me"' in page
        for odd in ("/new-source/nothing", "/sources/nothing", "/sources/club/edit", "/sources/club/remove"):
            await desk.open(odd)
            assert desk.status == 404, odd


async def test_a_secret_that_was_typed_once_is_kept_between_attempts_and_changes(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        bridge = desk.site.school.bridge
        given = {"name": "sintjan", "client_id": "me", "client_secret": "hush-hush", "institute": "123456"}
        page = await desk.send("/new-source/informat", **given)
        kept = page.partition('name="kept" value="')[2].partition('"')[0]
        again = {**given, "client_secret": "", "api_url": "http://127.0.0.1:1", "auth_url": "http://127.0.0.1:1"}
        await desk.send("/new-source/informat", kept=kept, do="anyway", **again)
        assert desk.at == "/admin/sources/sintjan?done=added"
        del again["name"]
        await desk.send("/sources/sintjan/edit", **{**again, "title": "Sint-Jan", "structure": "311"})
        assert desk.at == "/admin/sources/sintjan?done=changed"
        stored = next(one for one in await bridge.store.sources.all() if one.name == "sintjan")
        assert stored.secrets == {"client_secret": "hush-hush"}
        assert (stored.settings["title"], stored.settings["structure"]) == ("Sint-Jan", "311")
        await desk.send("/sources/sintjan/edit", **again)
        stored = next(one for one in await bridge.store.sources.all() if one.name == "sintjan")
        assert "structure" not in stored.settings
        assert "removed for good" in await desk.open("/sources/sintjan/remove")
        await desk.send("/sources/sintjan/remove")
        assert "sintjan" not in bridge.sources
        done = [one.action for one in await bridge.store.audit.some()]
        assert done == ["source add", "source add", "source add", "source remove"]


async def test_a_check_says_whether_a_source_answers(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        assert "It answers" in await desk.send("/sources/club/check")


async def test_a_refresh_runs_on_and_shows_what_came_of_it(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        school = desk.site.school
        await school.add("anna", "club")
        await desk.send("/sources/club/refresh")
        assert desk.at.startswith("/admin/jobs/")
        assert "Everything was read." in await ended(desk)
        desk.site.club.stand_in.faults[CLOSED] = saying(500)
        await desk.send("/people/anna/refresh")
        assert "not read." in await ended(desk)
        await desk.open("/jobs/nothing")
        assert desk.status == 404
        await school.bridge.sweeper.sweep()
        overview = await desk.open()
        assert "1 failing" in overview
        assert '<rect class="failed"' in overview


async def test_a_sync_shows_first_whom_it_would_add_and_then_does(
    open_school: OpenSchool, clock: SettableClock
) -> None:
    stand_ins = {"sintjan": discover()["informat"].stand_in(clock)}
    async with (
        open_school(stand_ins, admin_token=TOKEN) as school,
        serve_bridge(school.bridge) as address,
        aiohttp.ClientSession() as client,
        desk_at(Site(school, new_club(clock), address, client)) as desk,
    ):
        store = school.bridge.store
        await desk.send("/sources/sintjan/sync", do="see")
        page = await ended(desk)
        assert "would be added" in page
        assert await store.users.all() == []
        await desk.send("/sources/sintjan/sync", do="add")
        page = await ended(desk)
        assert "people were added" in page
        assert len(await store.users.all()) > 1
        await desk.send("/sources/sintjan/sync", do="see")
        assert "Everybody is here already." in await ended(desk)
        assert "user sync" in await desk.open("/audit")


async def test_who_has_left_is_listed_before_they_are_removed(open_school: OpenSchool, clock: SettableClock) -> None:
    institute = discover()["informat"].stand_in(clock)
    async with (
        open_school({"sintjan": institute}, admin_token=TOKEN) as school,
        serve_bridge(school.bridge) as address,
        aiohttp.ClientSession() as client,
        desk_at(Site(school, new_club(clock), address, client)) as desk,
    ):
        store = school.bridge.store

        async def names() -> str:
            return " ".join(sorted(user.name.partition("@")[0] for user in await store.users.all()))

        staff(school, ["ann", "rik"])
        await desk.send("/sources/sintjan/sync", do="add")
        await ended(desk)
        staff(school, ["ann", "els"])
        await desk.send("/sources/sintjan/sync", do="add")
        assert "1 person is no longer listed" in await ended(desk)
        for _ in range(2):
            clock.forward(days=20)
            assert "is removed after 30 days" in await desk.open("/sources/sintjan")
        await desk.send("/sources/sintjan/sync", do="see", gone="90d")
        assert "would be removed" not in await ended(desk)
        await desk.send("/sources/sintjan/sync", do="see", gone="30d")
        page = await ended(desk)
        assert "1 person would be removed" in page
        assert "They stay until you remove them" not in page
        assert await names() == "ann els rik"
        (gone,) = re.findall(r'name="gone" value="(\w+)"', page)
        await desk.send("/sources/sintjan/sync", do="add", gone=gone)
        assert "1 person was removed" in await ended(desk)
        assert await names() == "ann els"
        assert "user remove" in await desk.open("/audit")


async def test_what_is_held_back_is_shown_with_what_would_go_and_can_be_accepted(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        school, club = desk.site.school, desk.site.club
        await school.add("anna", "club")
        await school.refresh()
        club.lessons.clear()
        await school.refresh()
        assert "See what would go" in await desk.open("/held")
        number = desk.page.partition('href="/admin/held/')[2].partition('"')[0]
        page = await desk.open(f"/held/{number}")
        assert "events would go" in page
        assert "Lesson of day 1" in page
        await desk.send(f"/held/{number}")
        assert "Everything was read." in await ended(desk)
        assert "Nothing is held back" in await desk.open("/held")
        for odd in ("9999", "x", "99999999999999999999"):
            await desk.open(f"/held/{odd}")
            assert desk.status == 404


async def test_the_api_is_listed_with_all_its_operations(open_desk: OpenDesk) -> None:
    async with open_desk() as desk:
        page = await desk.open("/api")
        assert "/api/v1/users/{name}/feeds/{feed}" in page
        assert "List the users, by name." in page
        assert "what the user is called here" in page


async def test_invitations_of_a_school_come_as_a_sheet_and_as_a_file(
    open_desk: OpenDesk,
) -> None:
    async with open_desk() as desk:
        school = desk.site.school
        await school.add("anna", "club")
        await school.add("bram", "club")
        sheet = await desk.send("/sources/club/invitations", do="sheet")
        addresses = re.findall(r"http://127\.0\.0\.1:8080(/m/rm_[\w-]{43})", sheet)
        assert len(addresses) == 2
        assert "Good until 6 December 2026." in sheet
        await desk.ask("GET", addresses[0])
        assert desk.status == 200
        rows = (await desk.send("/sources/club/invitations", do="csv")).splitlines()
        assert desk.headers["Content-Disposition"] == 'attachment; filename="invitations-club.csv"'
        assert len(rows) == 2
        assert addresses[1] in rows[1], "it stays the same"
