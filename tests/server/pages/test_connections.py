import asyncio
import html
import re

import pytest
from aiohttp import web

from bridge.sources.mytimetable.standin.server import stand_in as university
from bridge.store.account import State, StoredAccount
from bridge.upstream.discovery import discover
from tests.browser import logged_in
from tests.club.server import TITLE
from tests.conftest import SettableClock
from tests.faults import as_usual
from tests.server.pages.conftest import OpenPage, Person
from tests.server.pages.journeys import NO_LOGIN


@pytest.fixture
def storage_url(sqlite_url: str) -> str:
    return sqlite_url


async def account_of(anna: Person) -> StoredAccount | None:
    found = await anna.site.school.bridge.store.accounts.all(user=anna.name)
    return found[0] if found else None


async def begun(anna: Person) -> tuple[str, str]:
    """Begin a browser login; gives the address to open and what the form carries of the attempt."""
    page = await anna.send("/connect/club")
    assert anna.at.endswith("/connect/club/login"), page
    (address,) = re.findall(r'<a class="button main" href="(http://127[^"]+)"', page)
    (sealed,) = re.findall(r'name="attempt" value="([^"]+)"', page)
    return html.unescape(address), sealed


async def test_the_schools_that_can_be_connected_are_listed_by_their_names(open_page: OpenPage) -> None:
    async with open_page() as anna:
        page = await anna.open("/connect")
        assert f"<bdi>{TITLE}</bdi>" in page
        await anna.site.school.add("anna", "club")
        assert "connected" in await anna.open("/connect")
        await anna.open("/connect/nowhere")
        assert anna.status == 404


async def test_a_browser_login_connects_and_makes_the_first_calendar(open_page: OpenPage) -> None:
    async with open_page() as anna:
        await anna.open("/connect/club")
        address, sealed = await begun(anna)
        page = await anna.send("/connect/club/login", attempt=sealed, pasted=await logged_in(address))
        assert (anna.at, "Connected." in page) == (f"/m/{anna.token}", True)
        account = await account_of(anna)
        assert account is not None
        assert account.person == "anna"
        (feed,) = await anna.site.school.bridge.store.feeds.all(user="anna")
        assert (feed.name, feed.options) == ("default", {"language": "en"})
        await anna.site.school.refresh()
        page = await anna.open()
        assert "Everything is up to date" in page
        assert "Others of this login" not in page  # it has nobody else


async def test_a_login_goes_on_after_a_reload_and_is_nobody_elses(open_page: OpenPage) -> None:
    async with open_page() as anna:
        address, sealed = await begun(anna)
        reloaded = await anna.open(f"/connect/club/login?attempt={sealed}")
        assert address in html.unescape(reloaded)
        assert 'class="error"' not in reloaded
        store, clock = anna.site.school.bridge.store, anna.site.school.clock
        await store.users.add("bram", "Bram", clock())
        anna.token = await store.links.token("bram", clock())
        page = await anna.send("/connect/club/login", attempt=sealed, pasted=await logged_in(address))
        assert anna.status == 422
        assert "This login was begun elsewhere" in page
        assert await store.accounts.all(user="bram") == []


@pytest.mark.parametrize(
    ("pasted", "sentence"),
    [
        ("", "Nothing was pasted."),
        ("<!doctype html><html>", "This is the text of a page; paste the address that the login leads to."),
        ("https://elsewhere.example/", "This is the address of another page; the right one begins with club:."),
        ("club://callback?code=x&state=other", "This belongs to another login"),
        ("hello world", "This is neither an address nor a code."),
    ],
)
async def test_each_wrong_paste_has_its_sentence_and_the_next_one_can_be_right(
    open_page: OpenPage, pasted: str, sentence: str
) -> None:
    async with open_page() as anna:
        address, sealed = await begun(anna)
        page = await anna.send("/connect/club/login", attempt=sealed, pasted=pasted)
        assert anna.status == 422
        assert sentence in html.unescape(page)
        assert await account_of(anna) is None
        (sealed,) = re.findall(r'name="attempt" value="([^"]+)"', page)
        await anna.send("/connect/club/login", attempt=sealed, pasted=await logged_in(address))
        assert anna.at == f"/m/{anna.token}"


