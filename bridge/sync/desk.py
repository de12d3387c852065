"""Where people ask to have something written back: it is kept first, and then sent."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bridge.errors import BridgeError, StorageError, UnknownName
from bridge.model.clock import Clock
from bridge.store.account import StoredAccount
from bridge.store.choice import account_of
from bridge.store.locks import LockBusy
from bridge.store.outbox import Outgoing
from bridge.store.storage import Store
from bridge.sync.sender import Sender
from bridge.upstream.configured import ConfiguredSource
from bridge.upstream.contract import Account
from bridge.upstream.credential import CredentialSlot
from bridge.upstream.tasks import begin
from bridge.upstream.writing import Write


class CannotWrite(BridgeError):
    """A source does not do what was asked of it, or not for this account."""


@dataclass(frozen=True, slots=True)
class Asker:
    """The account of a person who asks for something, at its source."""

    stored: StoredAccount
    slot: CredentialSlot
    at: ConfiguredSource

    @property
    def account(self) -> Account:
        """The account as its source gets it."""
        return self.stored.at_source

    @property
    def person(self) -> str:
        """Who it is, where the user has several people at the source; else empty."""
        return (self.stored.first_name or self.stored.name) if self.stored.name else ""


@dataclass(frozen=True, slots=True)
class Desk:
    """Takes what people want to have written.

    `saved` is called when events have changed; `patience` is how long a person waits for an answer of the upstream.
    What takes longer goes on without them.
    """

    store: Store
    sources: Mapping[str, ConfiguredSource]
    sender: Sender
    clock: Clock
    saved: Callable[[], None] = lambda: None
    patience: timedelta = timedelta(seconds=20)

    async def asker(self, user: str, account: str) -> Asker:
        """An account of a user: the usual one at a source, or `SOURCE/NAME`.

        Raises:
            UnknownName: there is no such user, account or source.
            CannotWrite: the person is not known at the source yet.
        """
        source, name = account_of(account)
        await self.store.users.get(user)
        found = await self.store.accounts.find(user, source, name)
        if source not in self.sources:
            raise UnknownName(f"{user} has no account at {source}.")
        job = await self.store.jobs.get(found.id)
        at = self.sources[source]
        if job is None or job.account.person is None or not job.account.fits(at.type.name):
            raise CannotWrite(f"{at.title} has not been read for {user} yet; nothing can be written there.")
        return Asker(job.account, job.slot, at)

    async def take(self, asker: Asker, writes: Sequence[Write]) -> list[Outgoing]:
        """Keep writes, send them, and return what has come of them so far."""
        kept = await self.store.outbox.keep(asker.stored, writes, self.clock())
        self.saved()
        await self.send(asker)
        sent = {one.id: one for one in await self.store.outbox.of_account(asker.stored.id)}
        return [sent.get(outgoing.id, outgoing) for outgoing in kept]

    async def take_one(self, asker: Asker, write: Write) -> Outgoing:
        """Keep a write, send it, and return what has come of it so far."""
        return (await self.take(asker, [write]))[0]

    async def send(self, asker: Asker) -> None:
        """Send what an account has to send, for as long as a person waits; what is left is sent later."""
        sending = begin(self.sender.send(asker.stored))
        try:
            async with asyncio.timeout(self.patience.total_seconds()):
                await asyncio.shield(sending)
        except (TimeoutError, LockBusy, StorageError):
            return
