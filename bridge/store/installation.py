"""What an installation that is set up in a browser keeps of that: hashes of its admin token and its set-up page."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from bridge.store.database import Database
from bridge.store.marks import put_mark, read_mark
from bridge.store.schema import meta, sources, users
from bridge.store.tokens import hash_token

_ADMIN, _SETUP = "admin_token", "setup"


@dataclass(frozen=True, slots=True)
class Offered:
    """The set-up page is there to be used."""


@dataclass(frozen=True, slots=True)
class Over:
    """The set-up page was used, or its time has passed."""


class InstallationStore:
    """The admin token that a set-up page made, as a hash, and the set-up page."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def admin_hash(self) -> str | None:
        """The hash of the admin token; `None` if none was made here."""
        return await self._database.read(read_mark, _ADMIN)

    async def is_empty(self) -> bool:
        """Whether there is neither a user, nor a source, nor an admin token."""
        return await self._database.read(_is_empty)

    async def offer(self, token: str, until: datetime) -> None:
        """Have a set-up page with this token until a moment, in place of any other."""
        value = json.dumps({"hash": hash_token(token), "until": int(until.timestamp())})
        await self._database.write_durably(put_mark, _SETUP, value)

    async def setup(self, token: str, now: datetime) -> Offered | Over | None:
        """How the set-up page with this token stands; `None` if it never was one."""
        return await self._database.read(_setup, hash_token(token), now)

    async def claim(self, token: str, admin_token: str, now: datetime) -> bool:
        """Use the set-up page: keep the hash of the admin token. Returns false if the page is over."""
        return await self._database.write_durably(_claim, hash_token(token), hash_token(admin_token), now)


def _is_empty(connection: Connection) -> bool:
    found = (
        connection.execute(select(users.c.id).limit(1)).first() or connection.execute(select(sources.c.name)).first()
    )
    return found is None and read_mark(connection, _ADMIN) is None


def _setup(connection: Connection, token_hash: str, now: datetime) -> Offered | Over | None:
    offered = json.loads(read_mark(connection, _SETUP) or "{}")
    if offered.get("hash") != token_hash:
        return None
    passed = offered["until"] <= now.timestamp()
    return Over() if passed or not _is_empty(connection) else Offered()


def _claim(connection: Connection, token_hash: str, admin_hash: str, now: datetime) -> bool:
    connection.execute(select(meta.c.value).where(meta.c.name == _SETUP).with_for_update())
    if not isinstance(_setup(connection, token_hash, now), Offered):
        return False
    put_mark(connection, _ADMIN, admin_hash)
    return True
