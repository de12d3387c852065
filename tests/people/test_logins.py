"""Accounts that are logged in with a browser: one login each, none lost, none left behind."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bridge.errors import AuthFailed, ChoiceNeeded, ConfigError, LoginMistake, UnknownName, UnknownPerson
from bridge.people.accounts import AddedAccount, add_account, remove_account
from bridge.people.logins import begin_login, finish_login, resume_login
from bridge.sources.somtoday.standin.server import ANNA, LOTTE, SEM, SomtodayServer
from bridge.store.accounts import State, StoredAccount
from bridge.store.schema import accounts, credentials
from bridge.store.storage import Store
from bridge.upstream.configured import ConfiguredSource
from tests.browser import logged_in
from tests.conftest import OpenSchool, School, SettableClock
from tests.fortes import Fortes, fortes, saying
from tests.tables import contents

AS_ANNA, AS_BAKKER = 0, 2


@pytest.fixture
def server(clock: SettableClock) -> Fortes:
    return fortes(clock)


@pytest.fixture
def standin(server: Fortes) -> SomtodayServer:
    return server.standin


@pytest.fixture
async def school(open_school: OpenSchool, server: Fortes) -> AsyncIterator[School]:
    async with open_school({"fortes": server.stand_in}) as opened:
        for name in ("anna", "sem", "lotte"):
            await opened.bridge.store.users.add(name, name, opened.clock())
        yield opened


@pytest.fixture
def store(school: School) -> Store:
    return school.bridge.store


@pytest.fixture
def at(school: School) -> ConfiguredSource:
    return school.bridge.sources["fortes"]


async def log_in(school: School, user: str, number: int, identity: str | None = None, **options: str) -> AddedAccount:
    store, at = school.bridge.store, school.bridge.sources["fortes"]
    attempt = await begin_login(store, at, user)
    pasted = await logged_in(attempt.address, number)
    return await finish_login(store, at, user, attempt, pasted, identity=identity, options=options, clock=school.clock)


async def account(store: Store, user: str) -> StoredAccount:
    (found,) = await store.accounts.all(user=user)
    return found


async def test_from_nothing_to_lessons(school: School, standin: SomtodayServer) -> None:
    added = await log_in(school, "anna", AS_ANNA)
    assert (added.warning, added.account.person, added.account.state) == (None, str(ANNA.key), State.NEW)
    assert all(row.ok for row in await school.refresh())
    assert (standin.grants, standin.replays) == (1, 0), "the access token that came with the login is used"


async def test_logging_in_again_replaces_a_dead_token_and_wakes_the_account(
    school: School, store: Store, standin: SomtodayServer
) -> None:
    await log_in(school, "anna", AS_ANNA)
    await school.refresh()
    kept = [entry.uid for entry in await store.events.of_part((await account(store, "anna")).id, "schedule")]  # type: ignore[arg-type] # a Part is a text
    standin.logins[-1].dead = True
    await school.refresh()
    assert (await account(store, "anna")).state is State.LOGIN_NEEDED
    again = await log_in(school, "anna", AS_ANNA)
    assert (again.account.identity, again.account.state) == (str(ANNA.key), State.NEW)
    assert all(row.ok and not (row.added or row.changed or row.removed) for row in await school.refresh())
    assert [entry.uid for entry in await store.events.of_part(again.account.id, "schedule")] == kept  # type: ignore[arg-type] # a Part is a text
    assert len((await contents(store.database, credentials))["credentials"]) == 1


async def test_a_login_that_is_replaced_while_it_lives_is_ended(
    school: School, store: Store, standin: SomtodayServer
) -> None:
    await log_in(school, "anna", AS_ANNA)
    first = standin.logins[-1]
    await log_in(school, "anna", AS_ANNA)
    assert first.dead
    assert not standin.logins[-1].dead
    assert all(row.ok for row in await school.refresh())


async def test_a_token_of_sixty_days_is_dead_and_a_login_in_the_middle_of_a_refresh_is_not_lost(
    school: School, store: Store, standin: SomtodayServer, clock: SettableClock
) -> None:
    await log_in(school, "anna", AS_ANNA)
    clock.now += timedelta(days=61)
    standin.logins[-1].dead = True
    found = await account(store, "anna")
    _, again = await asyncio.gather(school.bridge.refresher.refresh(found), log_in(school, "anna", AS_ANNA))
    assert again.account.credential_id != found.credential_id
    assert all(row.ok for row in await school.refresh())
    assert (await account(store, "anna")).state is State.OK


async def test_a_bad_paste_costs_nothing(school: School, store: Store, at: ConfiguredSource) -> None:
    attempt = await begin_login(store, at, "anna")
    for pasted, error in ((attempt.address, LoginMistake), ("abcdefgh", AuthFailed)):
        with pytest.raises(error):
            await finish_login(store, at, "anna", attempt, pasted, identity=None, options={}, clock=school.clock)
    assert await contents(store.database, accounts, credentials) == {"accounts": [], "credentials": []}
    pasted = await logged_in(attempt.address)
    await finish_login(store, at, "anna", attempt, pasted, identity=None, options={}, clock=school.clock)
    assert (await account(store, "anna")).person == str(ANNA.key)


async def test_a_parent_chooses_after_the_login_without_another(
    school: School, store: Store, at: ConfiguredSource, standin: SomtodayServer
) -> None:
    with pytest.raises(ChoiceNeeded) as raised:
        await log_in(school, "sem", AS_BAKKER)
    assert raised.value.choices == (("119373", "Sem"), ("119374", "Lotte"))
    assert not standin.logins[-1].dead
    with pytest.raises(UnknownPerson):
        await resume_login(store, at, "sem", identity="Cas", clock=school.clock)
    resumed = await resume_login(store, at, "sem", identity="Sem", clock=school.clock)
    assert resumed is not None
    assert resumed.account.person == str(SEM.key)
    assert await resume_login(store, at, "sem", identity="Lotte", clock=school.clock) is None, "it has been chosen"
    assert all(row.ok for row in await school.refresh())
    assert standin.replays == 0


async def test_a_login_without_a_choice_shows_what_is_missing(school: School, store: Store) -> None:
    with pytest.raises(ChoiceNeeded):
        await log_in(school, "sem", AS_BAKKER)
    assert all(not row.ok for row in await school.refresh())
    found = await account(store, "sem")
    assert found.state is State.FAILING
    assert found.last_error == "This login at Fortes Lyceum has several pupils; choose one with --identity."


async def test_a_login_as_somebody_else_is_ended_and_the_account_stays_as_it_was(
    school: School, store: Store, standin: SomtodayServer
) -> None:
    await log_in(school, "anna", AS_ANNA)
    before = await account(store, "anna")
    with pytest.raises(UnknownPerson):
        await log_in(school, "anna", AS_BAKKER)
    assert standin.logins[-1].dead
    assert await account(store, "anna") == before
    assert all(row.ok for row in await school.refresh())
    assert len((await contents(store.database, credentials))["credentials"]) == 1


async def test_nobody_and_a_source_without_such_a_login_are_told_before_it(
    school: School, store: Store, at: ConfiguredSource, open_school: OpenSchool
) -> None:
    with pytest.raises(UnknownName):
        await begin_login(store, at, "nobody")


async def test_a_source_without_a_login_in_a_browser_says_so(open_school: OpenSchool) -> None:
    async with open_school() as school:
        await school.bridge.store.users.add("anna", "Anna", school.clock())
        with pytest.raises(ConfigError, match="has no browser login"):
            await begin_login(school.bridge.store, school.bridge.sources["mytimetable"], "anna")


async def test_out_of_reach_after_the_login_it_is_stored_with_a_warning(school: School, server: Fortes) -> None:
    server.stand_in.faults["/rest/"] = saying(500)
    added = await log_in(school, "anna", AS_ANNA)
    assert added.warning is not None
    server.stand_in.faults.clear()
    assert all(row.ok for row in await school.refresh())


async def share(school: School, user: str, identity: str, login_of: str) -> AddedAccount:
    return await add_account(
        school.bridge.store,
        school.bridge.sources["fortes"],
        user,
        identity=identity,
        secret=None,
        options={},
        clock=school.clock,
        login_of=login_of,
    )


async def test_two_children_share_one_token_family_through_fifty_refreshes_of_both_at_once(
    school: School, store: Store, standin: SomtodayServer, clock: SettableClock
) -> None:
    standin.lifetime = timedelta(seconds=1)
    sem = (await log_in(school, "sem", AS_BAKKER, "Sem")).account
    lotte = (await share(school, "lotte", "Lotte", "sem")).account
    assert (sem.credential_id, sem.lock) == (lotte.credential_id, lotte.lock)
    assert lotte.person == str(LOTTE.key)
    families = len(standin.logins)
    for _ in range(50):
        clock.now += timedelta(seconds=2)
        rows = await asyncio.gather(*(school.bridge.refresher.refresh(child) for child in (sem, lotte)))
        assert all(row.ok for each in rows for row in each)
    assert standin.replays == 0
    assert len(standin.logins) == families
    assert not standin.logins[-1].dead
    assert standin.grants >= 50


async def test_only_a_login_that_is_there_can_be_shared(school: School) -> None:
    with pytest.raises(UnknownName, match="sem has no login at fortes"):
        await share(school, "lotte", "Lotte", "sem")


async def test_a_new_login_is_for_all_who_shared_the_old_one(
    school: School, store: Store, standin: SomtodayServer
) -> None:
    await log_in(school, "sem", AS_BAKKER, "Sem")
    await share(school, "lotte", "Lotte", "sem")
    standin.logins[-1].dead = True
    await school.refresh()
    assert {(await account(store, child)).state for child in ("sem", "lotte")} == {State.LOGIN_NEEDED}
    await log_in(school, "sem", AS_BAKKER)
    assert all(row.ok for row in await school.refresh())
    assert {(await account(store, child)).state for child in ("sem", "lotte")} == {State.OK}
    assert len((await contents(store.database, credentials))["credentials"]) == 1


async def test_removing_one_child_leaves_the_login_to_the_other_and_removing_both_ends_it(
    school: School, store: Store, at: ConfiguredSource, standin: SomtodayServer
) -> None:
    await log_in(school, "sem", AS_BAKKER, "Sem")
    await share(school, "lotte", "Lotte", "sem")
    assert await remove_account(store, at, "sem", "fortes") is None
    assert not standin.logins[-1].dead
    assert all(row.ok for row in await school.refresh())
    assert await remove_account(store, at, "lotte", "fortes") is None
    assert standin.logins[-1].dead
