"""The accounts: who is read at which source, the state of that, and when it is due."""

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from bridge.errors import UnknownName
from bridge.store.account import (
    ACCOUNTS,
    STILL,
    TROUBLED,
    NewAccount,
    State,
    StoredAccount,
    Trouble,
    as_asked,
    read_accounts,
)
from bridge.store.choice import Placed
from bridge.store.database import Database, execute
from bridge.store.schema import accounts, credentials, events, outbox, parts, users
from bridge.store.wanted import accounts_changed, placed_accounts, want_feeds
from bridge.upstream.contract import Account


class AccountStore:
    """The accounts in the storage."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, new: NewAccount, now: datetime) -> StoredAccount:
        """Add an account, or replace the user's one of that name at the source and wake it. It is due at once.

        Raises:
            UnknownName: the user does not exist.
        """
        values = {
            "type": new.source_type,
            "identity": new.identity,
            "person": new.person,
            "first_name": new.first_name or None,
            "several": new.several,
            "options": json.dumps(dict(new.options)),
            "credential_id": new.credential_id,
            "state": State.NEW,
            "failures": 0,
            "last_error": None,
            "next_due": now,
        }
        return await self._database.write_durably(_put, new.user, new.source, new.name, values, now)

    async def identify(
        self, asked: StoredAccount, connected: Account, identity: str, others: Collection[str], now: datetime
    ) -> StoredAccount:
        """Store the person of an account and remove the events with the UIDs in `others`, which are not theirs.

        Nothing happens if the account has changed since it was read as `asked`.
        """
        values = {
            "person": connected.person,
            "first_name": connected.first_name or None,
            "several": connected.several,
            "options": json.dumps(dict(connected.options)),
            "identity": identity,
        }
        if not await self._database.write(_identify, asked, values, others, now):
            return asked
        return replace(
            asked,
            person=connected.person,
            first_name=connected.first_name,
            several=connected.several,
            options=connected.options,
            identity=identity,
        )

    async def keep_types(self, types: Mapping[str, str]) -> None:
        """Note the types of sources, by name, with accounts of versions that did not know them."""
        unknown = select(accounts.c.source).distinct().where(accounts.c.type.is_(None), accounts.c.user_id.is_not(None))
        found = await self._database.read(lambda connection: connection.scalars(unknown).all())
        for source in types.keys() & set(found):
            theirs = (accounts.c.source == source) & accounts.c.type.is_(None) & accounts.c.user_id.is_not(None)
            await self._database.write(execute, update(accounts).where(theirs).values(type=types[source]))

    async def ensure_shared(self, source: str, now: datetime) -> None:
        """Add the one account, without a user, of a source that takes no accounts."""
        nobodys = (accounts.c.user_id.is_(None)) & (accounts.c.source == source)
        values = {
            "user_id": None,
            "source": source,
            "identity": "",
            "person": "",
            "options": "{}",
            "state": State.NEW,
            "failures": 0,
            "next_due": now,
            "created": now,
        }
        query = select(accounts.c.id).where(nobodys)
        if await self._database.read(lambda connection: connection.scalar(query)) is not None:
            return
        try:
            await self._database.write(execute, insert(accounts).values(values))
        except IntegrityError:
            return  # another process was first

    async def get(self, account_id: int) -> StoredAccount | None:
        """The account as it is now; `None` if it was removed."""
        found = await self._database.read(read_accounts, ACCOUNTS.where(accounts.c.id == account_id))
        return found[0] if found else None

    async def find(self, user: str, source: str, name: str = "") -> StoredAccount:
        """The account of that name of a user at a source.

        Raises:
            UnknownName: it does not exist.
        """
        return await self._database.read(_find, user, source, name)

    async def all(self, *, user: str | None = None, source: str | None = None) -> list[StoredAccount]:
        """Accounts sorted by user, source and name, those without a user or a name first."""
        query = ACCOUNTS.order_by(users.c.name.is_not(None), users.c.name, accounts.c.source, accounts.c.name)
        if user is not None:
            query = query.where(users.c.name == user)
        if source is not None:
            query = query.where(accounts.c.source == source)
        return await self._database.read(read_accounts, query)

    async def count(self) -> dict[tuple[str, State], int]:
        """The number of accounts by source and state."""
        query = select(accounts.c.source, accounts.c.state, func.count()).group_by(accounts.c.source, accounts.c.state)
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return {(source, State(state)): number for source, state, number in rows}

    async def in_trouble(self, users: Collection[int]) -> list[Trouble]:
        """The accounts of these users that need a login or fail."""
        query = (
            select(accounts)
            .where(accounts.c.user_id.in_(users), accounts.c.state.in_(TROUBLED))
            .order_by(accounts.c.source, accounts.c.name)
        )
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return [
            Trouble(
                row.user_id,
                Placed(row.source, row.name, row.first_name or ""),
                row.last_ok or row.created,
                login=row.state == State.LOGIN_NEEDED,
            )
            for row in rows
        ]

    async def remove(self, user: str, source: str, now: datetime, name: str = "") -> None:
        """Remove an account with its events, and its login unless another account uses it.

        Raises:
            UnknownName: the account does not exist.
        """
        await self._database.write(_remove, user, source, name, now)


def _put(
    connection: Connection, user: str, source: str, name: str, values: Mapping[str, object], now: datetime
) -> StoredAccount:
    user_id = connection.scalar(select(users.c.id).where(users.c.name == user).with_for_update())
    if user_id is None:
        raise UnknownName(f'No user is called "{user}".')
    people = placed_accounts(connection, user_id)
    mine = (accounts.c.user_id == user_id) & (accounts.c.source == source) & (accounts.c.name == name)
    before = connection.execute(select(accounts).where(mine)).mappings().first()
    if before is None:
        new = {"user_id": user_id, "source": source, "name": name, "created": now, "last_ok": None}
        connection.execute(insert(accounts).values(**new, **values))
    else:
        connection.execute(update(accounts).where(mine).values(values))
        after = connection.execute(select(accounts).where(mine)).mappings().one()
        _forget_answers(connection, before, after)
        if before["credential_id"] != after["credential_id"]:
            _drop_credentials(connection, {before["credential_id"]})
    accounts_changed(connection, user_id, people, now)
    return read_accounts(connection, ACCOUNTS.where(mine))[0]


def _identify(
    connection: Connection, asked: StoredAccount, values: Mapping[str, object], others: Collection[str], now: datetime
) -> bool:
    """Store the person of an account; false if the account has changed since it was read as `asked`."""
    owner: int | None = connection.scalar(select(accounts.c.user_id).where(accounts.c.id == asked.id))
    people = [] if owner is None else placed_accounts(connection, owner)
    if not execute(connection, update(accounts).where(STILL).values(values), as_asked(asked)):
        return False
    if others:
        theirs = (events.c.account_id == asked.id) & events.c.uid.in_(others)
        connection.execute(delete(events).where(theirs))
        want_feeds(connection, owner)
    if owner is not None:
        accounts_changed(connection, owner, people, now)
    return True


def _find(connection: Connection, user: str, source: str, name: str) -> StoredAccount:
    named = ACCOUNTS.where(users.c.name == user, accounts.c.source == source, accounts.c.name == name)
    found = read_accounts(connection, named)
    if not found:
        what = f'account "{name}"' if name else "account"
        raise UnknownName(f"{user} has no {what} at {source}.")
    return found[0]


def _remove(connection: Connection, user: str, source: str, name: str, now: datetime) -> None:
    found = accounts.c.id == _find(connection, user, source, name).id
    owner: int = connection.execute(select(accounts.c.user_id).where(found)).scalar_one()
    people = placed_accounts(connection, owner)
    remove_accounts(connection, found)
    want_feeds(connection, owner)
    accounts_changed(connection, owner, people, now)


def _forget_answers(connection: Connection, before: RowMapping, after: RowMapping) -> None:
    """Forget what is known of the last answers, and the events too if the account has another person now."""
    connection.execute(delete(parts).where(parts.c.account_id == before["id"]))
    if before["person"] is not None and after["person"] not in {None, before["person"]}:
        connection.execute(delete(events).where(events.c.account_id == before["id"]))
        connection.execute(delete(outbox).where(outbox.c.account_id == before["id"]))
        want_feeds(connection, before["user_id"])


def remove_accounts(connection: Connection, which: ColumnElement[bool]) -> None:
    """Within a transaction: remove accounts, and logins that no account uses any more."""
    logins = set(connection.scalars(select(accounts.c.credential_id).where(which)))
    connection.execute(delete(accounts).where(which))
    _drop_credentials(connection, logins)


def _drop_credentials(connection: Connection, logins: Collection[int | None]) -> None:
    still_used = select(accounts.c.credential_id).where(accounts.c.credential_id.is_not(None))
    connection.execute(
        delete(credentials).where(
            credentials.c.id.in_([login for login in logins if login is not None]),
            credentials.c.id.not_in(still_used),
        )
    )
