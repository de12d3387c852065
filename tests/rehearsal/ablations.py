"""The wiring with leases that soon end, whole or with a safeguard taken out, to see that a rehearsal fails then."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection

from bridge.errors import StorageError
from bridge.store.credentials import CredentialStore
from bridge.store.jobs import JobStore
from bridge.store.locks import Lease, Lock, Locks
from bridge.store.storage import Store
from bridge.upstream.tasks import begin


class _UnfencedLease(Lease):
    def held(self, connection: Connection) -> bool:  # noqa: ARG002 - whatever stands there
        return True


class _UnfencedLocks(Locks):
    async def take(self, lock: Lock, *, length: timedelta | None = None) -> Lease | None:
        lease = await super().take(lock, length=length)
        return lease and _UnfencedLease(lease.lock, lease.owner, lease.epoch)


class _AnyGeneration(CredentialStore):
    async def keep(self, credential_id: int, generation: int, sealed: str, sealed_access: str) -> bool:
        generation = (await self.get(credential_id)).generation
        return await super().keep(credential_id, generation, sealed, sealed_access)


class _OneTry(CredentialStore):
    async def keep(self, credential_id: int, generation: int, sealed: str, sealed_access: str) -> bool:
        try:
            async with asyncio.timeout(0.1):
                return await super().keep(credential_id, generation, sealed, sealed_access)
        except TimeoutError as error:
            raise StorageError("The storage takes nothing.") from error


class _UsedFirst(CredentialStore):
    async def keep(self, credential_id: int, generation: int, sealed: str, sealed_access: str) -> bool:
        begin(super().keep(credential_id, generation, sealed, sealed_access))
        return True


class _SentWhatever(CredentialStore):
    def surely_holds(self, claimed: Lease) -> bool:  # noqa: ARG002 - it is the safeguard
        return True


def _wired(
    logins: Callable[..., CredentialStore] = CredentialStore, locks: Callable[..., Locks] = Locks
) -> Callable[[Store], Store]:
    def wired(store: Store) -> Store:
        held = locks(store.database, length=LEASE)
        kept = logins(store.database, store.cipher, store.credentials.now, held, lease=LEASE)
        return replace(store, locks=held, credentials=kept, jobs=JobStore(store.database, kept))

    return wired


LEASE = timedelta(seconds=1)
"""So short that a test can wait for its end."""
WITHOUT: dict[str, Callable[[Store], Store]] = {
    "": _wired(),
    "fence": _wired(locks=_UnfencedLocks),
    "generation": _wired(_AnyGeneration),
    "kept in memory until durable": _wired(_OneTry),
    "durable before use": _wired(_UsedFirst),
    "sent in the first half of a lease": _wired(_SentWhatever),
}
