"""The logins. They are encrypted, and a token that works only once is never sent twice."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, RowMapping, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from bridge.model.clock import Clock
from bridge.store.cipher import Cipher
from bridge.store.database import Database, execute
from bridge.store.schema import accounts, credentials
from bridge.upstream.credential import AccessToken

_UNUSED_FOR = timedelta(hours=1)


@dataclass
class NoCredential:
    """The slot of an account without a login of its own."""

    secret: str | None = None
    access: AccessToken | None = None
    spent: bool = False

    async def sending(self) -> None:
        """Do nothing."""

    async def returned(self) -> None:
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
    spent: bool
    store: "CredentialStore" = field(repr=False)

    @property
    def secret(self) -> str | None:
        """See `CredentialSlot.secret`; it is decrypted on each access."""
        return None if self.sealed is None else self.store.cipher.decrypt(self.sealed)

    async def sending(self) -> None:
        """See `CredentialSlot.sending`."""
        await self.store.update(self.id, sent=self.store.now())

    async def returned(self) -> None:
        """See `CredentialSlot.returned`."""
        await self.store.update(self.id, sent=None)

    async def replace(self, secret: str, access: AccessToken) -> None:
        """See `CredentialSlot.replace`."""
        sealed = self.store.cipher.encrypt(secret)
        sealed_access = self.store.cipher.encrypt(_access_out(access))
        await self.store.update(self.id, secret=sealed, access=sealed_access, sent=None)
        self.sealed, self.access = sealed, access

    async def refuse(self) -> None:
        """See `CredentialSlot.refuse`."""
        await self.store.update(self.id, dead=True, access=None)
        self.spent = True


class CredentialStore:
    """The logins in the storage, apart from accounts: a spent token is known whichever account brings it again."""

    def __init__(self, database: Database, cipher: Cipher, clock: Clock) -> None:
        self.cipher = cipher
        self.now = clock
        self._database = database

    async def add(self, source: str, secret: str) -> StoredCredential:
        """The login with this secret: the stored one if the secret was given before, else a new one."""
        fingerprint = hashlib.sha256(secret.encode()).hexdigest()
        known = select(credentials.c.id).where(credentials.c.source == source, credentials.c.fingerprint == fingerprint)
        values = {
            "source": source,
            "fingerprint": fingerprint,
            "secret": self.cipher.encrypt(secret),
            "dead": False,
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
            spent=row["dead"] or row["sent"] is not None,
            store=self,
        )

    async def update(self, credential_id: int, **values: object) -> None:
        """Change columns durably."""
        statement = update(credentials).where(credentials.c.id == credential_id).values(values)
        await self._database.write_durably(execute, statement)

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


def _access_out(access: AccessToken) -> str:
    return json.dumps([access.token, int(access.expires_at.timestamp()), dict(access.extra)])


def _access_in(text: str) -> AccessToken:
    token, expires_at, extra = json.loads(text)
    return AccessToken(token, datetime.fromtimestamp(expires_at, UTC), extra)
