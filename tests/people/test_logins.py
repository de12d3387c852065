"""Accounts that are logged in with a browser: one login each, none lost, none left behind."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bridge.errors import AuthFailed, ChoiceNeeded, ConfigError, LoginMistake, UnknownName, UnknownPerson
from bridge.people.accounts import AddedAccount, Wanted, add_account, remove_account
from bridge.people.logins import begin_login, finish_login, resume_login
from bridge.store.account import State, StoredAccount
from bridge.store.schema import accounts, credentials
from bridge.store.storage import Store
from bridge.upstream.configured import ConfiguredSource
from tests.browser import logged_in
from tests.club.server import ANNA, API, LOTTE, SEM, TITLE, Club
from tests.conftest import OpenSchool, School, SettableClock
from tests.faults import saying
from tests.tables import contents

AS_ANNA, AS_BAKKER = 0, 2


@pytest.fixture
async def school(open_school: OpenSchool, club: Club) -> AsyncIterator[School]:
    async with open_school({"club": club.stand_in}) as opened:
        for name in ("anna", "sem", "lotte"):
            await opened.bridge.store.users.add(name, name, opened.clock())
        yield opened


async def log_in(school: School, user: str, number: int, identity: str | None = None, **options: str) -> AddedAccount:
    store, at = school.bridge.store, school.bridge.sources["club"]
    attempt = await begin_login(store, at, user)
    pasted = await logged_in(attempt.address, number)
    return await finish_login(
        store, at, Wanted(user, identity=identity, options=options), attempt, pasted, school.clock
    )


async def account(store: Store, user: str) -> StoredAccount:
    (found,) = await store.accounts.all(user=user)
    return found


async def test_from_nothing_to_lessons(school: School, club: Club) -> None:
    added = await log_in(school, "anna", AS_ANNA)
    assert (added.warning, added.account.person, added.account.state) == (None, ANNA.id, State.NEW)
    assert all(row.ok for row in await school.refresh())
    assert (club.grants, club.replays) == (1, 0), "the access token that came with the login is used"


async def test_logging_in_again_replaces_a_dead_token_and_wakes_the_account(
    school: School, store: Store, club: Club
) -> None:
    await log_in(school, "anna", AS_ANNA)
    await school.refresh()
    kept = [entry.uid for entry in await store.events.of_part((await account(store, "anna")).id, "schedule")]  # type: ignore[arg-type] # a Part is a text
    club.logins[-1].dead = True
    await school.refresh()
    assert (await account(store, "anna")).state is State.LOGIN_NEEDED
    again = await log_in(school, "anna", AS_ANNA)
    assert (again.account.identity, again.account.state) == (ANNA.id, State.NEW)
    assert all(row.ok and not (row.added or row.changed or row.removed) for row in await school.refresh())
    assert [entry.uid for entry in await store.events.of_part(again.account.id, "schedule")] == kept  # type: ignore[arg-type] # a Part is a text
    assert len((await contents(store.database, credentials))["credentials"]) == 1


async def test_a_login_that_is_replaced_while_it_lives_is_ended(school: School, store: Store, club: Club) -> None:
    await log_in(school, "anna", AS_ANNA)
    first = club.logins[-1]
    await log_in(school, "anna", AS_ANNA)
    assert first.dead
    assert not club.logins[-1].dead
    assert all(row.ok for row in await school.refresh())


async def test_a_token_of_sixty_days_is_dead_and_a_login_in_the_middle_of_a_refresh_is_not_lost(
    school: School, store: Store, club: Club, clock: SettableClock
) -> None:
    await log_in(school, "anna", AS_ANNA)
    clock.now += timedelta(days=61)
    club.logins[-1].dead = True
    found = await account(store, "anna")
    _, again = await asyncio.gather(school.bridge.refresher.refresh(found), log_in(school, "anna", AS_ANNA))
    assert again.account.credential_id != found.credential_id
    assert all(row.ok for row in await school.refresh())
    assert (await account(store, "anna")).state is State.OK


async def test_a_bad_paste_costs_nothing(school: School, store: Store, at: ConfiguredSource) -> None:
    attempt = await begin_login(store, at, "anna")
    for pasted, error in ((attempt.address, LoginMistake), ("Zk3hT9xVb2LqP0cWn7RsYe5A", AuthFailed)):
        with pytest.raises(error):
            await finish_login(store, at, Wanted("anna"), attempt, pasted, school.clock)
    assert await contents(store.database, accounts, credentials) == {"accounts": [], "credentials": []}
    pasted = await logged_in(attempt.address)
    await finish_login(store, at, Wanted("anna"), attempt, pasted, school.clock)
    assert (await account(store, "anna")).person == ANNA.id


async def test_a_parent_chooses_after_the_login_without_another(
    school: School, store: Store, at: ConfiguredSource, club: Club
) -> None:
    with pytest.raises(ChoiceNeeded) as raised:
        await log_in(school, "sem", AS_BAKKER)
    assert raised.value.choices == (("sem", "Sem"), ("lotte", "Lotte"))
    assert not club.logins[-1].dead
    with pytest.raises(UnknownPerson):
        await resume_login(store, at, "sem", identity="anna", clock=school.clock)
    resumed = await resume_login(store, at, "sem", identity="sem", clock=school.clock)
    assert resumed is not None
    assert resumed.account.person == SEM.id
    assert await resume_login(store, at, "sem", identity="lotte", clock=school.clock) is None, "it has been chosen"
    assert all(row.ok for row in await school.refresh())
    assert club.replays == 0


async def test_a_login_without_a_choice_shows_what_is_missing(school: School, store: Store) -> None:
    with pytest.raises(ChoiceNeeded):
        await log_in(school, "sem", AS_BAKKER)
    assert all(not row.ok for row in await school.refresh())
    found = await account(store, "sem")
    assert found.state is State.FAILING
    assert found.last_error == f"This login at {TITLE} has several members; choose one with --identity."


async def test_a_login_as_somebody_else_is_ended_and_the_account_stays_as_it_was(
    school: School, store: Store, club: Club
) -> None:
    await log_in(school, "anna", AS_ANNA)
    before = await account(store, "anna")
    with pytest.raises(UnknownPerson):
        await log_in(school, "anna", AS_BAKKER)
    assert club.logins[-1].dead
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
            await begin_login(school.bridge.store, school.bridge.sources["informat"], "anna")


async def test_out_of_reach_after_the_login_it_is_stored_with_a_warning(school: School, club: Club) -> None:
    club.stand_in.faults[API] = saying(500)
    added = await log_in(school, "anna", AS_ANNA)
    assert added.warning is not None
    club.stand_in.faults.clear()
    assert all(row.ok for row in await school.refresh())


async def share(school: School, user: str, identity: str, login_of: str) -> AddedAccount:
    return await add_account(
        school.bridge.store,
        school.bridge.sources["club"],
        Wanted(user, identity=identity),
        school.clock,
        login_of=login_of,
    )


async def test_two_children_share_one_token_family_through_fifty_refreshes_of_both_at_once(
    school: School, store: Store, club: Club, clock: SettableClock
) -> None:
    club.lifetime = timedelta(seconds=1)
    sem = (await log_in(school, "sem", AS_BAKKER, "sem")).account
    lotte = (await share(school, "lotte", "lotte", "sem")).account
    assert (sem.credential_id, sem.lock) == (lotte.credential_id, lotte.lock)
    assert lotte.person == LOTTE.id
    families = len(club.logins)
    for _ in range(50):
        clock.now += timedelta(seconds=2)
        rows = await asyncio.gather(*(school.bridge.refresher.refresh(child) for child in (sem, lotte)))
        assert all(row.ok for each in rows for row in each)
    assert club.replays == 0
    assert len(club.logins) == families
    assert not club.logins[-1].dead
    assert club.grants >= 50


async def test_only_a_login_that_is_there_can_be_shared(school: School) -> None:
    with pytest.raises(UnknownName, match="sem has no login at club"):
        await share(school, "lotte", "lotte", "sem")


async def test_a_new_login_is_for_all_who_shared_the_old_one(school: School, store: Store, club: Club) -> None:
    await log_in(school, "sem", AS_BAKKER, "sem")
    await share(school, "lotte", "lotte", "sem")
    club.logins[-1].dead = True
    await school.refresh()
    assert {(await account(store, child)).state for child in ("sem", "lotte")} == {State.LOGIN_NEEDED}
    await log_in(school, "sem", AS_BAKKER)
    assert all(row.ok for row in await school.refresh())
    assert {(await account(store, child)).state for child in ("sem", "lotte")} == {State.OK}
    assert len((await contents(store.database, credentials))["credentials"]) == 1


async def test_removing_one_child_leaves_the_login_to_the_other_and_removing_both_ends_it(
    school: School, store: Store, at: ConfiguredSource, club: Club
) -> None:
    await log_in(school, "sem", AS_BAKKER, "sem")
    await share(school, "lotte", "lotte", "sem")
    assert await remove_account(store, at, "sem", "club", store.credentials.now) is None
    assert not club.logins[-1].dead
    assert all(row.ok for row in await school.refresh())
    assert await remove_account(store, at, "lotte", "club", store.credentials.now) is None
    assert club.logins[-1].dead
