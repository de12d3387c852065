"""Requests that were answered under a key of the client, so that sending one twice does it once."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from bridge.store.cipher import Cipher
from bridge.store.database import Database, execute
from bridge.store.schema import requests

KEPT_FOR = timedelta(days=1)
_LONGEST_WORK = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Begun:
    """The key is new: do the work, then `finish` or `release` it."""


@dataclass(frozen=True, slots=True)
class Busy:
    """The same request is being worked on."""


@dataclass(frozen=True, slots=True)
class Other:
    """The key was used for another request."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The request was answered before, with this."""

    status: int
    answer: str


class RequestStore:
    """The answers to requests with a key, which are kept for a day and encrypted. Keys are kept as hashes."""

    def __init__(self, database: Database, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher

    async def begin(self, key: str, content: bytes, now: datetime) -> Begun | Busy | Other | Answered:
        """Begin a request, or tell what became of it. `content` is everything that makes it the same request.

        What is begun and neither finished nor released, because the process died, can begin again after 15 minutes.
        """
        hashed = _hash(key.encode()), _hash(content)
        try:
            begun = await self._database.write_durably(_begin, *hashed, now)
        except IntegrityError:  # another one with the key came at the same time
            begun = await self._database.write_durably(_begin, *hashed, now)
        if isinstance(begun, Answered):
            return Answered(begun.status, self._cipher.decrypt(begun.answer))
        return begun

    async def finish(self, key: str, status: int, answer: str) -> None:
        """Keep the answer to a request that was begun."""
        values = {"status": status, "answer": self._cipher.encrypt(answer)}
        mine = requests.c.key_hash == _hash(key.encode())
        await self._database.write_durably(execute, update(requests).where(mine).values(values))

    async def release(self, key: str) -> None:
        """Forget a request that was begun: it has not been done, and may be sent again."""
        await self._database.write(execute, delete(requests).where(requests.c.key_hash == _hash(key.encode())))

    async def forget(self, now: datetime) -> None:
        """Remove what is older than a day."""
        old = requests.c.begun < now - KEPT_FOR
        query = select(requests.c.key_hash).where(old).limit(1)
        if await self._database.read(lambda connection: connection.scalar(query)) is not None:
            await self._database.write(execute, delete(requests).where(old))


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _begin(connection: Connection, key: str, content: str, now: datetime) -> Begun | Busy | Other | Answered:
    mine = requests.c.key_hash == key
    found = connection.execute(select(requests).where(mine).with_for_update()).mappings().first()
    if found is not None:
        expired = found["begun"] < now - (KEPT_FOR if found["answer"] else _LONGEST_WORK)
        if not expired:
            if found["content_hash"] != content:
                return Other()
            return Answered(found["status"], found["answer"]) if found["answer"] else Busy()
        connection.execute(delete(requests).where(mine))
    connection.execute(insert(requests).values(key_hash=key, content_hash=content, begun=now))
    return Begun()
