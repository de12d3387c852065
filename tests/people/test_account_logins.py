"""What is kept of a login: what was granted, never a password, and nothing that nobody uses."""

import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bridge.errors import AuthFailed, BadResponse, ConfigError, RateLimited, SourceError, Unavailable, UnknownName
from bridge.people.accounts import AddedAccount, add_account, keep_granted, remove_account, remove_user
from bridge.sources.checkin.standin.programme import Student
from bridge.sources.checkin.standin.server import CheckinServer, make_server, stand_in_of
from bridge.store.accounts import State
from bridge.store.schema import accounts, credentials
from bridge.store.storage import Store
from bridge.upstream.capabilities import Granted
from bridge.upstream.configured import ConfiguredSource
from bridge.upstream.oauth import AccessToken
from bridge.upstream.standin import StandIn
from tests.conftest import OpenSchool, School, SettableClock
from tests.fortes import saying
from tests.tables import contents

LOGOUT = "POST /api/v1/sanctum/logout"
NOTHING: dict[str, list[tuple[object, ...]]] = {"accounts": [], "credentials": []}


@pytest.fixture
def standin(clock: SettableClock) -> CheckinServer:
    return make_server(clock)


@pytest.fixture
def yara(standin: CheckinServer) -> Student:
    return standin.programme.students[0]


@pytest.fixture
def stand_in(standin: CheckinServer) -> StandIn:
    return stand_in_of(standin)


@pytest.fixture
async def school(open_school: OpenSchool, stand_in: StandIn) -> AsyncIterator[School]:
    async with open_school({"checkin": stand_in}) as opened:
        for name in ("yara", "parent"):
            await opened.bridge.store.users.add(name, name, opened.clock())
        yield opened


@pytest.fixture
def store(school: School) -> Store:
    return school.bridge.store


@pytest.fixture
def at(school: School) -> ConfiguredSource:
    return school.bridge.sources["checkin"]


async def add(school: School, student: Student, password: str | None = None, **options: str) -> AddedAccount:
    return await add_account(
        school.bridge.store,
        school.bridge.sources["checkin"],
        "yara",
        identity=student.email,
        secret=password or student.password,
        options=options,
        clock=school.clock,
    )


async def go_on(school: School, student: Student) -> AddedAccount:
    """Add the account again, without a password."""
    return await add_account(
        school.bridge.store,
        school.bridge.sources["checkin"],
        "yara",
        identity=student.email,
        secret=None,
        options={},
        clock=school.clock,
    )


async def logins(store: Store) -> dict[str, list[tuple[object, ...]]]:
    return await contents(store.database, accounts, credentials)


async def test_a_password_is_exchanged_and_neither_it_nor_its_hash_is_kept(
    school: School, store: Store, yara: Student
) -> None:
    added = await add(school, yara)
    assert (added.warning, added.account.person, added.account.identity) == (None, "47", yara.email)
    assert added.account.credential_id is not None
    (token,) = yara.tokens
    assert (await store.credentials.get(added.account.credential_id)).secret == token
    told = str(await contents(store.database))
    assert hashlib.sha256(token.encode()).hexdigest() in told
    for kept in (token, yara.password, hashlib.sha256(yara.password.encode()).hexdigest()):
        assert kept not in told
    assert all(row.ok for row in await school.refresh())


async def test_a_wrong_password_leaves_nothing_behind(school: School, store: Store, yara: Student) -> None:
    with pytest.raises(AuthFailed, match="does not know this e-mail address with this password"):
        await add(school, yara, "wrong")
    assert await logins(store) == NOTHING


@pytest.mark.parametrize(
    ("status", "kind"), [(503, Unavailable), (429, RateLimited), (404, BadResponse), (200, BadResponse)]
)
async def test_a_password_that_cannot_be_exchanged_now_is_not_kept_for_later(
    school: School, store: Store, stand_in: StandIn, yara: Student, status: int, kind: type[SourceError]
) -> None:
    stand_in.faults["/"] = saying(status, Retry_After="60")
    with pytest.raises(kind, match=r"\. Passwords are not kept, so nothing is stored: add the account again later\.$"):
        await add(school, yara)
    assert await logins(store) == NOTHING


async def test_once_it_is_exchanged_the_account_is_stored_even_if_more_cannot_be_asked(
    school: School, stand_in: StandIn, yara: Student
) -> None:
    stand_in.faults["/api/v1/user"] = saying(503)
    added = await add(school, yara)
    assert added.warning is not None
    assert added.account.person is None
    stand_in.faults.clear()
    assert all(row.ok for row in await school.refresh())


