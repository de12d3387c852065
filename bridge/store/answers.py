"""Answers that all hosts on a storage share, encrypted, for as long as they may be used.

A host that asks has a lease by the name of the request, and the others wait for what it keeps.
"""

import asyncio
import base64
import hashlib
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from http import HTTPStatus

import structlog
from sqlalchemy import Connection, delete, insert, select
from zlib_ng import zlib_ng

from bridge.errors import BadResponse, ConfigError, StorageError
from bridge.model.clock import Clock
from bridge.store.cipher import Cipher
from bridge.store.database import Database
from bridge.store.lock import for_answer
from bridge.store.locks import Lease, LockBusy, Locks, now_of
from bridge.store.schema import shared_answers
from bridge.upstream.reply import Body, Reply
from bridge.upstream.shared_answers import SharedAnswers, Sharing

_CLOCKS = timedelta(minutes=10)  # so far clocks of hosts are apart at most
_HASHED = 8
_SHARED = (HTTPStatus.OK, HTTPStatus.NOT_FOUND)  # some say with the latter that there is nothing
log = structlog.get_logger()


def answers_of(
    database: Database, cipher: Cipher, locks: Locks, source: str, origin: str, clock: Clock
) -> SharedAnswers | None:
    """The answers of a source that several hosts share, `None` where there is one; `origin` is its name for people."""
    return None if database.file is not None else StoredAnswers(database, cipher, locks, source, origin, clock)


class StoredAnswers:
    """The `SharedAnswers` of a source in the storage."""

    def __init__(
        self, database: Database, cipher: Cipher, locks: Locks, source: str, origin: str, clock: Clock
    ) -> None:
        """Create those of a source; `origin` is its name for people."""
        self._database = database
        self._cipher = cipher
        self._locks = locks
        self._source = source
        self._origin = origin
        self._clock = clock

    async def get(self, request: str, sharing: Sharing, ask: Callable[[], Awaitable[Reply]]) -> Reply:
        """See `SharedAnswers.get`. A storage in trouble is no reason not to ask."""
        digest = hashlib.sha256(f"{self._source} {request}".encode())
        name = digest.hexdigest()
        if (kept := await self._kept(name, sharing)) is not None:
            return kept
        lock = for_answer(int.from_bytes(digest.digest()[:_HASHED], signed=True))
        async with AsyncExitStack() as turn:
            lease: Lease | None = None
            try:
                lease = await turn.enter_async_context(self._locks.hold(lock))
            except (StorageError, LockBusy):
                log.debug("answer.not_shared", source=self._source)
            if lease is not None and (kept := await self._kept(name, sharing)) is not None:
                return kept
            reply = await ask()
            if lease is not None:
                await self._share(lease, name, reply, sharing.max_age)
            return reply

    async def _share(self, lease: Lease, name: str, reply: Reply, max_age: timedelta) -> None:
        sealed = await asyncio.to_thread(self._sealed, reply)
        if sealed is None:
            return
        try:
            await self._database.write(self._keep, lease, name, reply.status, sealed, max_age)
        except StorageError:
            log.debug("answer.not_shared", source=self._source)

    async def _kept(self, name: str, sharing: Sharing) -> Reply | None:
        try:
            found = await self._database.read(self._find, name, sharing)
        except StorageError:
            return None
        return None if found is None else await asyncio.to_thread(self._opened, *found)

    def _find(self, connection: Connection, name: str, sharing: Sharing) -> tuple[int, str] | None:
        """The status and the encrypted answer."""
        age = now_of(connection) - shared_answers.c.came
        row = connection.execute(
            select(shared_answers.c.answer, age, shared_answers.c.status).where(shared_answers.c.name == name)
        ).first()
        if row is None or not 0 <= row[1] < sharing.max_age.total_seconds():
            return None
        if sharing.after is not None and self._clock() - timedelta(seconds=row[1]) < sharing.after + _CLOCKS:
            return None
        return row[2], row[0]

    def _keep(
        self, connection: Connection, lease: Lease, name: str, status: int, sealed: str, max_age: timedelta
    ) -> None:
        if not lease.held(connection):  # another host has asked meanwhile, later
            return
        now = float(connection.scalar(select(now_of(connection))) or 0)
        connection.execute(
            delete(shared_answers).where((shared_answers.c.until < now) | (shared_answers.c.name == name))
        )
        values = {
            "name": name,
            "status": status,
            "answer": sealed,
            "came": now,
            "until": now + max_age.total_seconds(),
        }
        connection.execute(insert(shared_answers).values(values))

    def _sealed(self, reply: Reply) -> str | None:
        """An answer as it is kept; `None` if it is not: a web page instead of a list must not be shared."""
        try:
            reply.json()
        except BadResponse:
            return None
        if reply.status not in _SHARED:
            return None
        return self._cipher.encrypt(base64.b64encode(zlib_ng.compress(bytes(reply.body), 1)).decode())

    def _opened(self, status: int, sealed: str) -> Reply | None:
        """What `_sealed` gave; `None` if its key was taken out since."""
        try:
            packed = base64.b64decode(self._cipher.decrypt(sealed))
        except ConfigError:
            return None
        return Reply(status, {}, Body((zlib_ng.decompress(packed),)), self._origin)
