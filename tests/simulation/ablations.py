"""The storage of a host with a safeguard taken out, to see that there is a day that goes wrong then."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from sqlalchemy import Connection, RowMapping, delete

from bridge.store.claims import ClaimStore
from bridge.store.credentials import CredentialStore, StoredCredential
from bridge.store.jobs import JobStore
from bridge.store.lock import Lock, Locked
from bridge.store.locks import Lease, Locks
from bridge.store.schema import leases
from bridge.store.storage import Store
from tests.rehearsal.ablations import AnyGeneration, Unfenced, UsedFirst

_T = TypeVar("_T")


class _TakesFromOthers(Locks):
    """Takes due accounts also while another host works on them."""

    async def take_some(
        self, find: Callable[[Connection], Iterable[_T]], lock_of: Callable[[_T], Lock]
    ) -> list[tuple[_T, Lease]]:
        theirs = leases.c.of.in_([Locked.LOGIN, Locked.ACCOUNT])
        await self._database.write(lambda connection: connection.execute(delete(leases).where(theirs)))
        return await super().take_some(find, lock_of)


class _SendsBesideOthers(CredentialStore):
    """Sends a secret also while another host has sent it."""

    async def claim(self, credential_id: int) -> Lease:
        sent = (leases.c.of == Locked.EXCHANGE) & (leases.c.id == credential_id)
        await self._database.write(lambda connection: connection.execute(delete(leases).where(sent)))
        return await super().claim(credential_id)


class _SendsLate(CredentialStore):
    """Sends a secret however long ago it took the lease for that."""

    def surely_holds(self, claimed: Lease) -> bool:  # noqa: ARG002 - that is what is taken out
        return True


class _ReadOnce(StoredCredential):
    async def claim(self) -> bool:
        self._claimed = await self.store.claim(self.id)
        return True


class _SendsWhatItRead(CredentialStore):
    """Sends the secret that it has read before it took the lease for that."""

    def from_row(self, credential_id: int, row: RowMapping) -> StoredCredential:
        read = super().from_row(credential_id, row)
        return _ReadOnce(read.id, read.sealed, read.access, read.dead, read.generation, self)


def _logins(kind: type[CredentialStore]) -> Callable[[Store], Store]:
    def wired(store: Store) -> Store:
        logins = kind(store.database, store.cipher, store.credentials.now, store.locks)
        return replace(store, credentials=logins, jobs=JobStore(store.database, logins))

    return wired


def _greedy(store: Store) -> Store:
    locks = _TakesFromOthers(store.database, seconds=store.locks.seconds)
    return replace(store, locks=locks, claims=ClaimStore(store.database, locks))


WITHOUT: dict[str, Callable[[Store], Store]] = {
    "": lambda store: store,
    "leases of accounts": _greedy,
    "fences": lambda store: replace(store, jobs=Unfenced(store.database, store.credentials)),
    "leases of exchanges": _logins(_SendsBesideOthers),
    "half of the lease": _logins(_SendsLate),
    "the second look": _logins(_SendsWhatItRead),
    "durable before use": _logins(UsedFirst),
    "generations": _logins(AnyGeneration),
}
