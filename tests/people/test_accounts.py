import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from bridge.errors import AuthFailed, BridgeError, ChoiceNeeded, ConfigError, UnknownName, UnknownPerson
from bridge.people.accounts import AddedAccount, Wanted, add_account
from bridge.store.account import State, StoredAccount
from bridge.store.schema import accounts, credentials, events
from tests.club.server import ANNA, API, CLOSED, LOTTE, SEM, TITLE, TOKEN, Club
from tests.conftest import OpenSchool, School
from tests.faults import as_usual, saying
from tests.tables import column, contents


@pytest.fixture
async def school(open_school: OpenSchool, club: Club) -> AsyncIterator[School]:
    async with open_school({"club": club.stand_in}) as opened:
        await opened.bridge.store.users.add("anna", "Anna", opened.clock())
        yield opened


async def add(
    school: School, secret: str | None, identity: str | None = None, *, user: str = "anna", **options: str
) -> AddedAccount:
    return await add_account(
        school.bridge.store,
        school.bridge.sources["club"],
        Wanted(user, identity=identity, options=options),
        school.clock,
        secret=secret,
    )


async def account(school: School) -> StoredAccount:
    (found,) = await school.bridge.store.accounts.all(user="anna")
    return found


async def test_an_account_is_stored_with_the_person_that_the_school_names(school: School, club: Club) -> None:
    added = await add(school, "refresh-anna")
    assert added.warning is None
    assert added.account == await account(school)
    assert (added.account.person, added.account.state) == (ANNA.id, State.NEW)
    assert added.account.next_due <= school.clock()


@pytest.mark.parametrize(
    ("secret", "identity", "options", "error"),
    [
        ("refresh-nobody", None, {}, AuthFailed),
        ("refresh-anna", "sem", {}, UnknownPerson),
        ("refresh-bakker", "anna", {}, UnknownPerson),
        ("refresh-bakker", None, {}, ChoiceNeeded),
        ("refresh-anna", None, {"colour": "blue"}, ConfigError),
        (None, None, {}, ConfigError),
    ],
)
async def test_what_the_school_does_not_accept_is_not_stored(
    school: School, secret: str | None, identity: str | None, options: dict[str, str], error: type[BridgeError]
) -> None:
    with pytest.raises(error) as raised:
        await add(school, secret, identity, **options)
    assert type(raised.value) is error
    assert await school.bridge.store.accounts.all() == []


async def test_refused_credentials_leave_nothing_behind(school: School) -> None:
    with pytest.raises(AuthFailed):
        await add(school, "refresh-nobody")
    assert await contents(school.bridge.store.database, accounts, credentials) == {"accounts": [], "credentials": []}


async def test_an_account_of_nobody_is_not_asked_for(school: School, club: Club) -> None:
    with pytest.raises(UnknownName, match='No user is called "bram"'):
        await add(school, "refresh-bram", user="bram")
    assert club.asked == 0


async def test_a_parent_is_told_the_children_and_may_bring_the_same_secret_again(school: School, club: Club) -> None:
    with pytest.raises(ChoiceNeeded, match="several members") as raised:
        await add(school, "refresh-bakker")
    assert raised.value.choices == (("sem", "Sem"), ("lotte", "Lotte"))
    added = await add(school, "refresh-bakker", "lotte")
    assert added.account.person == LOTTE.id
    assert club.replays == 0
    assert all(row.ok for row in await school.refresh())


async def test_two_users_may_share_one_login(school: School, club: Club) -> None:
    await school.bridge.store.users.add("sem", "Sem", school.clock())
    lotte = await add(school, "refresh-bakker", "lotte")
    sem = await add(school, "refresh-bakker", "sem", user="sem")
    assert lotte.account.credential_id == sem.account.credential_id
    club.log_out()
    assert all(row.ok for row in await school.refresh())
    assert club.replays == 0


async def test_out_of_reach_it_is_stored_with_a_warning_and_connected_later(school: School, club: Club) -> None:
    club.stand_in.faults["/"] = saying(503)
    added = await add(school, "refresh-bakker", "lotte")
    assert added.warning is not None
    assert added.warning.startswith(f"{TITLE} is out of order")
    assert (added.account.person, added.account.state) == (None, State.NEW)
    assert not any(row.ok for row in await school.refresh())
    assert (await account(school)).state is State.FAILING
    club.stand_in.faults.clear()
    assert all(row.ok for row in await school.refresh())
    assert ((await account(school)).person, (await account(school)).state) == (LOTTE.id, State.OK)
    assert club.replays == 0


