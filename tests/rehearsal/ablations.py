"""The wiring with leases that soon end, whole or with a safeguard taken out, to see that a rehearsal fails then."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from bridge.store.credentials import CredentialStore
from bridge.store.jobs import JobStore
from bridge.store.locks import Locks
from bridge.store.storage import Store
from bridge.upstream.tasks import begin


class _AnyGeneration(CredentialStore):
    async def keep(self, credential_id: int, generation: int, sealed: str, sealed_access: str) -> bool:
        generation = (await self.get(credential_id)).generation
        return await super().keep(credential_id, generation, sealed, sealed_access)


class _UsedFirst(CredentialStore):
    async def keep(self, credential_id: int, generation: int, sealed: str, sealed_access: str) -> bool:
        begin(super().keep(credential_id, generation, sealed, sealed_access))
        return True


def _wired(logins: Callable[..., CredentialStore] = CredentialStore) -> Callable[[Store], Store]:
    def wired(store: Store) -> Store:
        held = Locks(store.database, length=LEASE)
        kept = logins(store.database, store.cipher, store.credentials.now, held, lease=LEASE)
        return replace(store, locks=held, credentials=kept, jobs=JobStore(store.database, kept))

    return wired


LEASE = timedelta(seconds=1)
"""So short that a test can wait for its end."""
WITHOUT: dict[str, Callable[[Store], Store]] = {
    "": _wired(),
    "generation": _wired(_AnyGeneration),
    "durable before use": _wired(_UsedFirst),
}