async def test_a_form_that_is_sent_twice_says_that_the_code_was_used_and_keeps_the_connection(
    open_page: OpenPage,
) -> None:
    async with open_page() as anna:
        address, sealed = await begun(anna)
        pasted = await logged_in(address)
        await anna.send("/connect/club/login", attempt=sealed, pasted=pasted)
        page = await anna.send("/connect/club/login", attempt=sealed, pasted=pasted)
        assert "This code has been used already or has expired" in page
        account = await account_of(anna)
        assert account is not None
        assert account.state is not State.LOGIN_NEEDED


async def parent_logged_in(parent: Person) -> str:
    """Log a parent in; gives the page that asks whose timetable it is."""
    address, sealed = await begun(parent)
    return await parent.send("/connect/club/login", attempt=sealed, pasted=await logged_in(address, 2))


async def feeds_of(parent: Person) -> dict[str, tuple[str, ...] | None]:
    return {feed.name: feed.sources for feed in await parent.site.school.bridge.store.feeds.all(user=parent.name)}


async def test_of_a_login_with_several_people_one_is_chosen(open_page: OpenPage) -> None:
    async with open_page(name="bakker") as parent:
        page = await parent_logged_in(parent)
        assert "Whose timetable?" in page
        assert set(re.findall(r'name="identity" value="(\w+)"', page)) == {"sem", "lotte"}
        await parent.send("/connect/club/people", identity="lotte")
        account = await account_of(parent)
        assert account is not None
        assert (account.person, account.name) == ("lotte", "")
        assert "Others of this login" in await parent.open()


async def test_all_children_of_a_login_are_connected_in_one_go_with_a_calendar_each(open_page: OpenPage) -> None:
    async with open_page(name="bakker") as parent:
        await parent_logged_in(parent)
        both = [("identity", "sem"), ("identity", "lotte")]
        assert "Connected" in await parent.send("/connect/club/people", *both, calendars="each")
        accounts = await parent.site.school.bridge.store.accounts.all(user="bakker")
        assert [(one.name, one.person) for one in accounts] == [("Lotte", "lotte"), ("Sem", "sem")]
        assert len({one.credential_id for one in accounts}) == 1
        assert await feeds_of(parent) == {"Lotte": ("club/Lotte",), "Sem": ("club/Sem",)}
        page = await parent.open("/connect/club/people")
        assert page.count("disabled") == 2
        assert "<bdi>Sem</bdi> · " in await parent.open()


async def test_all_children_of_a_login_are_connected_in_one_go_in_one_calendar(open_page: OpenPage) -> None:
    async with open_page(name="bakker") as parent:
        await parent_logged_in(parent)
        await parent.send("/connect/club/people", ("identity", "sem"), ("identity", "lotte"), calendars="one")
        assert await feeds_of(parent) == {"default": None}
        await parent.site.school.refresh()
        page = await parent.open()
        assert "Sem: " in page
        assert "Lotte: " in page


async def test_a_second_child_with_a_calendar_of_its_own_is_in_no_other(open_page: OpenPage) -> None:
    async with open_page(name="bakker") as parent:
        await parent_logged_in(parent)
        await parent.send("/connect/club/people", identity="sem")
        await parent.site.school.refresh()
        before = await parent.site.school.ics("bakker")
        await parent.send("/connect/club/people", identity="lotte", calendars="each")
        assert await feeds_of(parent) == {"Lotte": ("club/Lotte",), "default": ("club/",)}
        await parent.site.school.refresh()
        assert await parent.site.school.ics("bakker") == before


async def test_nobody_chosen_is_asked_again(open_page: OpenPage) -> None:
    async with open_page(name="bakker") as parent:
        await parent_logged_in(parent)
        assert "Choose at least one." in await parent.send("/connect/club/people", calendars="each")
        assert parent.status == 422


async def test_one_of_several_children_is_disconnected(open_page: OpenPage) -> None:
    async with open_page(name="bakker") as parent:
        await parent_logged_in(parent)
        await parent.send("/connect/club/people", ("identity", "sem"), ("identity", "lotte"), calendars="one")
        assert "Disconnect Sem · " in await parent.open("/connect/club/remove?as=Sem")
        await parent.press()
        (left,) = await parent.site.school.bridge.store.accounts.all(user="bakker")
        assert left.name == "Lotte"
        assert all(row.ok for row in await parent.site.school.refresh())