async def test_a_login_that_turns_out_to_be_of_nobody_says_so_in_the_rows(school: School, club: Club) -> None:
    club.stand_in.faults["/"] = saying(503)
    await add(school, "refresh-bakker")
    club.stand_in.faults.clear()
    rows = await school.refresh()
    assert {row.error for row in rows} == {f"This login at {TITLE} has several members; choose one with --identity."}
    assert (await account(school)).state is State.FAILING


async def test_adding_again_replaces_the_secret_and_wakes_the_account(school: School, club: Club) -> None:
    await add(school, "refresh-anna")
    await school.feed("anna")
    await school.refresh()
    before = await school.ics("anna")
    club.logins[0].dead = True
    await school.refresh()
    assert (await account(school)).state is State.LOGIN_NEEDED
    login = club.logins[0]
    login.dead, login.refresh_token = False, "refresh-again"
    await add(school, "refresh-again")
    assert (await account(school)).state is State.NEW
    assert all(row.ok for row in await school.refresh())
    assert await school.ics("anna") == before
    assert len((await contents(school.bridge.store.database, credentials))["credentials"]) == 1


async def test_adding_again_while_the_school_is_out_of_reach_keeps_the_events(school: School, club: Club) -> None:
    await add(school, "refresh-anna")
    await school.feed("anna")
    await school.refresh()
    before = await school.ics("anna")
    assert "BEGIN:VEVENT" in before
    club.stand_in.faults["/"] = saying(503)
    assert (await add(school, None)).warning
    await school.bridge.publisher.publish_wanted()
    assert await school.ics("anna") == before
    club.stand_in.faults.clear()
    assert all(row.ok for row in await school.refresh())
    assert await school.ics("anna") == before


async def uids(school: School) -> set[str]:
    return set(await column(school.bridge.store.database, events.c.uid))


@pytest.mark.parametrize("reachable", [True, False])
async def test_with_another_identity_the_other_persons_events_go(school: School, club: Club, reachable: bool) -> None:
    await add(school, "refresh-bakker", "sem")
    await school.feed("anna")
    await school.refresh()
    of_sem = await uids(school)
    if not reachable:
        club.stand_in.faults["/"] = saying(503)
    added = await add(school, "refresh-bakker", "lotte")
    assert added.account.person == (LOTTE.id if reachable else None)
    club.stand_in.faults[CLOSED] = saying(500)
    club.stand_in.faults.pop("/", None)
    await school.refresh()
    assert of_sem
    assert await uids(school)
    assert not of_sem & await uids(school)
    assert "STATUS:CANCELLED" not in await school.ics("anna")
    assert "Vervalt" not in await school.ics("anna")


@pytest.mark.parametrize(("first", "second"), [("refresh-bakker", "refresh-bakker"), ("refresh-anna", "refresh-bram")])
async def test_another_account_that_is_added_in_mid_refresh_gets_no_event_of_the_first(
    school: School, club: Club, first: str, second: str
) -> None:
    await add(school, first, "sem" if first == second else None)
    inside, go_on = asyncio.Event(), asyncio.Event()

    async def wait(request: web.Request) -> web.StreamResponse:
        del club.stand_in.faults[CLOSED]
        inside.set()
        await go_on.wait()
        return await as_usual(request)

    club.stand_in.faults[CLOSED] = wait
    refreshing = asyncio.create_task(school.refresh())
    await inside.wait()
    adding = asyncio.create_task(add(school, second, "lotte" if first == second else None))
    await asyncio.wait({adding}, timeout=0.3)
    go_on.set()
    await asyncio.gather(refreshing, adding)
    assert (await account(school)).state is State.NEW
    await school.refresh()
    vanished = await column(school.bridge.store.database, events.c.vanished)
    assert vanished
    assert set(vanished) == {None}, "what the first had is told as cancelled"
    assert (await account(school)).person != (SEM if first == second else ANNA).id


async def test_a_spent_secret_is_not_sent_again(school: School, club: Club) -> None:
    async def break_off(request: web.Request) -> web.StreamResponse:
        (credential,) = (await contents(school.bridge.store.database, credentials))["credentials"]
        await (await school.bridge.store.credentials.get(credential[0])).refuse()
        return await as_usual(request)

    club.stand_in.faults[f"{API}/members"] = break_off
    with pytest.raises(UnknownPerson):
        await add(school, "refresh-anna", "sem")
    asked = club.stand_in.requests[f"POST {TOKEN}"]
    with pytest.raises(AuthFailed, match="was used before and has ended"):
        await add(school, "refresh-anna")
    assert club.stand_in.requests[f"POST {TOKEN}"] == asked


async def test_a_source_without_accounts_takes_none(open_school: OpenSchool) -> None:
    async with open_school() as school:
        holidays = school.bridge.sources["holidays"]
        with pytest.raises(ConfigError, match="takes no accounts"):
            await add_account(school.bridge.store, holidays, Wanted("anna"), school.clock)
