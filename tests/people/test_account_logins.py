"""What is kept of a login: what was granted, never a password, and nothing that nobody uses."""

import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bridge.errors import (
    AuthFailed,
    BadResponse,
    ConfigError,
    Forbidden,
    RateLimited,
    SourceError,
    Unavailable,
    UnknownName,
)
from bridge.people.accounts import AddedAccount, Wanted, add_account, keep_granted, remove_account, remove_user
from bridge.store.account import NewAccount, State
from bridge.store.schema import accounts, credentials
from bridge.store.storage import Store
from bridge.upstream.capabilities import Granted
from bridge.upstream.configured import ConfiguredSource
from bridge.upstream.credential import AccessToken
from tests.club.server import ANNA, API, TITLE, Club, password_of
from tests.conftest import OpenSchool, School, SettableClock
from tests.faults import saying
from tests.tables import contents

REVOKE = "POST /oauth2/revoke"
NOTHING: dict[str, list[tuple[object, ...]]] = {"accounts": [], "credentials": []}


@pytest.fixture
async def school(open_school: OpenSchool, club: Club) -> AsyncIterator[School]:
    async with open_school({"club": club.stand_in}, club={"passwords": True}) as opened:
        for name in ("anna", "parent"):
            await opened.bridge.store.users.add(name, name, opened.clock())
        yield opened


async def add(school: School, password: str | None = password_of(ANNA), **options: str) -> AddedAccount:
    return await add_account(
        school.bridge.store,
        school.bridge.sources["club"],
        Wanted("anna", identity=ANNA.id, options=options),
        school.clock,
        secret=password,
    )


async def logins(store: Store) -> dict[str, list[tuple[object, ...]]]:
    return await contents(store.database, accounts, credentials)


def ended(club: Club) -> list[bool]:
    """Whether each login that was given for a password has ended."""
    return [login.dead for login in club.exchanged]


async def test_a_password_is_exchanged_and_neither_it_nor_its_hash_is_kept(
    school: School, store: Store, club: Club
) -> None:
    added = await add(school)
    assert (added.warning, added.account.person, added.account.identity) == (None, ANNA.id, ANNA.id)
    assert added.account.credential_id is not None
    (login,) = club.exchanged
    (granted,) = login.spent
    assert (await store.credentials.get(added.account.credential_id)).secret == login.refresh_token
    told = str(await contents(store.database))
    assert hashlib.sha256(granted.encode()).hexdigest() in told
    for kept in (
        granted,
        login.refresh_token,
        password_of(ANNA),
        hashlib.sha256(password_of(ANNA).encode()).hexdigest(),
    ):
        assert kept not in told
    assert all(row.ok for row in await school.refresh())


async def test_a_wrong_password_leaves_nothing_behind(school: School, store: Store) -> None:
    with pytest.raises(AuthFailed, match="does not know this member with this password"):
        await add(school, "wrong")
    assert await logins(store) == NOTHING


@pytest.mark.parametrize(
    ("status", "kind"), [(503, Unavailable), (429, RateLimited), (404, BadResponse), (200, BadResponse)]
)
async def test_a_password_that_cannot_be_exchanged_now_is_not_kept_for_later(
    school: School, store: Store, club: Club, status: int, kind: type[SourceError]
) -> None:
    club.stand_in.faults["/"] = saying(status, Retry_After="60")
    with pytest.raises(kind, match=r"\. Passwords are not kept, so nothing is stored: add the account again later\.$"):
        await add(school)
    assert await logins(store) == NOTHING


async def test_once_it_is_exchanged_the_account_is_stored_even_if_more_cannot_be_asked(
    school: School, club: Club
) -> None:
    club.stand_in.faults[API] = saying(503)
    added = await add(school)
    assert added.warning is not None
    assert added.account.person is None
    club.stand_in.faults.clear()
    assert all(row.ok for row in await school.refresh())


async def test_a_login_that_comes_to_nothing_is_ended_and_forgotten(school: School, store: Store, club: Club) -> None:
    club.stand_in.faults[API] = saying(403)
    with pytest.raises(Forbidden):
        await add(school)
    assert ended(club) == [True]
    assert await logins(store) == NOTHING


