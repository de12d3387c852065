"""Refreshes of several accounts, and what else happens while one is under way."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from bridge.people.accounts import Wanted, add_account
from bridge.settings.schema import RefreshSettings
from bridge.store.account import NewAccount, State
from bridge.store.locks import LEASE
from bridge.store.schema import accounts, events, parts
from bridge.sync.refresher import Refresher
from bridge.upstream.configured import ConfiguredSource
from tests.club.server import CLOSED, TITLE, TOKEN, Club
from tests.conftest import OpenSchool, School
from tests.faults import as_usual
from tests.store.processes import holding
from tests.tables import contents


@pytest.fixture
async def school(open_school: OpenSchool, club: Club) -> AsyncIterator[School]:
    async with open_school({"club": club.stand_in}) as opened:
        await opened.add("anna", "club")
        yield opened


class Gate:
    """A fault that stops the first request until it is let through."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.opened = asyncio.Event()

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        self.reached.set()
        await self.opened.wait()
        return await as_usual(request)


async def test_an_account_that_is_removed_in_mid_refresh_stays_removed(school: School, club: Club) -> None:
    gate = club.stand_in.faults[CLOSED] = Gate()
    refreshing = asyncio.create_task(school.refresh())
    await gate.reached.wait()
    await school.bridge.store.accounts.remove("anna", "club", school.bridge.clock())
    await school.add("bram", "club")
    gate.opened.set()
    await refreshing
    rows = await contents(school.bridge.store.database, accounts, events, parts)
    assert {name: len(found) for name, found in rows.items()} == {"accounts": 1, "events": 0, "parts": 0}
    (bram,) = await school.bridge.store.accounts.all()
    assert (bram.user, bram.state) == ("bram", State.NEW)
    assert bram.credential_id is not None
    login = await school.bridge.store.credentials.get(bram.credential_id)
    assert login.secret == club.logins[1].refresh_token
    assert all(row.ok or row.forbidden for row in await school.refresh())


async def test_users_can_be_removed_while_their_accounts_are_refreshed(school: School, club: Club) -> None:
    await school.add("bakker", "club")
    for number in range(6):
        user = f"bakker-{number}"
        await school.add("bakker", "club", user=user)
        await school.feed(user)
        gate = club.stand_in.faults[CLOSED] = Gate()
        (account,) = await school.bridge.store.accounts.all(user=user)
        refreshing = asyncio.create_task(school.bridge.refresher.refresh(account))
        await gate.reached.wait()
        gate.opened.set()
        await asyncio.gather(refreshing, school.bridge.store.users.remove(user, school.clock()))
    assert [user.name for user in await school.bridge.store.users.all()] == ["anna", "bakker"]


async def test_what_another_process_refreshes_is_waited_for(school: School, club: Club, storage_url: str) -> None:
    (anna,) = await school.bridge.store.accounts.all()
    async with holding(storage_url, anna.lock) as holder:
        asked = club.asked
        refreshing = asyncio.create_task(school.refresh())
        await asyncio.wait({refreshing}, timeout=0.2)
        assert not refreshing.done()
        assert club.asked == asked
        holder.kill()
        within = LEASE.total_seconds() + 10  # on PostgreSQL nobody can tell that the process has ended
        assert all(row.ok for row in await asyncio.wait_for(refreshing, within))


async def test_an_account_with_a_new_login_is_refreshed_under_the_lock_of_that_login(
    school: School, club: Club
) -> None:
    (outdated,) = await school.bridge.store.accounts.all()
    await add_account(
        school.bridge.store, school.bridge.sources["club"], Wanted("anna"), school.clock, secret="refresh-bram"
    )
    (current,) = await school.bridge.store.accounts.all()
    club.log_out()
    another = asyncio.Event()

    async def wait_for_another(request: web.Request) -> web.StreamResponse:
        if club.stand_in.requests[f"POST {TOKEN}"] == before + 1:
            await asyncio.wait({asyncio.create_task(another.wait())}, timeout=0.3)
        another.set()
        return await as_usual(request)

    before = club.stand_in.requests[f"POST {TOKEN}"]
    club.stand_in.faults[TOKEN] = wait_for_another
    rows = await asyncio.gather(*(school.bridge.refresher.refresh(found) for found in (outdated, current) * 2))
    assert club.replays == 0
    assert all(row.ok or row.forbidden for found in rows for row in found)


async def test_a_source_that_is_at_fault_does_not_stop_the_others(school: School, club: Club) -> None:
    fine = school.bridge.sources["club"]
    await school.add("bram", "club")
    before = await school.refresh()

    class Broken:
        def __getattr__(self, name: str) -> object:
            raise ZeroDivisionError(name)

    broken = ConfiguredSource("broken", fine.type, fine.settings, Broken(), fine.budget)  # type: ignore[arg-type] # that is the point
    store = school.bridge.store
    await store.accounts.put(NewAccount("anna", "broken", identity="", person="7"), school.clock())
    sources = {"club": fine, "broken": broken}
    refresher = Refresher(store, sources, RefreshSettings(), school.clock)
    results = await asyncio.gather(*(refresher.refresh(found) for found in await store.accounts.all()))
    rows = [row for found in results for row in found]
    assert {(row.user, row.source) for row in rows if not row.ok and not row.forbidden} == {("anna", "broken")}
    assert next(row for row in rows if row.source == "broken").error == (
        f"The answer of {TITLE} could not be processed; the log has the error."
    )
    assert len([row for row in rows if row.source == "club"]) == len(before)
