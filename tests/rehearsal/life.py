"""An installation whose processes are interrupted over and over, at moments that a seed chooses."""

import asyncio
import json
import os
import random
import shutil
import sqlite3
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from bridge.app import Bridge
from bridge.model.clock import now_utc
from bridge.model.event import Part, Timed
from bridge.people.accounts import Wanted, add_account
from bridge.store.account import State
from bridge.store.cipher import Cipher
from bridge.store.database import execute
from bridge.store.feed import NewFeed
from bridge.store.schema import events, leases
from bridge.store.storage import open_store
from tests.club.place import Place, people_at_the_club
from tests.club.server import PEOPLE
from tests.club.source import ENVIRONMENT, SOURCE
from tests.conftest import KEY
from tests.rehearsal.witness import Witness
from tests.store.earlier import earlier

PATIENCE = 60.0
Then = Callable[[int], Awaitable[None]]
"""What happens at the moment, to the process with this number, which waits meanwhile."""


@dataclass(frozen=True)
class Ended:
    """How a child ended: its exit code, and the moments that it passed if it came to its end."""

    code: int
    passed: int = 0


class Parent:
    """The process that forks; see `tests.rehearsal.parent`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    @asynccontextmanager
    async def start(cls, module: str = "tests.rehearsal.parent") -> AsyncIterator["Parent"]:
        """Start it."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, **ENVIRONMENT},
        )
        try:
            yield cls(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            await asyncio.wait_for(process.wait(), PATIENCE)

    async def warm(self, work: str, config: Path) -> None:
        """Have the parent itself do something."""
        await self._write(json.dumps({"warm": True, "work": work, "config": str(config)}) + "\n")
        assert await self._read() == {"code": 0}

    async def order(self, *, then: Then | None = None, **order: object) -> Ended:
        """Have a child do something; `then` happens at its moment."""
        await self._write(json.dumps(order | ({"then": "ask"} if then else {})) + "\n")
        passed = 0
        while True:
            said = await self._read()
            passed = said.get("passed", passed)
            assert "error" not in said, said["error"]
            if "code" in said:
                assert said["code"] in {0, 1, -9}
                return Ended(said["code"], passed)
            if "now" in said and then is not None:
                await then(said["now"])
                await self._write("\n")

    async def _write(self, text: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(text.encode())
        await self._process.stdin.drain()

    async def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), PATIENCE)
        said: dict[str, Any] = json.loads(line)
        return said


@dataclass(frozen=True)
class Standing:
    """What must survive: users, accounts, feed tokens, the UIDs of each account, and how many events each feed has."""

    users: list[str]
    accounts: list[tuple[str | None, str]]
    tokens: list[str]
    uids: frozenset[str]
    shown: list[int]


async def standing(bridge: Bridge) -> Standing:
    """What there is now."""
    users = [user.name for user in await bridge.store.users.all()]
    return Standing(
        users,
        [(account.user, account.source) for account in await bridge.store.accounts.all()],
        [await bridge.store.feeds.token(user, "default") for user in users],
        frozenset(await bridge.store.database.read(lambda found: found.scalars(select(events.c.uid)).all())),
        [(await bridge.store.renderings.calendar(user, "default")).count(b"BEGIN:VEVENT") for user in users],
    )