async def test_each_of_several_accounts_gets_its_own_password(open_page: OpenPage, clock: SettableClock) -> None:
    async with open_page("ouder", beside={"hbo": discover()["checkin"].stand_in(clock)}) as parent:
        school = parent.site.school
        await school.add("joost", "hbo", user="ouder")
        await school.add("femke", "hbo", user="ouder", account="Femke")
        femke = next(one for one in school.stand_ins["hbo"].people if one.user == "femke")
        assert femke.identity is not None
        assert femke.secret is not None
        page = await parent.open("/connect/hbo?as=Femke")
        assert femke.identity in page
        page = await parent.press(identity=femke.identity, secret=femke.secret)
        assert "Connected." in page
        identities = {one.name: one.identity for one in await school.bridge.store.accounts.all(user="ouder")}
        assert identities == {"": "j.hoekstra@st.example.nl", "Femke": femke.identity}


async def test_a_kept_password_that_cannot_be_read_is_asked_again(open_page: OpenPage, clock: SettableClock) -> None:
    async with open_page("joost", beside={"hbo": discover()["checkin"].stand_in(clock)}) as joost:
        page = await joost.send("/connect/hbo", identity="j.hoekstra@st.example.nl", kept="of another key")
        assert (joost.status, 'name="secret"' in page) == (422, True)


async def test_a_login_of_a_stale_page_begins_again_with_one_press(open_page: OpenPage) -> None:
    async with open_page() as anna:
        page = await anna.send("/connect/club/login", attempt="stale", pasted="club://x")
        assert "Begin" in page
        await anna.press()
        assert (anna.at, "Open the login page" in anna.page) == (f"/m/{anna.token}/connect/club/login", True)


async def test_logging_in_again_wakes_the_account(open_page: OpenPage) -> None:
    async with open_page() as anna:
        school = anna.site.school
        await school.add("anna", "club")
        anna.site.club.logins[0].dead = True
        await school.refresh()
        page = await anna.open()
        assert "You have to log in again." in page
        anna.site.club.logins[0].dead = False
        address, sealed = await begun(anna)
        await anna.send("/connect/club/login", attempt=sealed, pasted=await logged_in(address))
        account = await account_of(anna)
        assert account is not None
        assert account.state is not State.LOGIN_NEEDED


async def test_a_password_connects_is_not_kept_and_is_not_shown_again(open_page: OpenPage) -> None:
    async with open_page(club={"passwords": True}) as anna:
        page = await anna.open("/connect/club")
        assert 'type="password"' in page
        page = await anna.send("/connect/club", identity="anna", secret="wrong-pass")
        assert anna.status == 422
        assert 'id="wrong-secret"' in page
        assert "wrong-pass" not in page
        assert 'name="identity" value="anna"' in page
        await anna.send("/connect/club", identity="anna", secret="password of Anna")
        account = await account_of(anna)
        assert account is not None


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("nl", "De school neemt dit niet aan."), ("fr", "L&#39;école ne l&#39;accepte pas.")],
)
async def test_a_refusal_is_told_in_the_language_of_the_visitor(
    open_page: OpenPage, language: str, sentence: str
) -> None:
    async with open_page(club={"passwords": True}) as anna:
        anna.client.headers["Accept-Language"] = language
        assert sentence in await anna.send("/connect/club", identity="anna", secret="wrong")


async def test_a_sentence_is_text_whatever_is_in_it(open_page: OpenPage) -> None:
    async with open_page(club={"title": "<b>100%</b> (s)"}) as anna:
        await anna.site.school.add("anna", "club")
        anna.site.club.logins[0].dead = True
        await anna.site.school.refresh()
        page = await anna.open()
        assert anna.status == 200
        assert "<b>100%" not in page
        assert "<b>100%" not in await anna.open("/connect/club")


async def test_the_sixth_wrong_password_in_a_minute_does_not_reach_the_school(open_page: OpenPage) -> None:
    async with open_page(club={"passwords": True}) as anna:
        for _ in range(5):
            await anna.send("/connect/club", identity="anna", secret="wrong")
            assert anna.status == 422
        asked = anna.site.club.asked
        page = await anna.send("/connect/club", identity="anna", secret="password of Anna")
        assert (anna.status, "Too many attempts" in page) == (429, True)
        assert anna.site.club.asked == asked


