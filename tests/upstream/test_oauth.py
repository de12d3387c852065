import asyncio
import gc
import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp import web
from yarl import URL

from bridge.errors import Unavailable
from bridge.store.account import State, StoredAccount
from bridge.store.credentials import StoredCredential
from bridge.store.lock import for_exchange
from bridge.sync.outcome import Row
from bridge.upstream.oauth import RefreshTokenGrant
from bridge.upstream.session import new_session
from bridge.upstream.surroundings import Surroundings
from tests.club.server import API, APP, TITLE, TOKEN, Club
from tests.conftest import OpenSchool, School
from tests.faults import Handler, as_usual, saying


@pytest.fixture
def storage_url(sqlite_url: str) -> str:
    """One sort of storage is enough here: tests/store/ tries both."""
    return sqlite_url


@pytest.fixture
async def school(open_school: OpenSchool, club: Club) -> AsyncIterator[School]:
    """A bridge with Anna's account."""
    async with open_school({"club": club.stand_in}) as opened:
        await opened.add("anna", "club")
        yield opened


async def account(school: School) -> StoredAccount:
    (found,) = await school.bridge.store.accounts.all()
    return found


async def login(school: School) -> StoredCredential:
    number = (await account(school)).credential_id
    assert number is not None
    return await school.bridge.store.credentials.get(number)


async def test_an_access_token_is_used_for_as_long_as_it_lasts(school: School, club: Club) -> None:
    for _ in range(3):
        school.clock.forward(minutes=17)
        assert all(row.ok for row in await school.refresh())
    assert club.grants == 1
    school.clock.forward(minutes=4)  # the hour less five minutes is over
    assert all(row.ok for row in await school.refresh())
    assert club.grants == 2


async def test_a_new_refresh_token_is_kept_before_its_access_token_is_used(school: School, club: Club) -> None:
    checked = []

    async def look(request: web.Request) -> web.StreamResponse:
        checked.append((await login(school)).secret == club.logins[0].refresh_token)
        return await as_usual(request)

    club.stand_in.faults[API] = look
    club.lifetime = timedelta(0.9)
    for _ in range(3):
        club.log_out()
        await school.refresh()
    assert len(checked) == 12
    assert all(checked)


async def test_no_other_process_sends_a_secret_while_it_is_out(school: School, club: Club) -> None:
    taken = []

    async def look(request: web.Request) -> web.StreamResponse:
        taken.append(await school.bridge.store.locks.take(for_exchange((await login(school)).id)))
        return await as_usual(request)

    club.stand_in.faults[TOKEN] = look
    club.log_out()
    await school.refresh()
    assert taken == [None]
    assert await school.bridge.store.locks.take(for_exchange((await login(school)).id))


async def test_fifty_refreshes_at_once_with_tokens_of_a_moment_replay_nothing(school: School, club: Club) -> None:
    club.lifetime = timedelta(seconds=0.9)  # told as 0 s: each request needs a new one
    club.log_out()
    anna = await account(school)
    rows: list[list[Row]] = await asyncio.gather(*(school.bridge.refresher.refresh(anna) for _ in range(50)))
    assert all(row.ok for found in rows for row in found)
    assert club.grants > 90
    assert club.replays == 0


async def test_refreshes_over_months_replay_nothing(school: School, club: Club) -> None:
    for _ in range(30):
        school.clock.forward(days=2, minutes=7)
        await school.refresh(accept=True)
    assert club.grants == 31
    assert club.replays == 0
    assert (await account(school)).state is State.OK


async def test_a_refused_refresh_token_ends_the_login_and_all_requests(school: School, club: Club) -> None:
    club.logins[0].dead = True
    rows = await school.refresh()
    assert {row.error for row in rows} == {f"{TITLE} needs a new login: the old one has expired or was withdrawn."}
    assert (await account(school)).state is State.LOGIN_NEEDED
    asked = club.asked
    for _ in range(3):
        school.clock.forward(hours=1)
        assert [row.ok for row in await school.refresh()] == [False]
    assert await school.bridge.store.claims.claim(school.clock(), ["club"], limit=9) == []
    assert club.asked == asked
    assert club.replays == 0


async def too_slow(_: web.Request) -> web.StreamResponse:
    await asyncio.sleep(1.1)
    return web.Response()


