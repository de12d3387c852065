"""All that a refresh needs to begin, in one look at the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, bindparam, select

from bridge.model.event import Part
from bridge.store.accounts import StoredAccount, stored_account
from bridge.store.credentials import CredentialStore, NoCredential
from bridge.store.database import Database
from bridge.store.events import KnownPart, known_part
from bridge.store.schema import accounts, credentials, parts, users
from bridge.upstream.oauth import CredentialSlot


@dataclass(frozen=True, slots=True)
class Job:
    """An account, its login, and what is known of each part from last time."""

    account: StoredAccount
    slot: CredentialSlot
    known: Mapping[Part, KnownPart]


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
        credentials.c.secret,
        credentials.c.access,
        credentials.c.sent,
        credentials.c.dead,
    )
    .outerjoin(users, users.c.id == accounts.c.user_id)
    .outerjoin(parts, parts.c.account_id == accounts.c.id)
    .outerjoin(credentials, credentials.c.id == accounts.c.credential_id)
    .where(accounts.c.id == bindparam("account"))
)


def _rows(connection: Connection, account_id: int) -> Sequence[RowMapping]:
    return connection.execute(_QUERY, {"account": account_id}).mappings().all()


class JobStore:
    """Finds jobs."""

    def __init__(self, database: Database, logins: CredentialStore) -> None:
        self._database = database
        self._logins = logins

    async def get(self, account_id: int) -> Job | None:
        """The job of an account as it is now; none if it has been removed."""
        rows = await self._database.read(_rows, account_id)
        if not rows:
            return None
        first = rows[0]
        login = first["credential_id"]
        return Job(
            account=stored_account(first),
            slot=NoCredential() if login is None else self._logins.from_row(login, first),
            known={Part(row["part"]): known_part(row) for row in rows if row["part"] is not None},
        )
