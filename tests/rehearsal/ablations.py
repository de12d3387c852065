"""The wiring with leases that soon end, whole or with a safeguard taken out, to see that a rehearsal fails then."""

import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection

from bridge.store.account import StoredAccount
from bridge.store.credentials import CredentialStore, StoredCredential
from bridge.store.jobs import JobStore, PartChange, Standing
from bridge.store.locks import Lease, Locks
from bridge.store.storage import Store
from bridge.upstream.tasks import begin


class AnyGeneration(CredentialStore):
    """Keeps an answer also when a later one is kept already."""

    async def keep(self, credential_id: int, generation: int, sealed: str, sealed_access: str) -> bool:
        generation = (await self.get(credential_id)).generation
        return await super().keep(credential_id, generation, sealed, sealed_access)


class UsedFirst(CredentialStore):
    """Lets an answer be used before it is kept."""

    async def keep(self, credential_id: int, generation: int, sealed: str, sealed_access: str) -> bool:
        begin(super().keep(credential_id, generation, sealed, sealed_access))
        return True


class _StandsStill(CredentialStore):
    """Stands still once, when it is about to send a token."""

    _stood = False

    async def get(self, credential_id: int) -> StoredCredential:
        now = await super().get(credential_id)
        if self._claims and not self._stood:
            self._stood = True
            os.kill(os.getpid(), signal.SIGSTOP)
        return now


class _SentLate(_StandsStill):
    def surely_holds(self, _claimed: Lease) -> bool:
        return True


class Unfenced(JobStore):
    """Writes whoever holds the lease, and whether or not another has refreshed the account."""

    async def save(
        self, asked: StoredAccount, changes: Sequence[PartChange], standing: Standing, lease: Lease
    ) -> bool | None:
        now = await self.get(asked.id)
        assert now is not None
        asked = replace(asked, state=now.account.state, next_due=now.account.next_due)
        held = _HeldForEver(lease.lock, lease.owner, lease.epoch, lease.taken)
        return await super().save(asked, changes, standing, held)


class _HeldForEver(Lease):
    def held(self, _connection: Connection) -> bool:
        return True


def _wired(
    logins: Callable[..., CredentialStore] = CredentialStore, jobs: Callable[..., JobStore] = JobStore
) -> Callable[[Store], Store]:
    def wired(store: Store) -> Store:
        held = Locks(store.database, length=LEASE)
        kept = logins(store.database, store.cipher, store.credentials.now, held, lease=LEASE)
        return replace(store, locks=held, credentials=kept, jobs=jobs(store.database, kept))

    return wired


LEASE = timedelta(seconds=1)
"""So short that a test can wait for its end."""
WITHOUT: dict[str, Callable[[Store], Store]] = {
    "": _wired(),
    "generation": _wired(AnyGeneration),
    "durable before use": _wired(UsedFirst),
    "fence": _wired(jobs=Unfenced),
    "nothing, but it stands still": _wired(_StandsStill),
    "half of the lease": _wired(_SentLate),
}
