"""The addresses of people's own pages."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from bridge.store.cipher import Cipher
from bridge.store.database import Database
from bridge.store.schema import USER, manage_links, revoked_tokens, users
from bridge.store.tokens import hash_token, new_token
from bridge.store.users import User, end_link, find_user

PREFIX = "rm_"
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Replaced:
    """The address was good until it was replaced, or until its person was removed."""


@dataclass(frozen=True, slots=True)
class Invited:
    """A user who has not opened their page yet, with its token."""

    user: User
    token: str = field(repr=False)


class LinkStore:
    """The tokens of people's own pages: one a person, looked up by its hash and kept encrypted.

    The token of an invitation ends at a moment, unless the page is opened before.
    """

    def __init__(self, database: Database, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher

    async def token(self, user: str, now: datetime) -> str:
        """The token of a user's page. The first time, one is made. It does not end by itself from then on.

        Raises:
            UnknownName: the user does not exist.
        """
        sealed = await self._database.read(_lasting, user)
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

    async def invite(self, users: Sequence[str], now: datetime, until: datetime) -> list[Invited]:
        """Give those who have not opened their page a token for it that is good until a moment.

        One that was given before and is still good stays the same, and is good until then too.
        """
        found = []
        for start in range(0, len(users), _AT_ONCE):
            chunk = users[start : start + _AT_ONCE]
            for user, sealed in await self._database.write_durably(_invite, chunk, self._cipher, now, until):
                found.append(Invited(user, self._cipher.decrypt(sealed)))
        return found

    async def find(self, token: str, now: datetime) -> User | Replaced | None:
        """The user whose page has this token; `None` if no page ever had it. An invitation has been taken up then."""
        found = await self._database.read(_find, hash_token(token), now)
        if isinstance(found, tuple):
            await self._database.write_durably(_last, hash_token(token))
            return found[0]
        return found


def _sealed(connection: Connection, user: str) -> str | None:
    number = find_user(connection, user).id
    sealed: str | None = connection.scalar(select(manage_links.c.token).where(manage_links.c.user_id == number))
    return sealed


def _lasting(connection: Connection, user: str) -> str | None:
    """The sealed token of a user's page, unless it is an invitation that was not taken up."""
    mine = (manage_links.c.user_id == find_user(connection, user).id) & manage_links.c.until.is_(None)
    sealed: str | None = connection.scalar(select(manage_links.c.token).where(mine))
    return sealed


def _last(connection: Connection, token_hash: str) -> None:
    connection.execute(update(manage_links).where(manage_links.c.token_hash == token_hash).values(until=None))


def _invite(
    connection: Connection, chunk: Sequence[str], cipher: Cipher, now: datetime, until: datetime
) -> list[tuple[User, str]]:
    columns = manage_links.c.token_hash, manage_links.c.token, manage_links.c.until
    query = select(*USER, *columns).outerjoin(manage_links, manage_links.c.user_id == users.c.id)
    found = connection.execute(query.where(users.c.name.in_(chunk)).order_by(users.c.name)).mappings().all()
    invited = []
    for row in found:
        user, sealed, ends = User(row["id"], row["name"], row["title"], row["created"]), row["token"], row["until"]
        if sealed is not None and ends is None:
            continue
        if sealed is None or ends <= now:
            end_link(connection, user.id, now)
            sealed = _add(connection, user.id, cipher, now)
        connection.execute(update(manage_links).where(manage_links.c.user_id == user.id).values(until=until))
        invited.append((user, sealed))
    return invited


def _ensure(connection: Connection, user: str, cipher: Cipher, now: datetime) -> str:
    connection.execute(select(users.c.id).where(users.c.name == user).with_for_update())
    number, sealed = find_user(connection, user).id, _sealed(connection, user)
    if sealed is None:
        return _add(connection, number, cipher, now)
    connection.execute(update(manage_links).where(manage_links.c.user_id == number).values(until=None))
    return sealed


def _renew(connection: Connection, user: str, cipher: Cipher, now: datetime) -> str:
    connection.execute(select(users.c.id).where(users.c.name == user).with_for_update())
    number = find_user(connection, user).id
    end_link(connection, number, now)
    return _add(connection, number, cipher, now)


def _add(connection: Connection, user_id: int, cipher: Cipher, now: datetime) -> str:
    token = new_token(PREFIX)
    sealed = cipher.encrypt(token)
    values = {"user_id": user_id, "token_hash": hash_token(token), "token": sealed, "created": now}
    connection.execute(insert(manage_links).values(values))
    return sealed


def _find(connection: Connection, token_hash: str, now: datetime) -> User | tuple[User, datetime] | Replaced | None:
    """As `find`; of an invitation also the moment of its end."""
    query = select(*USER, manage_links.c.until).join(manage_links, manage_links.c.user_id == users.c.id)
    row = connection.execute(query.where(manage_links.c.token_hash == token_hash)).mappings().first()
    if row is not None:
        user, until = User(row["id"], row["name"], row["title"], row["created"]), row["until"]
        if until is None:
            return user
        return (user, until) if now < until else Replaced()
    old = select(revoked_tokens.c.token_hash).where(revoked_tokens.c.token_hash == token_hash)
    return Replaced() if connection.execute(old).first() else None