async def test_of_wrong_passwords_that_are_sent_at_once_no_sixth_reaches_the_school(open_page: OpenPage) -> None:
    arrived = 0

    async def answer_late(request: web.Request) -> web.StreamResponse:
        nonlocal arrived
        arrived += 1
        await asyncio.sleep(0.2)
        return await as_usual(request)

    async with open_page(club={"passwords": True}) as anna:
        await anna.open("/connect/club")
        anna.site.club.stand_in.faults["/"] = answer_late
        await asyncio.gather(*(anna.send("/connect/club", identity="anna", secret="wrong") for _ in range(12)))
        assert arrived <= 5


async def test_what_was_typed_is_kept_while_the_school_is_away(open_page: OpenPage) -> None:
    async with open_page(club={"passwords": True}) as anna:
        stand_in = anna.site.club.stand_in
        stand_in.faults["/"] = _away
        page = await anna.send("/connect/club", identity="anna", secret="password of Anna")
        assert anna.status == 422
        assert 'role="alert"' in page
        assert 'name="identity" value="anna"' in page
        assert "password of Anna" not in page
        (kept,) = re.findall(r'name="kept" value="([^"]+)"', page)
        stand_in.faults.clear()
        await anna.send("/connect/club", identity="anna", secret="", kept=kept)
        assert await account_of(anna) is not None


async def _away(_request: web.Request) -> web.StreamResponse:
    return web.Response(status=503)


async def test_disconnecting_takes_what_came_from_there_out_of_the_calendar(open_page: OpenPage) -> None:
    async with open_page() as anna:
        school = anna.site.school
        await school.add("anna", "club")
        await school.feed("anna")
        await school.refresh()
        assert "BEGIN:VEVENT" in await school.ics("anna")
        assert f"Disconnect {TITLE}?" in await anna.open("/connect/club/remove")
        assert "Disconnected." in await anna.send("/connect/club/remove")
        assert await account_of(anna) is None
        assert "BEGIN:VEVENT" not in await school.ics("anna")
        await anna.open("/connect/club/remove")
        assert anna.status == 404


@pytest.mark.parametrize("who", ["12345678", "edijk1"])
async def test_where_the_operators_token_reads_everybody_people_connect_only_their_own_name(
    open_page: OpenPage, clock: SettableClock, who: str
) -> None:
    async with open_page("EDijk1", "Els", beside={"uva": university(clock)}, uva=NO_LOGIN) as els:
        assert 'value="EDijk1"' in await els.open("/connect/uva")
        page = await els.send("/connect/uva", identity=who)
        if who == "edijk1":
            assert els.at == f"/m/{els.token}"
        else:
            assert (els.status, "Here you connect only yourself" in page) == (422, True)
            assert await account_of(els) is None


async def test_people_may_connect_again_what_an_operator_connected_under_another_name(
    open_page: OpenPage, clock: SettableClock
) -> None:
    async with open_page("els", "Els", beside={"uva": university(clock)}, uva=NO_LOGIN) as els:
        await els.site.school.add("vandijk", "uva", user="els")
        assert 'value="edijk1"' in await els.open("/connect/uva")
        await els.send("/connect/uva", identity="edijk1")
        assert els.at == f"/m/{els.token}"
        await els.send("/connect/uva", identity="12345678")
        assert els.status == 422


async def test_a_token_of_their_own_says_who_they_are(open_page: OpenPage, clock: SettableClock) -> None:
    async with open_page("els", "Els", beside={"uva": university(clock)}, uva=NO_LOGIN) as els:
        page = await els.send("/connect/uva", identity="12345678", secret="somebody's")
        assert els.status == 422
        (error,) = re.findall(r'class="error"[^>]*>([^<]+)', page)
        assert "new one" in html.unescape(error)


async def test_an_operator_may_let_people_connect_any_name(open_page: OpenPage, clock: SettableClock) -> None:
    openly = NO_LOGIN | {"any_user_name": True}
    async with open_page("els", "Els", beside={"uva": university(clock)}, uva=openly) as els:
        await els.send("/connect/uva", identity="edijk1")
        assert els.at == f"/m/{els.token}"
