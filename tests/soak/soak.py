"""The service for a while, beside a school that fails in every way and many programs that read calendars."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from bridge.model.clock import now_utc
from bridge.people.accounts import Wanted, add_account
from bridge.store.feed import NewFeed
from tests.club.server import AHEAD, API, PAST, Club, Member, new_club
from tests.club.source import ENVIRONMENT
from tests.faults import Handler, bombing, dripping, halved, hanging, reset, retelling, saying
from tests.program import Command, Program

EVENTS = PAST + AHEAD + 1
FAULTS: tuple[Handler, ...] = (
    saying(503),
    saying(429, Retry_After="5"),
    saying(200, "<!doctype html><title>Login</title>", "text/html"),
    retelling(lambda _: []),
    retelling(lambda rows: rows[: len(rows) * 2 // 5]),
    halved,
    reset,
    hanging,
    dripping,
    bombing,
)
_LOOK = 2.0
_KIBI = 1024


@dataclass
class Figures:
    """What came of it. Memory in MiB; `settled` is what there was when a fifth of the time was over."""

    seconds: float
    answers: Counter[int] = field(default_factory=Counter)
    lost: int = 0
    slowest: float = 0.0
    memory: list[float] = field(default_factory=list)
    files: list[int] = field(default_factory=list)
    faults: int = 0

    @property
    def growth(self) -> float:
        """By how much memory grew after the first fifth of the time: the mean of the last tenth to that after it."""
        tenth = max(1, len(self.memory) // 10)
        settled = self.memory[2 * tenth : 3 * tenth] or self.memory[-1:]
        last = self.memory[-tenth:]
        return sum(last) / len(last) / (sum(settled) / len(settled)) - 1

    @property
    def more_files(self) -> int:
        """How many more files were open at the most in the second half than in the first."""
        half = len(self.files) // 2
        return max(self.files[half:]) - max(self.files[:half])

    @property
    def wrong(self) -> dict[int, int]:
        """Answers that are neither the calendar nor that it has not changed, by status."""
        return {status: count for status, count in self.answers.items() if status not in {200, 304}}

    def rows(self) -> list[tuple[str, str]]:
        """The figures for people."""
        return [
            ("seconds", f"{self.seconds:.0f}"),
            ("feed requests", f"{self.answers.total():,}"),
            ("answers but 200 and 304", str(sum(self.wrong.values()))),
            ("calendars with fewer events", str(self.lost)),
            ("slowest answer, s", f"{self.slowest:.2f}"),
            ("faults of the school", str(self.faults)),
            (
                "memory after a fifth of the time, at the end, MiB",
                f"{self.memory[len(self.memory) // 5]:.0f}, {self.memory[-1]:.0f}",
            ),
            ("growth of memory after a fifth of the time", f"{self.growth:.1%}"),
            ("open files at the most", str(max(self.files))),
        ]


async def soak(folder: Path, *, seconds: float, accounts: int, clients: int, interval: str) -> Figures:
    """Run the service with so many accounts and clients; the last tenth of the time the school is well."""
    figures = Figures(seconds)
    async with installation(folder, accounts, interval) as (program, club, tokens), program.serve() as service:
        ends = time.monotonic() + seconds
        async with aiohttp.ClientSession(service.address, connector=aiohttp.TCPConnector(limit=0)) as session:
            await asyncio.gather(
                _fail(club, ends - seconds / 10, figures),
                _look(service, ends, figures),
                *(_read(session, tokens, number, ends, figures) for number in range(clients)),
            )
        assert await service.stop() == 0
    return figures


@asynccontextmanager
async def installation(
    folder: Path, accounts: int, interval: str, *, patience: str = "2s", concurrency: int = 8
) -> AsyncIterator[tuple[Program, Club, list[str]]]:
    """A program that reads a club with so many members, each with a feed; gives the feeds' tokens."""
    members = [Member(f"member-{number}", f"Member{number}") for number in range(accounts)]
    club = new_club(now_utc, members)
    async with club.stand_in.serve() as address:
        program = Program(folder, f"sqlite:///{folder / 'bridge.db'}", environment=ENVIRONMENT)
        source = club.stand_in.settings_at(address)
        source |= {"requests_per_second": 1000, "interval": interval, "timeout": patience}
        program.configure(
            {
                "storage": {"url": program.storage_url},
                "server": {"port": 0},
                "security": {"secret_key_file": str(program.write_key())},
                "refresh": {"concurrency": concurrency},
                "sources.club": source,
            }
        )
        async with program.opened() as bridge:
            tokens = []
            for member in members:
                await bridge.store.users.add(member.id, member.first_name, now_utc())
                await add_account(
                    bridge.store, bridge.sources["club"], Wanted(member.id), now_utc, secret=f"refresh-{member.id}"
                )
                tokens.append(await bridge.store.feeds.add(member.id, NewFeed(), now_utc()))
            rows = await bridge.refresher.refresh_all(await bridge.store.accounts.all())
            assert all(row.ok for row in rows)
            await bridge.publisher.publish_wanted()
        yield program, club, tokens


async def _fail(club: Club, until: float, figures: Figures) -> None:
    """Have the club fail in one way after another. In between it is well, its lessons move and tokens end."""
    chance = random.Random(1)  # noqa: S311 - the same each time
    while time.monotonic() < until:
        club.stand_in.faults[API] = chance.choice(FAULTS)
        figures.faults += 1
        await asyncio.sleep(2)
        club.stand_in.faults.clear()
        club.move(minutes=1)
        if chance.random() < 1 / 4:
            club.log_out()
        await asyncio.sleep(2)
    club.stand_in.faults.clear()


async def _look(service: Command, ends: float, figures: Figures) -> None:
    """Note memory and open files of the service."""
    process = Path("/proc") / str(service.number)
    while time.monotonic() < ends:
        status = (process / "status").read_text("utf-8")
        figures.memory.append(int(status.partition("VmRSS:")[2].split()[0]) / _KIBI)
        figures.files.append(len(list((process / "fd").iterdir())))
        await asyncio.sleep(_LOOK)


async def _read(session: aiohttp.ClientSession, tokens: list[str], number: int, ends: float, figures: Figures) -> None:
    """Read feeds as calendar programs do, with the ETag of the last time."""
    chance = random.Random(number)  # noqa: S311 - the same each time
    tags: dict[str, str] = {}
    while time.monotonic() < ends:
        await asyncio.sleep(chance.uniform(0.5, 2))
        token = chance.choice(tokens)
        started = time.monotonic()
        async with session.get(f"/f/{token}.ics", headers={"If-None-Match": tags.get(token, '"none"')}) as answer:
            text = await answer.text()
        figures.slowest = max(figures.slowest, time.monotonic() - started)
        figures.answers[answer.status] += 1
        tags[token] = answer.headers.get("ETag", '"none"')
        figures.lost += answer.status == 200 and text.count("BEGIN:VEVENT") < EVENTS
