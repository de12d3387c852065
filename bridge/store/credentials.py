"""The logins, encrypted. Only a refusal ends one.

A secret that works once is sent under a lease (see `locks`), by one process at a time. The answer is kept by the
generation of the secret: the first answer counts, whoever brings it, and whatever became of the lease meanwhile.
"""

import asyncio
import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import Connection, RowMapping, delete, insert, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from bridge.errors import StorageError
from bridge.model.clock import Clock
from bridge.store.account import State
from bridge.store.cipher import Cipher
from bridge.store.database import Database, execute
from bridge.store.lock import for_exchange
from bridge.store.locks import EXCHANGE_LEASE, Lease, Locks
from bridge.store.reserve import Reserve
from bridge.store.schema import accounts, credentials
from bridge.upstream.credential import AccessToken

_UNUSED_FOR = timedelta(hours=1)
MOST_EXCHANGES = 8  # fewer than connections to one host: who has a lease must not wait for a connection
_PAUSE = 0.25
log = structlog.get_logger()


@dataclass
class NoCredential:
    """The slot of an account without a login of its own."""

    secret: str | None = None
    access: AccessToken | None = None
    dead: bool = False

    async def claim(self) -> bool:
        """Nothing is ever sent."""
        return True

    def may_send(self) -> bool:
        """See `CredentialSlot.may_send`."""
        return True

    async def release(self) -> None:
        """Do nothing."""

    async def replace(self, secret: str, access: AccessToken) -> None:
        """Do nothing."""

    async def refuse(self) -> None:
        """Do nothing."""


@dataclass
class StoredCredential:
    """A `CredentialSlot` in the storage, with the values that it last read or wrote."""

    id: int
    sealed: str | None = field(repr=False)
    access: AccessToken | None = field(repr=False)
    dead: bool
    generation: int
    store: "CredentialStore" = field(repr=False)
    _claimed: Lease | None = field(default=None, repr=False)

    @property
    def secret(self) -> str | None:
        """See `CredentialSlot.secret`; it is decrypted on each access."""
        return None if self.sealed is None else self.store.cipher.decrypt(self.sealed)

    async def claim(self) -> bool:
        """See `CredentialSlot.claim`."""
        self._claimed = await self.store.claim(self.id)
        try:
            now = await self.store.get(self.id)
        except BaseException:
            await self.release()
            raise
        if (now.generation, now.dead) == (self.generation, self.dead):
            return True
        self.sealed, self.access, self.dead, self.generation = now.sealed, now.access, now.dead, now.generation
        await self.release()
        return False

    def may_send(self) -> bool:
        """See `CredentialSlot.may_send`."""
        return self._claimed is not None and self.store.surely_holds(self._claimed)

    async def release(self) -> None:
        """See `CredentialSlot.release`."""
        if self._claimed is not None:
            claimed, self._claimed = self._claimed, None
            await self.store.release(claimed)

    async def replace(self, secret: str, access: AccessToken) -> None:
        """See `CredentialSlot.replace`."""
        sealed, sealed_access = self.store.cipher.encrypt(secret), self.store.cipher.encrypt(_access_out(access))
        try:
            if await self.store.keep(self.id, self.generation, sealed, sealed_access):
                self.sealed, self.access, self.dead, self.generation = sealed, access, False, self.generation + 1
            else:  # another process has kept a later answer
                now = await self.store.get(self.id)
                self.sealed, self.access, self.dead, self.generation = now.sealed, now.access, now.dead, now.generation
        finally:
            await self.release()

    async def refuse(self) -> None:
        """See `CredentialSlot.refuse`."""
        try:
            self.dead = await self.store.end(self.id, self.generation, self._claimed)
        finally:
            await self.release()


