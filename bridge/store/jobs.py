"""Refreshes in the storage: what one needs, in one query, and what it changes, in one transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, bindparam, delete, insert, select, update

from bridge.model.event import Part
from bridge.model.names import Names
from bridge.model.standstill import PATIENCE
from bridge.model.tracked import TrackedEvent
from bridge.store.account import STILL, TROUBLED, State, StoredAccount, as_asked, stored_account
from bridge.store.credentials import CredentialStore, NoCredential
from bridge.store.database import Database, execute
from bridge.store.event_rows import add_events, remove_events, replace_events
from bridge.store.events import with_tied
from bridge.store.locks import Lease
from bridge.store.names import keep_names
from bridge.store.parts import KnownPart, known_part, part_columns
from bridge.store.schema import accounts, credentials, feeds, parts, users
from bridge.store.wanted import want_feeds
from bridge.upstream.credential import CredentialSlot


@dataclass(frozen=True, slots=True)
class Job:
    """An account, its login, and what is known of each part from the last refresh."""

    account: StoredAccount
    slot: CredentialSlot
    known: Mapping[Part, KnownPart]


@dataclass(frozen=True, slots=True)
class PartChange:
    """What a refresh changes of a part: events to add and to replace, UIDs to remove, and what is known after it.

    `names` are new names; `None` leaves them as they are. `renames_school` is whether the name of the school changes.
    `ties` are the identities of the events that those are or were tied to (`Event.ties`).
    """

    part: Part
    after: KnownPart
    added: Sequence[TrackedEvent] = ()
    changed: Sequence[TrackedEvent] = ()
    removed: Collection[str] = ()
    names: Names | None = None
    renames_school: bool = False
    ties: frozenset[str] = frozenset()

    @property
    def uids(self) -> set[str]:
        """The UIDs of the new, changed and removed events."""
        return {entry.uid for entry in (*self.added, *self.changed)}.union(self.removed)


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of an account after a refresh, and when it is due again."""

    state: State
    failures: int
    last_ok: datetime | None
    last_error: str | None
    next_due: datetime


class JobStore:
    """The refreshes in the storage."""

    def __init__(self, database: Database, logins: CredentialStore) -> None:
        self._database = database
        self._logins = logins

    async def get(self, account_id: int) -> Job | None:
        """The job of an account as it is now; `None` if it was removed."""
        return self.made_of(await self._database.read(job_rows, account_id))

    def made_of(self, rows: Sequence[RowMapping]) -> Job | None:
        """The job in the rows that `job_rows` gives; `None` if there are none."""
        if not rows:
            return None
        first = rows[0]
        login = first["credential_id"]
        return Job(
            account=stored_account(first),
            slot=NoCredential() if login is None else self._logins.from_row(login, first),
            known={Part(row["part"]): known_part(row) for row in rows if row["part"] is not None},
        )

    async def save(
        self, asked: StoredAccount, changes: Sequence[PartChange], standing: Standing, lease: Lease
    ) -> bool | None:
        """Write what a refresh changes, in one transaction, and give back its lease.

        Returns:
            Whether feeds are wanted again; `None` if nothing was written, since another process holds the lease by
            now, or since the account was removed or added again after it was read as `asked`.
        """
        saved = await self._database.write(_save, asked, changes, standing, lease)
        lease.given = saved is not None
        return saved

    async def bring_forward(self, source: str, latest: datetime, *, refreshed_after: datetime | None = None) -> None:
        """Make no account at `source` due later than `latest`, or only those refreshed after a moment.

        An account that was refreshed in the future had a clock that was set back since.
        """
        late = (accounts.c.source == source) & (accounts.c.next_due > latest)
        if refreshed_after is not None:
            late &= accounts.c.last_ok > refreshed_after
        statement = update(accounts).where(late).values(next_due=latest)
        await self._database.write(execute, statement)


_QUERY = (
    select(
        accounts,
        users.c.name.label("user"),
        parts.c.part,
        parts.c.answers,
        parts.c.horizon,
        parts.c.events,
        parts.c.held,
        parts.c.held_since,
        parts.c.remembered,
        credentials.c.secret,
        credentials.c.access,
        credentials.c.dead,
        credentials.c.generation,
    )
    .outerjoin(users, users.c.id == accounts.c.user_id)
    .outerjoin(parts, parts.c.account_id == accounts.c.id)
    .outerjoin(credentials, credentials.c.id == accounts.c.credential_id)
    .where(accounts.c.id == bindparam("account"))
)
_STAND = (
    update(accounts)
    .where(STILL)
    .values({name: bindparam(name) for name in ("state", "failures", "last_ok", "last_error", "next_due")})
    .returning(accounts.c.user_id)
)
_KEEP_PARTS = insert(parts)
_FORGET_PARTS = delete(parts).where(parts.c.account_id == bindparam("of"), parts.c.part == bindparam("known"))


def job_rows(connection: Connection, account_id: int) -> Sequence[RowMapping]:
    """Within a transaction: what is stored of the job of an account."""
    return connection.execute(_QUERY, {"account": account_id}).mappings().all()


def _save(
    connection: Connection, asked: StoredAccount, changes: Sequence[PartChange], standing: Standing, lease: Lease
) -> bool | None:
    if not lease.held(connection):
        return None
    stand = {
        "state": standing.state,
        "failures": standing.failures,
        "last_ok": standing.last_ok,
        "last_error": standing.last_error,
        "next_due": standing.next_due,
    }
    owner = connection.execute(_STAND, as_asked(asked) | stand).first()
    if owner is None:
        return None
    lease.give(connection)
    recovered = _tell_standstill(connection, owner.user_id, asked, standing)
    if not changes:
        return recovered
    _keep_parts(connection, asked.id, changes)
    for change in changes:  # in all parts first: an event may have moved to another part
        remove_events(connection, asked.id, change.removed)
    for change in changes:
        replace_events(connection, asked.id, change.changed)
        add_events(connection, asked.id, change.part, change.added)
        if change.names is not None:
            keep_names(connection, asked.id, change.names)
    uids = set[str]().union(*(change.uids for change in changes))
    renamed = any(change.renames_school for change in changes)
    if renamed or uids:
        ties = frozenset[str]().union(*(change.ties for change in changes))
        want_feeds(connection, owner.user_id, None if renamed else with_tied(connection, asked.id, uids, ties))
    return renamed or bool(uids) or recovered


def _tell_standstill(connection: Connection, user_id: int | None, asked: StoredAccount, standing: Standing) -> bool:
    """Have the feeds of a user say, a day from now, that an account stands still, and at once that it is well again.

    Returns whether feeds are wanted again.
    """
    was, troubled = asked.state in TROUBLED, standing.state in TROUBLED
    if user_id is None or was == troubled:
        return False
    if troubled:
        told = (asked.last_ok or standing.next_due) + PATIENCE
        sooner = (feeds.c.user_id == user_id) & (feeds.c.expires.is_(None) | (feeds.c.expires > told))
        connection.execute(update(feeds).where(sooner).values(expires=told))
        return False
    if asked.last_ok is not None and standing.last_ok is not None and standing.last_ok - asked.last_ok < PATIENCE:
        return False
    want_feeds(connection, user_id)
    return True


def _keep_parts(connection: Connection, account_id: int, changes: Sequence[PartChange]) -> None:
    connection.execute(_FORGET_PARTS, [{"of": account_id, "known": change.part} for change in changes])
    connection.execute(
        _KEEP_PARTS, [{"account_id": account_id, **part_columns(change.part, change.after)} for change in changes]
    )
