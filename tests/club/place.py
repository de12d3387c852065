"""A folder with settings in which people of the club have accounts: for tests with whole processes."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge.model.clock import now_utc
from bridge.people.accounts import Wanted, add_account
from bridge.upstream.standin import SamplePerson
from tests.club.server import PEOPLE, Club, Member, new_club
from tests.club.source import ENVIRONMENT
from tests.program import Program


@dataclass
class Place:
    """A settings file and the club that it names."""

    club: Club
    program: Program

    async def refresh(self) -> list[dict[str, Any]]:
        """The rows of a `refresh` that nobody disturbs."""
        rows: list[dict[str, Any]] = (await self.program.run("refresh", "--json")).json
        return rows


@asynccontextmanager
async def people_at_the_club(
    folder: Path, storage_url: str, *, members: Sequence[Member] = (), **settings: object
) -> AsyncIterator[Place]:
    """All people of the club are users with an account, or these new members. `settings` are those of the source."""
    club = new_club(now_utc, members)
    people = [SamplePerson(member.id, member.first_name, secret=f"refresh-{member.id}") for member in members]
    async with club.stand_in.serve() as address:
        program = Program(folder, storage_url, environment=ENVIRONMENT)
        program.configure(
            {
                "storage": {"url": storage_url},
                "server": {"port": 0},
                "security": {"secret_key_file": str(program.write_key())},
                "refresh": {"concurrency": 2},
                "sources.club": club.stand_in.settings_at(address) | {"requests_per_second": 1000} | settings,
            }
        )
        async with program.opened() as bridge:
            for person in people or PEOPLE:
                await bridge.store.users.add(person.user, person.title, now_utc())
                await add_account(
                    bridge.store,
                    bridge.sources["club"],
                    Wanted(person.user, identity=person.identity),
                    now_utc,
                    secret=person.secret,
                )
        yield Place(club, program)
