"""An account, and its row."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, bindparam, select

from bridge.store.choice import Placed
from bridge.store.lock import Lock, for_account, for_login
from bridge.store.schema import accounts, users
from bridge.upstream.contract import Account


class State(StrEnum):
    """The state of an account, as `account list` shows it."""

    NEW = "new"
    OK = "ok"
    FAILING = "failing"
    HELD = "held"
    LOGIN_NEEDED = "login-needed"


TROUBLED = (State.FAILING, State.LOGIN_NEEDED)
"""The states in which nothing new comes."""


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account of a user at a source to add, or what the one of that `name` shall be.

    `person` is `None` until it is known; `source_type` is the type of the source; `several` is as in `StoredAccount`.
    """

    user: str
    source: str
    identity: str
    person: str | None
    options: Mapping[str, str] = field(default_factory=dict)
    credential_id: int | None = None
    source_type: str | None = None
    name: str = ""
    first_name: str = ""
    several: bool | None = None


@dataclass(frozen=True, slots=True)
class StoredAccount:
    """An account. `user` is `None` for a source without accounts; `person` is `None` until it is known.

    `wrote` is when the upstream last answered something that was written.
    `name` tells it from the user's other accounts at the source; it is empty for the usual one. `first_name` is that of
    the person, if the source says so. `several` is whether its login has several people, `None` if that is not known.
    """

    id: int
    user: str | None
    source: str
    identity: str
    person: str | None
    options: Mapping[str, str]
    credential_id: int | None
    state: State
    failures: int
    last_ok: datetime | None
    last_error: str | None
    next_due: datetime
    type: str | None = None
    wrote: datetime | None = None
    name: str = ""
    first_name: str = ""
    several: bool | None = None

    @property
    def called(self) -> str:
        """The account as a sentence names it."""
        return called(self.user or "", self.source, self.name)

    def owner_of_events(self, person: str | None) -> str:
        """From what the UIDs of its events are made, besides their source and identity, if this is its person."""
        owner = person or self.user or ""  # without a person, of the user
        return f"{owner}\n{self.name}" if self.name else owner

    def fits(self, source_type: str) -> bool:
        """Whether it was made for a source of this type: else its login must not go there."""
        return self.type in {None, source_type}

    @property
    def at_source(self) -> Account:
        """The account as a source gets it."""
        return Account(self.person or "", self.options, wrote=self.wrote)

    @property
    def lock(self) -> Lock:
        """The lock for a refresh. Accounts that share a login share its lock."""
        return for_account(self.id) if self.credential_id is None else for_login(self.credential_id)


def called(user: str, source: str, name: str) -> str:
    """An account as a sentence names it."""
    return f'the account "{name}" of {user} at {source}' if name else f"the account of {user} at {source}"


@dataclass(frozen=True, slots=True)
class Trouble:
    """An account that needs a login or fails: whose it is, which, since when (UTC), and whether it needs a `login`."""

    user_id: int
    account: Placed
    since: datetime
    login: bool


ACCOUNTS = select(accounts, users.c.name.label("user")).outerjoin(users, users.c.id == accounts.c.user_id)
"""The rows that `read_accounts` reads."""


# Matches an account as it was when it was read: not if it was removed, added again or refreshed since.
STILL = (
    (accounts.c.id == bindparam("asked_id"))
    & accounts.c.credential_id.is_not_distinct_from(bindparam("asked_login", type_=accounts.c.credential_id.type))
    & (accounts.c.identity == bindparam("asked_identity"))
    & (accounts.c.options == bindparam("asked_options"))
    & (accounts.c.state == bindparam("asked_state"))
    & (accounts.c.next_due == bindparam("asked_due"))
)


def as_asked(asked: StoredAccount) -> dict[str, object]:
    """The parameters of `STILL` for an account."""
    return {
        "asked_id": asked.id,
        "asked_login": asked.credential_id,
        "asked_identity": asked.identity,
        "asked_options": json.dumps(dict(asked.options)),
        "asked_state": asked.state,
        "asked_due": asked.next_due,
    }


def read_accounts(
    connection: Connection, query: Select[Any], given: Mapping[str, object] | None = None
) -> list[StoredAccount]:
    """Within a transaction: the accounts that a query finds, which is `ACCOUNTS` with conditions, with these values."""
    return [stored_account(row) for row in connection.execute(query, given).mappings()]


def stored_account(row: RowMapping) -> StoredAccount:
    """An account from a row with its columns and the user's name."""
    return StoredAccount(
        id=row["id"],
        user=row["user"],
        source=row["source"],
        identity=row["identity"],
        person=row["person"],
        options=json.loads(row["options"]),
        credential_id=row["credential_id"],
        state=State(row["state"]),
        failures=row["failures"],
        last_ok=row["last_ok"],
        last_error=row["last_error"],
        next_due=row["next_due"],
        type=row["type"],
        wrote=row["wrote"],
        name=row["name"],
        first_name=row["first_name"] or "",
        several=row["several"],
    )
