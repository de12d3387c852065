"""Students who log in at the university with a browser, and what their calendars then do."""

from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web

from bridge.errors import AuthFailed, ConfigError, LoginMistake, SourceError, UnknownPerson
from bridge.model.event import Part
from bridge.people.accounts import AddedAccount, Wanted
from bridge.people.logins import begin_login, finish_login
from bridge.sources.mytimetable.settings import MyTimetableSettings
from bridge.sources.mytimetable.standin.logins import APP
from bridge.sources.mytimetable.standin.server import API_TOKEN
from bridge.sources.mytimetable.standin.university import OWN, STUDENT
from bridge.store.account import State
from bridge.upstream.capabilities import OffersLogin
from bridge.upstream.standin import StandIn
from tests.browser import logged_in
from tests.conftest import OpenSchool, School, SettableClock
from tests.faults import saying
from tests.sources.mytimetable.outcomes import answer

NOOR, THIJS = 0, 2


@pytest.fixture
async def school(open_school: OpenSchool, stand_in: StandIn, clock: SettableClock) -> AsyncIterator[School]:
    async with open_school({"uni": stand_in}) as opened:
        await opened.bridge.store.users.add("noor", "Noor", clock())
        yield opened


async def log_in(school: School, who: int = NOOR, identity: str | None = None) -> AddedAccount:
    """Log in as the person of a button on the university's page."""
    store, at = school.bridge.store, school.bridge.sources["uni"]
    attempt = await begin_login(store, at, "noor")
    pasted = await logged_in(attempt.address, who)
    return await finish_login(store, at, Wanted("noor", identity=identity), attempt, pasted, school.bridge.clock)


async def titles(school: School) -> set[str]:
    [account] = await school.bridge.store.accounts.all()
    return {entry.event.title for entry in await school.bridge.store.events.of_part(account.id, Part.SCHEDULE)}


async def test_the_address_asks_for_a_code_with_pkce_and_the_scope_of_the_settings(school: School) -> None:
    attempt = await begin_login(school.bridge.store, school.bridge.sources["uni"], "noor")
    words = {name: found for name, [found] in parse_qs(urlsplit(attempt.address).query).items()}
    assert words["response_type"] == "code"
    assert words["code_challenge_method"] == "S256"
    assert words["scope"] == APP.words["scope"]
    assert words["redirect_uri"].endswith("/connect/callback")


async def test_who_logs_in_has_the_own_timetable_under_the_own_name(school: School) -> None:
    added = await log_in(school)
    assert added.account.identity == STUDENT
    rows = await school.refresh()
    assert all(row.ok and not row.error for row in rows)
    assert "Inleiding programmeren" in await titles(school)


async def test_nothing_but_the_login_opens_the_timetable(school: School, stand_in: StandIn) -> None:
    await log_in(school)
    stand_in.controls["end-logins"]()
    assert not any(row.ok for row in await school.refresh())
    [account] = await school.bridge.store.accounts.all()
    assert account.state is State.LOGIN_NEEDED
    stand_in.requests.clear()
    await school.refresh()
    assert not stand_in.requests
    await log_in(school)
    assert all(row.ok for row in await school.refresh())


async def test_tokens_are_renewed_for_months_and_no_refresh_token_is_sent_twice(
    school: School, stand_in: StandIn, clock: SettableClock
) -> None:
    await log_in(school)
    for _ in range(5):
        clock.forward(hours=20)
        assert all(row.ok for row in await school.refresh())
    assert stand_in.requests["POST /oauth2/token"] == 6


async def test_one_401_is_mended_by_a_new_token(school: School, stand_in: StandIn) -> None:
    await log_in(school)

    async def once(request: web.Request) -> web.StreamResponse:
        stand_in.faults.clear()
        return await answer(401, "")(request)

    stand_in.faults["/api/v0/timetable"] = once
    assert all(row.ok for row in await school.refresh())
    assert stand_in.requests["POST /oauth2/token"] == 2


async def test_a_university_that_refuses_even_a_new_token_needs_a_login(school: School, stand_in: StandIn) -> None:
    await log_in(school)
    stand_in.faults["/api/v0/timetable"] = answer(401, "")
    assert not any(row.ok for row in await school.refresh())
    [account] = await school.bridge.store.accounts.all()
    assert account.state is State.LOGIN_NEEDED


async def test_a_token_server_in_trouble_costs_neither_events_nor_the_login(
    school: School, stand_in: StandIn, clock: SettableClock
) -> None:
    await log_in(school)
    await school.refresh()
    before = await titles(school)
    clock.forward(hours=2)
    stand_in.faults["/oauth2/token"] = saying(503, "")
    assert not any(row.ok for row in await school.refresh())
    assert await titles(school) == before
    stand_in.faults.clear()
    assert all(row.ok for row in await school.refresh())


async def test_without_refresh_tokens_the_access_token_is_kept(school: School, stand_in: StandIn) -> None:
    token = next(person.secret for person in stand_in.people if person.secret)
    stand_in.faults["/oauth2/token"] = saying(200, f'{{"access_token": "{token}", "token_type": "Bearer"}}')
    added = await log_in(school)
    assert added.account.identity == OWN
    stand_in.requests.clear()
    assert all(row.ok for row in await school.refresh())
    assert not stand_in.requests["POST /oauth2/token"]


async def test_logging_in_again_as_somebody_else_is_refused(school: School) -> None:
    await log_in(school)
    with pytest.raises(UnknownPerson):
        await log_in(school, THIJS)
    assert all(row.ok for row in await school.refresh())


async def test_a_pasted_page_of_the_university_says_how_the_right_address_begins(school: School) -> None:
    store, at = school.bridge.store, school.bridge.sources["uni"]
    attempt = await begin_login(store, at, "noor")
    source = at.source
    assert isinstance(source, OffersLogin)
    with pytest.raises(LoginMistake, match=r"begins with http.*/connect/callback"):
        await source.finish_login(attempt, "https://rooster.example.nl/home")


async def test_a_wrong_client_secret_gives_no_login(open_school: OpenSchool, stand_in: StandIn) -> None:
    stand_in.settings = {**stand_in.settings, "client_secret": "another"}
    async with open_school({"uni": stand_in}) as school:
        await school.bridge.store.users.add("noor", "Noor", school.clock())
        with pytest.raises(SourceError, match="refused to give a new token"):
            await log_in(school)


async def test_where_the_settings_name_no_login_there_is_none(open_school: OpenSchool, stand_in: StandIn) -> None:
    stand_in.settings = {"title": "Universiteit", "api_token": API_TOKEN}
    stand_in.addresses = ("api_url",)
    async with open_school({"uni": stand_in}) as school:
        await school.bridge.store.users.add("noor", "Noor", school.clock())
        with pytest.raises(ConfigError, match="has no browser login"):
            await begin_login(school.bridge.store, school.bridge.sources["uni"], "noor")


@pytest.mark.parametrize("given", [{"authorize_url": "https://x.example"}, {"client_id": "x"}, {"scope": "x"}])
def test_half_a_login_in_the_settings_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="also needs"):
        MyTimetableSettings.model_validate({"type": "mytimetable", "api_url": "https://x.example", **given})


async def test_a_code_works_once(school: School) -> None:
    store, at = school.bridge.store, school.bridge.sources["uni"]
    attempt = await begin_login(store, at, "noor")
    pasted = await logged_in(attempt.address)
    await finish_login(store, at, Wanted("noor"), attempt, pasted, school.clock)
    with pytest.raises(AuthFailed):
        await finish_login(store, at, Wanted("noor"), attempt, pasted, school.clock)
