"""Who is signed in, in which browser."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from bridge.store.database import Database, execute
from bridge.store.schema import USER, sessions, users
from bridge.store.tokens import hash_token, new_token
from bridge.store.users import User

PREFIX = "rs_"


@dataclass(frozen=True, slots=True)
class Session:
    """A session.

    Attributes:
        user: the person who signed in; `None` for an operator who came with the admin token.
        operator: whether it opens the operator's pages.
        opened_with: the hash of the admin token, or of the list of operators, that opened it as an operator's.
        seen: when it was last used, to the hour.
    """

    user: User | None
    operator: bool
    opened_with: str | None
    created: datetime
    seen: datetime


class SessionStore:
    """The sessions. Of their tokens only the hashes are kept."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(
        self, now: datetime, *, user: User | None = None, operator: bool = False, opened_with: str | None = None
    ) -> str:
        """Open a session. Returns its token, which the browser keeps."""
        token = new_token(PREFIX)
        values = {
            "token_hash": hash_token(token),
            "user_id": None if user is None else user.id,
            "operator": operator,
            "opened_with": opened_with,
            "created": now,
            "seen": now,
        }
        await self._database.write_durably(execute, insert(sessions).values(values))
        return token

    async def find(self, token: str, *, since: datetime) -> Session | None:
        """The session of a token; `None` if there is none that was used since then."""
        return await self._database.read(_find, hash_token(token), since)

    async def touch(self, token: str, now: datetime) -> None:
        """Note that a session was used."""
        mine = sessions.c.token_hash == hash_token(token)
        await self._database.write(execute, update(sessions).where(mine).values(seen=now))

    async def end(self, token: str) -> None:
        """End a session."""
        await self._database.write_durably(execute, delete(sessions).where(sessions.c.token_hash == hash_token(token)))

    async def end_all_of(self, user: User, *, but: str = "") -> None:
        """End all sessions of a person, except the one with the token `but`."""
        others = (sessions.c.user_id == user.id) & (sessions.c.token_hash != hash_token(but))
        await self._database.write_durably(execute, delete(sessions).where(others))

    async def of_user(self, user: User) -> list[Session]:
        """The sessions of a person, the newest first."""
        query = select(sessions).where(sessions.c.user_id == user.id).order_by(sessions.c.created.desc())
        rows = await self._database.read(lambda connection: connection.execute(query).mappings().all())
        return [Session(user, row["operator"], row["opened_with"], row["created"], row["seen"]) for row in rows]

    async def forget(self, before: datetime) -> None:
        """Remove the sessions that were last used before a moment."""
        old = select(sessions.c.token_hash).where(sessions.c.seen < before).limit(1)
        if await self._database.read(lambda connection: connection.scalar(old)) is not None:
            await self._database.write(execute, delete(sessions).where(sessions.c.seen < before))


def _find(connection: Connection, token_hash: str, since: datetime) -> Session | None:
    query = select(sessions).where(sessions.c.token_hash == token_hash, sessions.c.seen >= since)
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    who = connection.execute(select(*USER).where(users.c.id == row["user_id"])).mappings().first()
    user = None if who is None else User(**who)
    return Session(user, row["operator"], row["opened_with"], row["created"], row["seen"])
