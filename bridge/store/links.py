"""The addresses of people's own pages."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from bridge.store.cipher import Cipher
from bridge.store.database import Database
from bridge.store.feeds import hash_token
from bridge.store.schema import manage_links, revoked_tokens, users
from bridge.store.users import User, end_link, find_user

PREFIX = "rm_"
_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Replaced:
    """The address was good until it was replaced, or until its person was removed."""


class LinkStore:
    """The tokens of people's own pages: one a person, looked up by its hash and kept encrypted."""

    def __init__(self, database: Database, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher

    async def token(self, user: str, now: datetime) -> str:
        """The token of a user's page. The first time, one is made.

        Raises:
            UnknownName: the user does not exist.
        """
        sealed = await self._database.read(_sealed, user)
        if sealed is None:
            sealed = await self._database.write_durably(_ensure, user, self._cipher, now)
        return self._cipher.decrypt(sealed)

    async def exists(self, user: str) -> bool:
        """Whether a user's page has an address.

        Raises:
            UnknownName: the user does not exist.
        """
        return await self._database.read(_sealed, user) is not None

    async def renew(self, user: str, now: datetime) -> str:
        """Give a user's page a new token. The old address answers 410 (gone) from then on.

        Raises:
            UnknownName: the user does not exist.
        """
        return self._cipher.decrypt(await self._database.write_durably(_renew, user, self._cipher, now))

    async def find(self, token: str) -> User | Replaced | None:
        """The user whose page has this token; `None` if no page ever had it."""
        return await self._database.read(_find, hash_token(token))


def _sealed(connection: Connection, user: str) -> str | None:
    number = find_user(connection, user).id
    sealed: str | None = connection.scalar(select(manage_links.c.token).where(manage_links.c.user_id == number))
    return sealed


def _ensure(connection: Connection, user: str, cipher: Cipher, now: datetime) -> str:
    connection.execute(select(users.c.id).where(users.c.name == user).with_for_update())
    sealed = _sealed(connection, user)
    return _add(connection, find_user(connection, user).id, cipher, now) if sealed is None else sealed


def _renew(connection: Connection, user: str, cipher: Cipher, now: datetime) -> str:
    connection.execute(select(users.c.id).where(users.c.name == user).with_for_update())
    number = find_user(connection, user).id
    end_link(connection, number, now)
    return _add(connection, number, cipher, now)


def _add(connection: Connection, user_id: int, cipher: Cipher, now: datetime) -> str:
    token = PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)
    sealed = cipher.encrypt(token)
    values = {"user_id": user_id, "token_hash": hash_token(token), "token": sealed, "created": now}
    connection.execute(insert(manage_links).values(values))
    return sealed


def _find(connection: Connection, token_hash: str) -> User | Replaced | None:
    query = select(users).join(manage_links, manage_links.c.user_id == users.c.id)
    row = connection.execute(query.where(manage_links.c.token_hash == token_hash)).mappings().first()
    if row is not None:
        return User(**row)
    old = select(revoked_tokens.c.token_hash).where(revoked_tokens.c.token_hash == token_hash)
    return Replaced() if connection.execute(old).first() else None
