import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from bridge.errors import AuthFailed, BridgeError, ChoiceNeeded, ConfigError, UnknownName, UnknownPerson
from bridge.people.accounts import AddedAccount, add_account
from bridge.sources.somtoday.standin.server import ANNA, LOTTE, SEM
from bridge.store.accounts import State, StoredAccount
from bridge.store.schema import accounts, credentials, events
from tests.conftest import OpenSchool, School, SettableClock
from tests.fortes import API, TOKEN, Fortes, as_usual, fortes, saying
from tests.tables import contents


@pytest.fixture
def server(clock: SettableClock) -> Fortes:
    return fortes(clock)


@pytest.fixture
async def school(open_school: OpenSchool, server: Fortes) -> AsyncIterator[School]:
    async with open_school({"fortes": server.stand_in}) as opened:
        await opened.bridge.store.users.add("anna", "Anna", opened.clock())
        yield opened


async def add(
    school: School, secret: str | None, identity: str | None = None, *, user: str = "anna", **options: str
) -> AddedAccount:
    return await add_account(
        school.bridge.store,
        school.bridge.sources["fortes"],
        user,
        identity=identity,
        secret=secret,
        options=options,
        clock=school.clock,
    )


async def account(school: School) -> StoredAccount:
    (found,) = await school.bridge.store.accounts.all(user="anna")
    return found


async def test_an_account_is_stored_with_the_person_that_the_school_names(school: School, server: Fortes) -> None:
    added = await add(school, "refresh-anna")
    assert added.warning is None
    assert added.account == await account(school)
    assert (added.account.person, added.account.state) == (str(ANNA.key), State.NEW)
    assert added.account.next_due <= school.clock()


