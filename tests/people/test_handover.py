"""Everybody of a school at once: invitations to hand over, and those who leave."""

import csv
import stat
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from bridge.errors import ConfigError
from bridge.people.invitations import Invitation, invite, write_sheet
from bridge.people.leavers import remove_leavers
from bridge.people.rosters import Synced, sync_people
from bridge.sources.informat.standin.server import stand_in
from bridge.store.account import NewAccount
from tests.conftest import OpenSchool, School, SettableClock

MONTH = timedelta(days=30)


@pytest.fixture
def open_institute(open_school: OpenSchool, clock: SettableClock) -> Callable[..., AbstractAsyncContextManager[School]]:
    @asynccontextmanager
    async def opened() -> AsyncIterator[School]:
        async with open_school({"sintjan": stand_in(clock)}) as school:
            yield school

    return opened


OpenInstitute = Callable[[], AbstractAsyncContextManager[School]]


def staff(school: School, names: Sequence[str]) -> None:
    """Have the institute list these people only."""

    async def employees(_: web.Request) -> web.StreamResponse:
        return web.json_response(
            [
                {
                    "personId": name,
                    "voornaam": name.title(),
                    "naam": "Bos",
                    "isActive": True,
                    "emailadressen": [{"type": "School", "email": f"{name}@sintjan.example"}],
                }
                for name in names
            ]
        )

    school.stand_ins["sintjan"].faults["/employees"] = employees


async def sync(school: School, *, dry_run: bool = False, gone_for: timedelta | None = None) -> Synced:
    bridge = school.bridge
    at = bridge.sources["sintjan"]
    synced = await sync_people(bridge.store, at, bridge.clock, dry_run=dry_run, gone_for=gone_for)
    if not dry_run:
        now = bridge.clock()
        await remove_leavers(bridge.store, bridge.sources, at, synced.leaving, now, lambda *_: nullcontext())
    return synced


async def users(school: School) -> set[str]:
    return {user.name.partition("@")[0] for user in await school.bridge.store.users.all()}


async def test_whom_a_source_has_not_known_for_a_month_is_removed(
    open_institute: OpenInstitute, clock: SettableClock
) -> None:
    async with open_institute() as school:
        staff(school, ["ann", "rik", "els"])
        await sync(school)
        staff(school, ["ann"])
        first = clock()
        assert (await sync(school, gone_for=MONTH)).leaving == ()
        clock.forward(days=20)
        staff(school, ["ann", "els"])  # who is back
        await sync(school)
        clock.forward(days=10)
        staff(school, ["ann"])
        dry = await sync(school, dry_run=True, gone_for=MONTH)
        assert dry.leaving == (("rik@sintjan.example", first),)
        assert await users(school) == {"ann", "rik", "els"}
        assert (await sync(school)).leaving == ()  # nobody asked for it
        assert (await sync(school, gone_for=MONTH)).leaving == dry.leaving
        assert await users(school) == {"ann", "els"}


async def test_who_has_an_account_elsewhere_loses_only_the_one_at_the_school(
    open_institute: OpenInstitute, clock: SettableClock
) -> None:
    async with open_institute() as school:
        store = school.bridge.store
        staff(school, ["ann", "rik"])
        await sync(school)
        await store.accounts.put(
            NewAccount("rik@sintjan.example", "uni", identity="rik", person="rik", source_type="mytimetable"), clock()
        )
        staff(school, ["ann"])
        await sync(school)
        clock.forward(days=30)
        await sync(school, gone_for=MONTH)
        (account,) = await store.accounts.all(user="rik@sintjan.example")
        assert account.source == "uni"


async def test_a_school_that_suddenly_knows_hardly_anybody_removes_nobody(
    open_institute: OpenInstitute, clock: SettableClock
) -> None:
    async with open_institute() as school:
        everybody = [f"person{number}" for number in range(10)]
        staff(school, everybody)
        await sync(school)
        staff(school, everybody[:4])
        await sync(school)
        clock.forward(days=30)
        assert len((await sync(school, dry_run=True, gone_for=MONTH)).leaving) == 6
        with pytest.raises(ConfigError, match="does not know 6 of 10 people any more"):
            await sync(school, gone_for=MONTH)
        assert await users(school) == set(everybody)


async def test_everybody_is_invited_until_they_open_their_page(
    open_institute: OpenInstitute, clock: SettableClock, tmp_path: Path
) -> None:
    async with open_institute() as school:
        store = school.bridge.store
        staff(school, ["ann", "rik"])
        names = [user for user, _ in (await sync(school)).added]
        first = await invite(store, names, clock, school.bridge.settings.server.page_address)
        assert [(one.user, one.title) for one in first] == [
            ("ann@sintjan.example", "Ann Bos"),
            ("rik@sintjan.example", "Rik Bos"),
        ]
        token = first[0].url.rpartition("/")[2]
        await store.links.find(token, clock())
        assert await invite(store, names, clock, lambda token: token) != []
        sheet = tmp_path / "invitations.csv"
        write_sheet(sheet, [*first, Invitation("=1+1", "+31 6", "http://x/m/rm_", "never")])
        assert stat.S_IMODE(sheet.stat().st_mode) == 0o600
        rows = list(csv.reader(sheet.read_text("utf-8-sig").splitlines()))
        assert rows[0] == ["user", "name", "address", "good until"]
        assert rows[1] == [names[0], "Ann Bos", first[0].url, (clock() + timedelta(days=14)).isoformat()]
        assert rows[3][:2] == ["'=1+1", "'+31 6"]
        with pytest.raises(ConfigError, match="exists already"):
            write_sheet(sheet, [])
        with pytest.raises(ConfigError, match="cannot be written"):
            write_sheet(tmp_path / "nowhere" / "sheet.csv", [])
