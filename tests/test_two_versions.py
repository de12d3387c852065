"""Hosts are replaced one after another: an older version goes on beside a newer one, whose schema the storage has.

The newer version is a copy of this one with one migration more, run as a package of its own.
"""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import ClientSession

import bridge
from bridge.store.migrations.migrate import HEAD
from tests.club.place import Place, people_at_the_club
from tests.club.server import Member
from tests.club.source import INSTALLED
from tests.conftest import POSTGRES, new_postgres_database, slow
from tests.program import until

pytestmark = [
    pytest.mark.usefixtures("installed_club"),
    pytest.mark.skipif(POSTGRES not in os.environ, reason=f"needs a PostgreSQL server: {POSTGRES}=postgresql://…"),
    slow("an older version beside a newer one on one storage"),
]
MIGRATION = '''"""A later version keeps more of an account."""

import sqlalchemy as sa
from alembic import op

revision = "9000"
down_revision = "{before}"


def upgrade() -> None:
    op.add_column("accounts", sa.Column("later", sa.Text(), nullable=True))
    op.create_table("later", sa.Column("id", sa.BigInteger(), primary_key=True))
'''


def newer_version(folder: Path) -> Path:
    """A copy of the package, one version on."""
    shutil.copytree(Path(bridge.__file__).parent, folder / "bridge")
    migration = folder / "bridge" / "store" / "migrations" / "versions" / "v9000_later.py"
    migration.write_text(MIGRATION.format(before=HEAD), "utf-8")
    return folder


@asynccontextmanager
async def serving(place: Place, package: Path) -> AsyncIterator[None]:
    """The service of another version of the package, until it is stopped."""
    path = map(str, (package, INSTALLED, Path(__file__).parents[1]))
    log = place.program.folder / "newer.log"
    with log.open("w") as stderr:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bridge", "serve"),
            cwd=place.program.folder,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path)},
            stderr=stderr,
        )

    def serves() -> bool:
        assert process.returncode is None, log.read_text("utf-8")
        return "serving" in log.read_text("utf-8")

    try:
        await until(serves)
        yield
        process.terminate()
        assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()


async def test_an_older_version_reads_and_refreshes_on_while_hosts_are_replaced_and_does_not_start_again(
    tmp_path: Path,
) -> None:
    package = newer_version(tmp_path / "newer")
    members = [Member("member0", "Member 0")]
    async with (
        new_postgres_database() as url,
        people_at_the_club(tmp_path / "place", url, members=members, interval="1s") as place,
        ClientSession() as client,
    ):
        token = (await place.program.json("feed", "add", "member0"))["url"].rpartition("/f/")[2]
        async with place.program.serve() as older:
            feed = f"{older.address}/f/{token}"

            async def teaches(title: str) -> None:
                """A lesson is called otherwise, and the older version's feed soon says so."""
                lesson = place.club.ahead()[0]
                place.club.put(replace(lesson, title=title))
                await until(lambda: shows(client, feed, title))

            await teaches("Openings")
            async with serving(place, package):
                await teaches("Endgames")
            await teaches("Gambits")
            again = await place.program.run("serve")
            assert (again.code, "was made by a newer version of Roosterbridge" in again.err) == (1, True)
            for trouble in ("tick.failed", "not_finished", "refresh.bug", "storage.trouble"):
                assert trouble not in older.told()


async def shows(client: ClientSession, feed: str, text: str) -> bool:
    """Whether a feed has some text."""
    async with client.get(feed) as answer:
        return text in await answer.text()