@pytest.mark.parametrize(
    ("secret", "identity", "options", "error"),
    [
        ("refresh-nobody", None, {}, AuthFailed),
        ("refresh-anna", "1", {}, UnknownPerson),
        ("refresh-bakker", "Cas", {}, UnknownPerson),
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


async def test_an_account_of_nobody_is_not_asked_for(school: School, server: Fortes) -> None:
    with pytest.raises(UnknownName, match='No user is called "bram"'):
        await add(school, "refresh-bram", user="bram")
    assert server.asked == 0


async def test_a_parent_is_told_the_children_and_may_bring_the_same_secret_again(
    school: School, server: Fortes
) -> None:
    with pytest.raises(ChoiceNeeded, match="several pupils") as raised:
        await add(school, "refresh-bakker")
    assert raised.value.choices == (("119373", "Sem"), ("119374", "Lotte"))
    added = await add(school, "refresh-bakker", "119374")
    assert added.account.person == str(LOTTE.key)
    assert server.standin.replays == 0
    assert all(row.ok for row in await school.refresh())


async def test_two_users_may_share_one_login(school: School, server: Fortes) -> None:
    await school.bridge.store.users.add("sem", "Sem", school.clock())
    lotte = await add(school, "refresh-bakker", "Lotte")
    sem = await add(school, "refresh-bakker", "Sem", user="sem")
    assert lotte.account.credential_id == sem.account.credential_id
    server.log_out()
    assert all(row.ok for row in await school.refresh())
    assert server.standin.replays == 0


async def test_out_of_reach_it_is_stored_with_a_warning_and_connected_later(school: School, server: Fortes) -> None:
    server.stand_in.faults["/"] = saying(503)
    added = await add(school, "refresh-bakker", "119374")
    assert added.warning is not None
    assert added.warning.startswith("Fortes Lyceum is out of order")
    assert (added.account.person, added.account.state) == (None, State.NEW)
    assert not any(row.ok for row in await school.refresh())
    assert (await account(school)).state is State.FAILING
    server.stand_in.faults.clear()
    assert all(row.ok for row in await school.refresh())
    assert ((await account(school)).person, (await account(school)).state) == (str(LOTTE.key), State.OK)
    assert server.standin.replays == 0


async def test_a_login_that_turns_out_to_be_of_nobody_says_so_in_the_rows(school: School, server: Fortes) -> None:
    server.stand_in.faults["/"] = saying(503)
    await add(school, "refresh-bakker")
    server.stand_in.faults.clear()
    rows = await school.refresh()
    assert {row.error for row in rows} == {
        "This login at Fortes Lyceum has several pupils; choose one with --identity."
    }
    assert (await account(school)).state is State.FAILING


async def test_adding_again_replaces_the_secret_and_wakes_the_account(school: School, server: Fortes) -> None:
    await add(school, "refresh-anna")
    await school.feed("anna")
    await school.refresh()
    before = await school.ics("anna")
    server.standin.logins[0].dead = True
    await school.refresh()
    assert (await account(school)).state is State.LOGIN_NEEDED
    login = server.standin.logins[0]
    login.dead, login.refresh_token = False, "refresh-again"
    await add(school, "refresh-again")
    assert (await account(school)).state is State.NEW
    assert all(row.ok for row in await school.refresh())
    assert await school.ics("anna") == before
    assert len((await contents(school.bridge.store.database, credentials))["credentials"]) == 1


async def test_adding_again_while_the_school_is_out_of_reach_keeps_the_events(school: School, server: Fortes) -> None:
    await add(school, "refresh-anna")
    await school.feed("anna")
    await school.refresh()
    before = await school.ics("anna")
    assert "BEGIN:VEVENT" in before
    server.stand_in.faults["/"] = saying(503)
    assert (await add(school, None)).warning
    await school.bridge.publisher.publish_wanted()
    assert await school.ics("anna") == before
    server.stand_in.faults.clear()
    assert all(row.ok for row in await school.refresh())
    assert await school.ics("anna") == before


async def uids(school: School) -> set[str]:
    return {row[3] for row in (await contents(school.bridge.store.database, events))["events"]}


@pytest.mark.parametrize("reachable", [True, False])
async def test_with_another_identity_the_other_persons_events_go(
    school: School, server: Fortes, reachable: bool
) -> None:
    await add(school, "refresh-bakker", "Sem")
    await school.feed("anna")
    await school.refresh()
    of_sem = await uids(school)
    if not reachable:
        server.stand_in.faults["/"] = saying(503)
    added = await add(school, "refresh-bakker", "Lotte")
    assert added.account.person == (str(LOTTE.key) if reachable else None)
    server.stand_in.faults["/rest/v1/absentiemeldingen"] = saying(500)
    server.stand_in.faults.pop("/", None)
    await school.refresh()
    assert of_sem
    assert await uids(school)
    assert not of_sem & await uids(school)
    assert "STATUS:CANCELLED" not in await school.ics("anna")
    assert "Vervalt" not in await school.ics("anna")


@pytest.mark.parametrize(("first", "second"), [("refresh-bakker", "refresh-bakker"), ("refresh-anna", "refresh-bram")])
async def test_another_account_that_is_added_in_mid_refresh_gets_no_event_of_the_first(
    school: School, server: Fortes, first: str, second: str
) -> None:
    await add(school, first, "Sem" if first == second else None)
    inside, go_on = asyncio.Event(), asyncio.Event()

    async def wait(request: web.Request) -> web.StreamResponse:
        del server.stand_in.faults[f"{API}/vakanties"]
        inside.set()
        await go_on.wait()
        return await as_usual(request)

    server.stand_in.faults[f"{API}/vakanties"] = wait
    refreshing = asyncio.create_task(school.refresh())
    await inside.wait()
    adding = asyncio.create_task(add(school, second, "Lotte" if first == second else None))
    await asyncio.wait({adding}, timeout=0.3)
    go_on.set()
    await asyncio.gather(refreshing, adding)
    assert (await account(school)).state is State.NEW
    await school.refresh()
    stored = await contents(school.bridge.store.database, events)
    assert stored["events"]
    assert all(row[9] is None for row in stored["events"]), "what the first had is told as cancelled"
    assert (await account(school)).person != str(SEM.key if first == second else ANNA.key)


async def test_a_spent_secret_is_not_sent_again(school: School, server: Fortes) -> None:
    async def break_off(request: web.Request) -> web.StreamResponse:
        (credential,) = (await contents(school.bridge.store.database, credentials))["credentials"]
        await (await school.bridge.store.credentials.get(credential[0])).refuse()
        return await as_usual(request)

    server.stand_in.faults[f"{API}/leerlingen"] = break_off
    with pytest.raises(UnknownPerson):
        await add(school, "refresh-anna", "1")
    asked = server.stand_in.requests[f"POST {TOKEN}"]
    with pytest.raises(AuthFailed, match="was used before and has ended"):
        await add(school, "refresh-anna")
    assert server.stand_in.requests[f"POST {TOKEN}"] == asked


async def test_a_source_without_accounts_takes_none(open_school: OpenSchool) -> None:
    async with open_school() as school:
        holidays = school.bridge.sources["holidays"]
        with pytest.raises(ConfigError, match="takes no accounts"):
            await add_account(
                school.bridge.store, holidays, "anna", identity=None, secret=None, options={}, clock=school.clock
            )