async def test_an_unknown_option_is_refused_before_the_password_is_sent(
    school: School, store: Store, club: Club
) -> None:
    with pytest.raises(ConfigError, match="no option colour"):
        await add(school, colour="blue")
    assert club.exchanged == []
    assert await logins(store) == NOTHING


async def test_without_a_password_the_login_goes_on(school: School, club: Club) -> None:
    first = await add(school)
    assert (await add(school, None)).account.credential_id == first.account.credential_id
    assert len(club.exchanged) == 1


async def test_a_login_that_ended_is_asked_for_no_more_until_the_password_comes_again(
    school: School, store: Store, club: Club
) -> None:
    await add(school)
    club.exchanged[0].dead = True
    row, *_ = await school.refresh()
    assert row.error is not None
    assert "needs a new login" in row.error
    (account,) = await store.accounts.all()
    assert account.state is State.LOGIN_NEEDED
    club.stand_in.requests.clear()
    assert not any(row.ok for row in await school.refresh())
    assert not club.stand_in.requests
    await add(school)
    assert all(row.ok for row in await school.refresh())
    assert len((await logins(store))["credentials"]) == 1


async def test_removing_an_account_ends_its_login(
    school: School, store: Store, at: ConfiguredSource, club: Club
) -> None:
    await add(school)
    assert ended(club) == [False]
    assert await remove_account(store, at, "anna", "club", store.credentials.now) is None
    assert ended(club) == [True]
    assert await logins(store) == NOTHING


async def test_a_login_that_another_account_uses_goes_on(
    school: School, store: Store, at: ConfiguredSource, club: Club
) -> None:
    first = await add(school)
    await store.accounts.put(
        NewAccount("parent", "club", identity=ANNA.id, person=ANNA.id, credential_id=first.account.credential_id),
        school.clock(),
    )
    assert await remove_account(store, at, "anna", "club", store.credentials.now) is None
    assert ended(club) == [False]
    assert all(row.ok for row in await school.refresh())
    assert await remove_account(store, at, "parent", "club", store.credentials.now) is None
    assert ended(club) == [True]


async def test_out_of_reach_an_account_is_removed_with_a_warning(
    school: School, store: Store, at: ConfiguredSource, club: Club
) -> None:
    await add(school)
    club.stand_in.faults["/"] = saying(503)
    warning = await remove_account(store, at, "anna", "club", store.credentials.now)
    assert warning == f"{TITLE} is out of order (HTTP 503). The login may still be valid there."
    assert club.stand_in.requests[REVOKE] == 1
    assert await logins(store) == NOTHING


@pytest.mark.parametrize("reachable", [True, False])
async def test_removing_a_user_ends_their_logins(school: School, store: Store, club: Club, reachable: bool) -> None:
    await add(school)
    if not reachable:
        club.stand_in.faults["/"] = saying(503)
    warnings = await remove_user(store, school.bridge.sources, "anna", school.clock())
    assert [warning.endswith("may still be valid there.") for warning in warnings] == ([] if reachable else [True])
    assert ended(club) == [reachable]
    assert await logins(store) == NOTHING
    with pytest.raises(UnknownName, match='No user is called "anna"'):
        await remove_user(store, school.bridge.sources, "anna", school.clock())


async def test_an_account_at_a_source_that_is_not_set_any_more_can_be_removed(school: School, store: Store) -> None:
    await add(school)
    assert await remove_account(store, None, "anna", "club", store.credentials.now) is None
    assert await logins(store) == NOTHING


async def test_an_account_that_is_not_there_cannot_be_removed(store: Store, at: ConfiguredSource, club: Club) -> None:
    for source in (at, None):
        with pytest.raises(UnknownName, match="anna has no account at club"):
            await remove_account(store, source, "anna", "club", store.credentials.now)
    assert not club.stand_in.requests


async def test_what_is_granted_is_kept_with_its_access_token(store: Store, clock: SettableClock) -> None:
    access = AccessToken("opens-the-api", clock() + timedelta(hours=1), {"api": "https://example.nl"})
    kept = await keep_granted(store, "club", Granted("refresh-1", access))
    assert (kept.secret, kept.access) == ("refresh-1", access)
    read = await store.credentials.get(kept.id)
    assert (read.secret, read.access, read.dead) == ("refresh-1", access, False)
    again = await keep_granted(store, "club", Granted("refresh-1"))
    assert (again.id, again.access) == (kept.id, access)