async def test_a_login_that_comes_to_nothing_is_ended_and_forgotten(
    school: School, store: Store, yara: Student, standin: CheckinServer
) -> None:
    with pytest.raises(ConfigError, match="no option colour"):
        await add(school, yara, colour="blue")
    assert standin.passwords == 1
    assert yara.tokens == set()
    assert await logins(store) == NOTHING


async def test_without_a_password_the_login_goes_on(school: School, yara: Student, standin: CheckinServer) -> None:
    first = await add(school, yara)
    assert (await go_on(school, yara)).account.credential_id == first.account.credential_id
    assert standin.passwords == 1


async def test_a_login_that_ended_is_asked_for_no_more_until_the_password_comes_again(
    school: School, store: Store, stand_in: StandIn, yara: Student
) -> None:
    await add(school, yara)
    stand_in.controls["withdraw-tokens"]()
    (row,) = await school.refresh()
    assert row.error is not None
    assert "no longer takes this login" in row.error
    (account,) = await store.accounts.all()
    assert account.state is State.LOGIN_NEEDED
    stand_in.requests.clear()
    assert not any(row.ok for row in await school.refresh())
    assert not stand_in.requests
    await add(school, yara)
    assert all(row.ok for row in await school.refresh())
    assert len((await logins(store))["credentials"]) == 1


async def test_removing_an_account_ends_its_login(
    school: School, store: Store, at: ConfiguredSource, yara: Student
) -> None:
    await add(school, yara)
    assert yara.tokens
    assert await remove_account(store, at, "yara", "checkin") is None
    assert yara.tokens == set()
    assert await logins(store) == NOTHING


async def test_a_login_that_another_account_uses_goes_on(
    school: School, store: Store, at: ConfiguredSource, yara: Student
) -> None:
    first = await add(school, yara)
    await store.accounts.put(
        "parent",
        "checkin",
        identity=yara.email,
        person="47",
        options={},
        credential_id=first.account.credential_id,
        now=school.clock(),
    )
    assert await remove_account(store, at, "yara", "checkin") is None
    assert yara.tokens
    assert all(row.ok for row in await school.refresh())
    assert await remove_account(store, at, "parent", "checkin") is None
    assert yara.tokens == set()


async def test_out_of_reach_an_account_is_removed_with_a_warning(
    school: School, store: Store, at: ConfiguredSource, stand_in: StandIn, yara: Student
) -> None:
    await add(school, yara)
    stand_in.faults["/"] = saying(503)
    warning = await remove_account(store, at, "yara", "checkin")
    assert warning == "Check-in HBO-ICT is out of order (HTTP 503). The login may still be valid there."
    assert stand_in.requests[LOGOUT] == 1
    assert await logins(store) == NOTHING


@pytest.mark.parametrize("reachable", [True, False])
async def test_removing_a_user_ends_their_logins(
    school: School, store: Store, stand_in: StandIn, yara: Student, reachable: bool
) -> None:
    await add(school, yara)
    if not reachable:
        stand_in.faults["/"] = saying(503)
    warnings = await remove_user(store, school.bridge.sources, "yara", school.clock())
    assert [warning.endswith("may still be valid there.") for warning in warnings] == ([] if reachable else [True])
    assert bool(yara.tokens) is not reachable
    assert await logins(store) == NOTHING
    with pytest.raises(UnknownName, match='No user is called "yara"'):
        await remove_user(store, school.bridge.sources, "yara", school.clock())


async def test_an_account_at_a_source_that_is_not_set_any_more_can_be_removed(
    school: School, store: Store, yara: Student
) -> None:
    await add(school, yara)
    assert await remove_account(store, None, "yara", "checkin") is None
    assert await logins(store) == NOTHING


async def test_an_account_that_is_not_there_cannot_be_removed(
    store: Store, at: ConfiguredSource, stand_in: StandIn
) -> None:
    for source in (at, None):
        with pytest.raises(UnknownName, match="yara has no account at checkin"):
            await remove_account(store, source, "yara", "checkin")
    assert not stand_in.requests


async def test_what_is_granted_is_kept_with_its_access_token(store: Store, clock: SettableClock) -> None:
    access = AccessToken("opens-the-api", clock() + timedelta(hours=1), {"api": "https://example.nl"})
    kept = await keep_granted(store, "checkin", Granted("refresh-1", access))
    assert (kept.secret, kept.access) == ("refresh-1", access)
    read = await store.credentials.get(kept.id)
    assert (read.secret, read.access, read.spent) == ("refresh-1", access, False)
    again = await keep_granted(store, "checkin", Granted("refresh-1"))
    assert (again.id, again.access) == (kept.id, access)
