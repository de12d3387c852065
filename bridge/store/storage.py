"""Open a storage: migrate its schema, check its key, create its stores."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from bridge.errors import StorageError
from bridge.model.clock import Clock, boot_seconds
from bridge.store.accounts import AccountStore
from bridge.store.activity import ActivityStore
from bridge.store.audit import AuditStore
from bridge.store.budgets import BudgetStore
from bridge.store.cipher import Cipher
from bridge.store.claims import ClaimStore
from bridge.store.credentials import CredentialStore
from bridge.store.database import Database
from bridge.store.encryption import check_key
from bridge.store.events import EventStore
from bridge.store.feeds import FeedStore
from bridge.store.hosts import HostStore
from bridge.store.identities import IdentityStore
from bridge.store.installation import InstallationStore
from bridge.store.jobs import JobStore
from bridge.store.leavers import LeaverStore
from bridge.store.links import LinkStore
from bridge.store.locks import Locks
from bridge.store.marker import Marker
from bridge.store.marks import put_mark, read_mark
from bridge.store.migrations.migrate import migrate
from bridge.store.names import NameStore
from bridge.store.outbox import OutboxStore
from bridge.store.private_files import make_file, make_folder
from bridge.store.renderings import RenderingStore
from bridge.store.requests import RequestStore
from bridge.store.sessions import SessionStore
from bridge.store.sources import SourceStore
from bridge.store.surveys import SurveyStore
from bridge.store.teams import TeamStore
from bridge.store.trouble import trouble_of
from bridge.store.users import UserStore

_PATIENCE = 3.0
_BEAT = "beat"


@dataclass(frozen=True, slots=True)
class Store:
    """The stores of one database."""

    database: Database
    users: UserStore
    accounts: AccountStore
    credentials: CredentialStore
    events: EventStore
    names: NameStore
    feeds: FeedStore
    teams: TeamStore
    links: LinkStore
    leavers: LeaverStore
    hosts: HostStore
    identities: IdentityStore
    renderings: RenderingStore
    budgets: BudgetStore
    claims: ClaimStore
    jobs: JobStore
    locks: Locks
    cipher: Cipher
    audit: AuditStore
    requests: RequestStore
    sources: SourceStore
    sessions: SessionStore
    outbox: OutboxStore
    installation: InstallationStore
    activity: ActivityStore
    surveys: SurveyStore

    async def trouble(self) -> str | None:
        """Why the storage cannot be read, in a sentence; `None` if it can."""
        try:
            async with asyncio.timeout(_PATIENCE):
                await self.database.read(read_mark, _BEAT)
        except StorageError as error:
            return error.sentence
        except TimeoutError as error:
            return str(trouble_of(error, self.database.place))
        return None

    async def beat(self, now: datetime) -> None:
        """Write a mark, to know that writing works."""
        await self.database.write(put_mark, _BEAT, now.isoformat())


@asynccontextmanager
async def open_store(
    url: str,
    cipher: Cipher,
    clock: Clock,
    marker: Marker | None = None,
    *,
    seconds: Callable[[], float] = boot_seconds,
) -> AsyncIterator[Store]:
    """Open the storage at `url`, create or upgrade it if needed, and close it at the end.

    `marker` knows the SQLite files that have been there; one that is gone is not created again. `seconds` is the
    monotonic clock of leases.

    Raises:
        StorageError: the storage cannot be reached, or not be used.
        ConfigError: it has a newer schema, or is encrypted with another key.
    """
    database = Database(url)
    locks = Locks(database, seconds=seconds)
    logins = CredentialStore(database, cipher, clock, locks)
    try:
        await _prepare(database, cipher, marker)
        yield Store(
            database=database,
            users=UserStore(database),
            accounts=AccountStore(database),
            credentials=logins,
            events=EventStore(database),
            names=NameStore(database),
            feeds=FeedStore(database, cipher),
            teams=TeamStore(database),
            links=LinkStore(database, cipher),
            leavers=LeaverStore(database),
            hosts=HostStore(database, cipher),
            identities=IdentityStore(database),
            renderings=RenderingStore(database),
            budgets=BudgetStore(database),
            claims=ClaimStore(database, locks),
            jobs=JobStore(database, logins),
            locks=locks,
            cipher=cipher,
            audit=AuditStore(database),
            requests=RequestStore(database, cipher),
            sources=SourceStore(database, cipher),
            sessions=SessionStore(database),
            outbox=OutboxStore(database, cipher),
            installation=InstallationStore(database),
            activity=ActivityStore(database),
            surveys=SurveyStore(database),
        )
    finally:
        await logins.settle()
        locks.close()
        await database.close()


async def _prepare(database: Database, cipher: Cipher, marker: Marker | None) -> None:
    if database.file is not None:
        if marker is not None:
            marker.expect(database.file)
        try:
            make_folder(database.file.parent)
            make_file(database.file)
        except OSError as error:
            raise trouble_of(error, database.place) or error from error
    await migrate(database)
    await check_key(database, cipher)
    if database.file is not None and marker is not None:
        marker.note(database.file)
