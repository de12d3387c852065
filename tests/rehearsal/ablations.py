"""The wiring with a safeguard taken out, to see that a rehearsal fails without it."""

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


def _without_the_fence(store: Store) -> Store:
    """Whoever has once held a lease may write."""
    locks = _UnfencedLocks(store.database)
    logins = CredentialStore(store.database, store.cipher, store.credentials.now, locks)
    return replace(store, locks=locks, credentials=logins, jobs=JobStore(store.database, logins))


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


def _with(logins: Callable[..., CredentialStore]) -> Callable[[Store], Store]:
    def wired(store: Store) -> Store:
        kept = logins(store.database, store.cipher, store.credentials.now, store.locks)
        return replace(store, credentials=kept, jobs=JobStore(store.database, kept))

    return wired


WITHOUT: dict[str, Callable[[Store], Store]] = {
    "": lambda store: store,
    "fence": _without_the_fence,
    "generation": _with(_AnyGeneration),
    "kept in memory until durable": _with(_OneTry),
    "durable before use": _with(_UsedFirst),
}