async def broken_off(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


@pytest.mark.parametrize(
    "fault",
    [
        saying(500),
        saying(503, "<html>", "text/html"),
        saying(429, Retry_After="60"),
        saying(200, "<html>login</html>", "text/html"),
        saying(200, ""),
        saying(200, "[]"),
        saying(200, '{"token_type": "Bearer"}'),
        saying(200, '{"access_token": null, "refresh_token": "x"}'),
        saying(400, "<html>", "text/html"),
        saying(400, '{"error": "invalid_client"}'),
        saying(400, '{"error": "temporarily_unavailable"}'),
        saying(401, '{"error": "invalid_grant"}'),
        saying(403, "{}"),
        saying(404),
        saying(302, Location="/elsewhere"),
        broken_off,
    ],
)
async def test_any_other_answer_to_a_refresh_token_is_tried_again_later(
    school: School, club: Club, fault: Handler
) -> None:
    club.stand_in.faults[TOKEN] = fault
    club.log_out()
    assert not any(row.ok for row in await school.refresh())
    assert (await account(school)).state is State.FAILING
    club.stand_in.faults.clear()
    assert all(row.ok for row in await school.refresh())
    assert (await account(school)).state is State.OK
    assert club.replays == 0


async def test_a_token_answer_that_takes_too_long_does_not_end_the_login(open_school: OpenSchool, club: Club) -> None:
    async with open_school({"club": club.stand_in}, club={"timeout": "1s"}) as school, new_session() as session:
        await school.add("anna", "club")
        anna = await login(school)
        around = Surroundings("club", session, school.clock)
        http = around.http(school.bridge.sources["club"].settings)
        grant = RefreshTokenGrant(http, URL(club.address + TOKEN), APP.client_id, school.clock)
        club.stand_in.faults[TOKEN] = too_slow
        with pytest.raises(Unavailable, match="took longer than 1 s"):
            await grant.renew(anna)
        assert not (await login(school)).dead


async def test_a_second_401_right_after_a_new_token_ends_the_login(school: School, club: Club) -> None:
    club.stand_in.faults[API] = saying(401)
    grants = club.grants
    rows = await school.refresh()
    assert {row.error for row in rows} == {f"{TITLE} needs a new login: it refuses even a new token."}
    assert (await account(school)).state is State.LOGIN_NEEDED
    assert club.grants == grants + 1
    assert (await login(school)).dead


async def test_one_401_is_mended_by_a_new_token(school: School, club: Club) -> None:
    club.log_out()
    assert all(row.ok for row in await school.refresh())
    assert club.grants == 2


@pytest.mark.parametrize("expires_in", ["3600", "soon", None, True, "NaN", 1e300, -5, {}, ""])
async def test_a_strange_lifetime_does_not_lose_the_new_refresh_token(
    school: School, club: Club, expires_in: object
) -> None:
    async def strange(request: web.Request) -> web.StreamResponse:
        answer = await as_usual(request)
        assert isinstance(answer, web.Response)
        told = json.loads(answer.text or "") | {"expires_in": expires_in}
        return web.Response(text=json.dumps(told).replace('"NaN"', "NaN"), content_type="application/json")

    club.stand_in.faults[TOKEN] = strange
    for _ in range(2):
        club.log_out()
        assert all(row.ok for row in await school.refresh())
        assert (await login(school)).secret == club.logins[0].refresh_token
    assert club.replays == 0


async def test_an_answer_without_a_refresh_token_keeps_the_old_one(school: School, club: Club) -> None:
    old = (await login(school)).secret

    async def without(request: web.Request) -> web.StreamResponse:
        club.logins[0].spent.clear()
        answer = await as_usual(request)
        assert isinstance(answer, web.Response)
        club.logins[0].refresh_token = str(old)
        club.logins[0].spent.clear()
        told = json.loads(answer.text or "")
        del told["refresh_token"]
        return web.json_response(told)

    club.stand_in.faults[TOKEN] = without
    for _ in range(2):
        club.log_out()
        assert all(row.ok for row in await school.refresh())
        assert (await login(school)).secret == old


async def cancelled_before(school: School, club: Club, answer: Handler) -> None:
    """A refresh is cancelled while the upstream is about to answer with a token."""
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def wait(request: web.Request) -> web.StreamResponse:
        answered = await answer(request)
        reached.set()
        await go_on.wait()
        return answered

    club.stand_in.faults[TOKEN] = wait
    club.log_out()
    refreshing = asyncio.create_task(school.refresh())
    await reached.wait()
    refreshing.cancel()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await refreshing


async def test_being_cancelled_in_the_middle_still_keeps_the_new_refresh_token(school: School, club: Club) -> None:
    await cancelled_before(school, club, as_usual)
    assert (await login(school)).secret == club.logins[0].refresh_token
    assert all(row.ok for row in await school.refresh())
    assert club.replays == 0


async def test_being_cancelled_as_a_refresh_token_is_refused_is_no_noise(
    school: School, club: Club, caplog: pytest.LogCaptureFixture
) -> None:
    await cancelled_before(school, club, saying(400, '{"error": "invalid_grant"}'))
    gc.collect()
    assert (await login(school)).dead
    assert [record for record in caplog.records if record.name == "asyncio"] == []


async def test_a_login_is_renewed_once_for_all_who_ask_at_the_same_time_or_with_the_old_token(
    school: School, club: Club
) -> None:
    anna = await login(school)
    grants, old = club.grants, anna.access
    async with new_session() as session:
        around = Surroundings("club", session, school.clock)
        http = around.http(school.bridge.sources["club"].settings)
        grant = RefreshTokenGrant(http, URL(club.address + TOKEN), APP.client_id, school.clock)
        tokens = await asyncio.gather(*(grant.renew(anna, refused=old) for _ in range(20)))
        assert set(map(repr, tokens)) == {repr(anna.access)}
        assert await grant.renew(anna, refused=old) == anna.access != old
        assert (club.grants, club.replays) == (grants + 1, 0)
        await grant.renew(anna, refused=anna.access)
        assert (club.grants, club.replays) == (grants + 2, 0)