@dataclass
class Life:
    """The installation, its club, and what was seen of it.

    `bridge` looks on from outside. `folder` has a storage of the first version, to be upgraded, and what becomes of it.
    `latest` is what another process has stored while one stood still. Children work `without` a safeguard, if one is
    named; see `tests.rehearsal.ablations`.
    """

    place: Place
    bridge: Bridge
    parent: Parent
    folder: Path
    witness: Witness
    chance: random.Random
    before: Standing
    without: str = ""
    latest: list[dict[str, datetime]] = field(default_factory=list)
    lengths: dict[str, int] = field(default_factory=dict)

    async def interrupt(self, work: str, then: Then | None = None) -> Ended:
        """Let a child do the work, and be killed at a moment, or let `then` happen then."""
        if work not in self.lengths:
            await self._prepare(work)
            whole = await self._order(work)
            assert whole.code == 0
            self.lengths[work] = whole.passed
        await self._prepare(work)
        return await self.interrupt_at(self.chance.randint(1, self.lengths[work]), work, then)

    async def interrupt_at(self, moment: int, work: str, then: Then | None = None) -> Ended:
        """The same at a moment of one's choice."""
        return await self._order(work, then, at=moment)

    async def interrupt_process(self, *words: str, most: int) -> int:
        """Run a command, as a whole process that dies at one of so many moments; gives its exit code."""
        await self._prepare("refresh")
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.rehearsal.whole", str(self.chance.randint(1, most)), *words),
            cwd=self.place.program.folder,
            env={**os.environ, **ENVIRONMENT},
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        return await asyncio.wait_for(process.wait(), PATIENCE)

    async def check(self) -> None:
        """Everything is there, and nothing was sent or refused that should not have been."""
        database = self.bridge.store.database
        if database.file is not None:
            with sqlite3.connect(database.file) as connection:
                assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            connection.close()
        assert await standing(self.bridge) == self.before
        for account in await self.bridge.store.accounts.all():
            assert account.credential_id is not None
            login = await self.bridge.store.credentials.get(account.credential_id)
            assert login.secret is not None
            self.witness.kept(login.secret)
            ended = login.dead or account.state is State.LOGIN_NEEDED
            assert not ended or login.secret in self.witness.refused, "a login that nobody refused"
        assert self.witness.replays == [], "a token came after its answer was kept"

    async def starts(self) -> list[dict[str, datetime]]:
        """When each lesson begins, as it is stored for each account."""
        return [
            {
                entry.event.identity: entry.event.when.start
                for entry in await self.bridge.store.events.of_part(account.id, Part.SCHEDULE)
                if isinstance(entry.event.when, Timed)
            }
            for account in await self.bridge.store.accounts.all()
        ]

    async def recover(self) -> None:
        """Whoever was refused logs in again; then everything is as it should be, with no further help."""
        await self.expire_leases()
        rows = await self.bridge.refresher.refresh_all(await self.bridge.store.accounts.all())
        assert not self.place.club.forgiving or all(row.ok for row in rows)
        for person in PEOPLE:
            (account,) = await self.bridge.store.accounts.all(user=person.user)
            assert account.credential_id is not None
            login = await self.bridge.store.credentials.get(account.credential_id)
            if login.dead or account.state is State.LOGIN_NEEDED:
                await self._log_in_again(person.user)
        rows = await self.bridge.refresher.refresh_all(await self.bridge.store.accounts.all())
        assert [row for row in rows if not row.ok] == []
        await self.bridge.publisher.publish_wanted()
        await self.check()
        await self._check_upgrade()

    async def expire_leases(self) -> None:
        """Let time pass until no lease lasts."""
        await self.bridge.store.database.write(execute, update(leases).values(until=1.0))

    async def _log_in_again(self, user: str) -> None:
        people = {person.user: person for person in PEOPLE}
        at_club = next(login for login in self.place.club.logins if login.people[0].id in {user, people[user].identity})
        at_club.dead = False
        await add_account(
            self.bridge.store,
            self.bridge.sources[SOURCE.name],
            Wanted(user, identity=people[user].identity),
            now_utc,
            secret=at_club.refresh_token,
        )

    async def _check_upgrade(self) -> None:
        """What the first version stored is there, to the byte, once an upgrade has come to its end."""
        before = earlier("0001")
        async with open_store(self._upgraded, Cipher([KEY]), now_utc) as store:
            for (user, name), (token, calendar) in before.feeds().items():
                assert await store.feeds.token(user, name) == token
                assert await store.renderings.calendar(user, name) == calendar
            uids = await store.database.read(lambda found: found.scalars(select(events.c.uid)).all())
            assert sorted(uids) == sorted(uid for entries in before.events().values() for uid in entries)

    async def _order(self, work: str, then: Then | None = None, at: int | None = None) -> Ended:
        config = str(self.place.program.config)
        return await self.parent.order(
            then=then, work=work, config=config, earlier=self._upgraded, without=self.without, at=at
        )

    @property
    def _upgraded(self) -> str:
        return f"sqlite:///{self.folder / 'upgraded.db'}"

    async def _prepare(self, work: str) -> None:
        """Let there be something to do, for which nobody has to wait."""
        if self.bridge.store.database.file is None:  # where a process that has ended cannot be told from one that hangs
            await self.expire_leases()
        if work == "refresh":
            self.place.club.move(minutes=1)
            if self.chance.random() < 3 / 4:
                self.place.club.log_out()
        if work == "publish":
            await self.bridge.store.feeds.want()
        if work == "upgrade" and self.chance.random() < 1 / 2:  # else the next upgrade finds what this one left
            for file in self.folder.glob("upgraded.db*"):
                file.unlink()
            shutil.copy(self.folder / "earlier.db", self.folder / "upgraded.db")


@asynccontextmanager
async def new_life(
    folder: Path, parent: Parent, storage_url: str, seed: int, *, proxied: str | None = None
) -> AsyncIterator[Life]:
    """Three users with an account and a feed each, refreshed once. Every second life has a school that forgives none.

    Children find the storage at the address `proxied`, where there is one.
    """
    chance = random.Random(seed)  # noqa: S311 - the same moments each time
    async with people_at_the_club(folder, storage_url, interval="1s") as place, place.program.opened() as bridge:
        place.club.forgiving = seed % 2 == 0
        place.program.configure({"storage": {"url": proxied or storage_url}})
        for person in PEOPLE:
            await bridge.store.feeds.add(person.user, NewFeed(), now_utc())
        rows = await bridge.refresher.refresh_all(await bridge.store.accounts.all())
        assert all(row.ok for row in rows)
        await bridge.publisher.publish_wanted()
        await earlier("0001").fill(f"sqlite:///{folder / 'earlier.db'}")
        shutil.copy(folder / "earlier.db", folder / "upgraded.db")
        yield Life(place, bridge, parent, folder, Witness(place.club), chance, await standing(bridge))