class CredentialStore:
    """The logins in the storage, apart from accounts: a spent token is known whichever account brings it again."""

    def __init__(
        self, database: Database, cipher: Cipher, clock: Clock, locks: Locks, *, lease: timedelta = EXCHANGE_LEASE
    ) -> None:
        """Create the store. A `lease` of an exchange lasts so long; in its first half the secret may be sent."""
        self._lease_lasts = lease
        self._reserve = None if database.file is None else Reserve(database.file)
        self.cipher = cipher
        self.now = clock
        self._database = database
        self._locks = locks
        self._places = asyncio.Semaphore(MOST_EXCHANGES)
        self._claims: set[Lease] = set()
        self._settled = asyncio.Event()
        self._settled.set()
        self._stopping = False

    async def add(self, source: str, secret: str) -> StoredCredential:
        """The login with this secret: the stored one if the secret was given before, else a new one."""
        fingerprint = hashlib.sha256(secret.encode()).hexdigest()
        known = select(credentials.c.id).where(credentials.c.source == source, credentials.c.fingerprint == fingerprint)
        values = {
            "source": source,
            "fingerprint": fingerprint,
            "secret": self.cipher.encrypt(secret),
            "dead": False,
            "generation": 0,
            "created": self.now(),
        }

        def add(connection: Connection) -> int:
            found = connection.scalar(known)
            if found is None:
                found = connection.execute(insert(credentials).values(values).returning(credentials.c.id)).scalar_one()
            return int(found)

        try:
            number = await self._database.write_durably(add)
        except IntegrityError:  # another process was given the same secret at the same moment
            number = await self._database.read(lambda connection: connection.execute(known).scalar_one())
        return await self.get(number)

    async def get(self, credential_id: int) -> StoredCredential:
        """The login as it is now."""
        query = select(credentials).where(credentials.c.id == credential_id)
        row = await self._database.read(lambda connection: connection.execute(query).mappings().one())
        return self.from_row(credential_id, row)

    def from_row(self, credential_id: int, row: RowMapping) -> StoredCredential:
        """A login from a row with its columns."""
        return StoredCredential(
            id=credential_id,
            sealed=row["secret"],
            access=row["access"] and _access_in(self.cipher.decrypt(row["access"])),
            dead=row["dead"],
            generation=row["generation"],
            store=self,
        )

    async def claim(self, credential_id: int) -> Lease:
        """Take the lease of a login's exchange, durably: from then on its secret may be sent.

        It waits while another process has it, and for a place: not more are sent at once than there are connections.

        Raises:
            StorageError: the disk has no room for the answer.
            CancelledError: nothing is sent any more, since the process stops.
        """
        await self._places.acquire()
        try:
            if self._reserve is not None:
                self._reserve.hold()
            lease = await self._lease(credential_id)
        except BaseException:
            self._places.release()
            raise
        self._claims.add(lease)
        self._settled.clear()
        return lease

    async def _lease(self, credential_id: int) -> Lease:
        lease: Lease | None = None
        while lease is None and not self._stopping:
            lease = await self._locks.take(for_exchange(credential_id), length=self._lease_lasts)
            if lease is None:
                await asyncio.sleep(_PAUSE)
        if lease is not None and not self._stopping:
            return lease
        if lease is not None:  # it was asked for before the stop
            await self._locks.give(lease)
        raise asyncio.CancelledError("the process stops")

    def surely_holds(self, claimed: Lease) -> bool:
        """Whether nobody else can have what `claim` took, whatever became of this process meanwhile."""
        return self._locks.age(claimed) < self._lease_lasts.total_seconds() / 2

    async def release(self, claimed: Lease) -> None:
        """Give back what `claim` took."""
        try:
            await self._locks.give(claimed)
        finally:
            self._places.release()
            self._claims.discard(claimed)
            if not self._claims:
                self._settled.set()

    async def keep(self, credential_id: int, generation: int, sealed: str, sealed_access: str) -> bool:
        """Keep the answer to the secret of a generation; false if another answer to it was kept before.

        What cannot be written now stays in memory and is written as soon as the storage takes it: it is the only one.
        A full disk takes it, since room was kept for it.
        """
        told = False
        while True:
            try:
                return await self._database.write_durably(_keep, credential_id, generation, sealed, sealed_access)
            except StorageError as error:
                why = error.sentence
            except SQLAlchemyError as error:  # such as a table that is not there while a copy is put back
                why = f"The storage does not take it ({type(error).__name__})."
            if self._reserve is not None:
                self._reserve.spend()
            if not told:  # an error, so that it shows also in a command
                log.error("login.kept_in_memory", login=credential_id, why=why)
            told = True
            await asyncio.sleep(_PAUSE)

    async def end(self, credential_id: int, generation: int, claimed: Lease | None) -> bool:
        """Note that the upstream has refused the secret of a generation. Returns whether that has ended the login.

        It has not if an answer was kept meanwhile, or if `claimed` has run out: then the refusal may be of a replay.
        """
        return await self._database.write_durably(_end, credential_id, generation, claimed)

    def stop(self) -> int:
        """Let no secret be sent any more. Returns how many are out."""
        self._stopping = True
        return len(self._claims)

    async def settle(self) -> None:
        """Wait until each answer to a secret that is out has come and is kept."""
        await self._settled.wait()

    async def forget(self, credential_id: int) -> None:
        """Remove a login unless an account uses it."""
        used = select(accounts.c.credential_id).where(accounts.c.credential_id == credential_id)
        statement = delete(credentials).where(credentials.c.id == credential_id, credentials.c.id.not_in(used))
        await self._database.write(execute, statement)

    async def drop_unused(self) -> None:
        """Remove logins that are older than an hour and that no account uses."""
        used = select(accounts.c.credential_id).where(accounts.c.credential_id.is_not(None))
        long_ago = credentials.c.created < self.now() - _UNUSED_FOR
        statement = delete(credentials).where(credentials.c.id.not_in(used), long_ago)
        await self._database.write(execute, statement)


def _keep(connection: Connection, credential_id: int, generation: int, sealed: str, sealed_access: str) -> bool:
    """Keep an answer, and wake accounts: a replay by another process may have made the login look dead."""
    answered = (credentials.c.id == credential_id) & (credentials.c.generation == generation)
    values = {"secret": sealed, "access": sealed_access, "dead": False, "generation": generation + 1}
    if not connection.execute(update(credentials).where(answered).values(values)).rowcount:
        return False
    waiting = (accounts.c.credential_id == credential_id) & (accounts.c.state == State.LOGIN_NEEDED)
    connection.execute(update(accounts).where(waiting).values(state=State.NEW, next_due=datetime.fromtimestamp(0, UTC)))
    return True


def _end(connection: Connection, credential_id: int, generation: int, claimed: Lease | None) -> bool:
    if claimed is not None and not claimed.held(connection):
        return False
    refused = (credentials.c.id == credential_id) & (credentials.c.generation == generation)
    return connection.execute(update(credentials).where(refused).values(dead=True, access=None)).rowcount == 1


def _access_out(access: AccessToken) -> str:
    return json.dumps([access.token, int(access.expires_at.timestamp()), dict(access.extra)])


def _access_in(text: str) -> AccessToken:
    token, expires_at, extra = json.loads(text)
    return AccessToken(token, datetime.fromtimestamp(expires_at, UTC), extra)
