"""The outbox: what people want to have written back, from before it is sent until some time after it is answered.

What an account has is sent in the order in which it was kept, by whoever holds the lock of the account.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, delete, func, insert, select, update

from bridge.model.event import Part
from bridge.model.tracked import uid_of
from bridge.store.account import StoredAccount, stored_account
from bridge.store.cipher import Cipher
from bridge.store.codec import decode_whole, encode_whole
from bridge.store.database import Database, execute
from bridge.store.events import hide_event, show_again, show_event
from bridge.store.locks import Lease
from bridge.store.parts import read_again
from bridge.store.schema import accounts, outbox, users
from bridge.store.wanted import want_feeds
from bridge.upstream.writing import Deed, Write

_SECOND = timedelta(seconds=1)


class WriteState(StrEnum):
    """What became of a write.

    `SENT` is one of which no answer has come yet, `UNKNOWN` one of which none will come.
    """

    WAITING = "waiting"
    SENT = "sent"
    DONE = "done"
    REFUSED = "refused"
    UNKNOWN = "unknown"


UNANSWERED = (WriteState.WAITING, WriteState.SENT)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A write in the storage. `write.content` is there only when it is to be sent.

    `code` is the upstream's own one of a refusal. `error` is a sentence about the last try. `tries` is how often it was
    sent.
    """

    id: int
    write: Write
    state: WriteState
    code: str | None
    error: str | None
    tries: int
    created: datetime
    changed: datetime

    @property
    def answered(self) -> bool:
        """Whether nothing more is sent, so that its content is forgotten."""
        return self.state not in UNANSWERED


@dataclass(frozen=True, slots=True)
class Answered:
    """What an upstream answered: the last state of a write, and what people should know of it."""

    state: WriteState
    code: str | None = None
    error: str | None = None
    result: Mapping[str, str] | None = None


class OutboxStore:
    """The outbox in the storage, encrypted but for the states."""

    def __init__(self, database: Database, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher

    async def keep(self, account: StoredAccount, writes: Sequence[Write], now: datetime) -> list[Outgoing]:
        """Keep writes durably, to be sent from now on, and show their events. One whose key is known is kept once."""
        rows = await self._database.write_durably(self._keep, account, writes, now)
        return [self._read(row) for row in rows]

    async def of_account(self, account_id: int) -> list[Outgoing]:
        """The writes of an account, the oldest first."""
        query = _WITHOUT_CONTENT.where(outbox.c.account_id == account_id).order_by(outbox.c.id)
        rows = await self._database.read(lambda connection: connection.execute(query).mappings().all())
        return [self._read(row) for row in rows]

    async def unanswered(self, account_id: int) -> frozenset[str]:
        """The identities of the events that writes of an account are about which have no answer, or no certain one."""
        open_ones = (outbox.c.account_id == account_id) & outbox.c.state.in_((*UNANSWERED, WriteState.UNKNOWN))
        query = select(outbox.c.identity).where(open_ones, outbox.c.identity != "")
        return frozenset(await self._database.read(lambda connection: connection.scalars(query).all()))

    async def due(self, now: datetime, sources: Collection[str], *, but: Collection[int]) -> list[StoredAccount]:
        """The accounts at `sources`, except those in `but`, with a write to send now."""
        given = {"now": now, "sources": list(sources), "but": list(but)}
        rows = await self._database.read(lambda connection: connection.execute(_DUE, given).mappings().all())
        return [stored_account(row) for row in rows]

    async def first(self, account_id: int) -> tuple[Outgoing, datetime] | None:
        """The first write of an account without an answer, and when to send it; `None` if there is none."""
        mine = (outbox.c.account_id == account_id) & outbox.c.next_try.is_not(None)
        query = select(outbox).where(mine).order_by(outbox.c.id).limit(1)
        row = await self._database.read(lambda connection: connection.execute(query).mappings().first())
        return None if row is None else (self._read(row), row["next_try"])

    async def begin(self, outgoing: Outgoing, lease: Lease, now: datetime) -> bool:
        """Note durably that a write is being sent. False if it must not be: another process sends, or it is gone."""

        def begin(connection: Connection) -> bool:
            mine = (outbox.c.id == outgoing.id) & outbox.c.next_try.is_not(None)
            values = {"state": WriteState.SENT, "tries": outbox.c.tries + 1, "changed": now}
            return lease.held(connection) and execute(connection, update(outbox).where(mine).values(values)) == 1

        return await self._database.write_durably(begin)

    async def wait(
        self, outgoing: Outgoing, lease: Lease, *, state: WriteState, error: str, until: datetime, now: datetime
    ) -> None:
        """Note that a write has no answer yet, and when it is sent again."""

        def wait(connection: Connection) -> None:
            values = {"state": state, "error": error, "next_try": until, "changed": now}
            if lease.held(connection):
                connection.execute(update(outbox).where(outbox.c.id == outgoing.id).values(values))

        await self._database.write(wait)

    async def settle(
        self, account: StoredAccount, outgoing: Outgoing, answered: Answered, lease: Lease, now: datetime
    ) -> None:
        """Keep the answer to a write durably, forget what was sent, and have the account read again."""
        about = {**outgoing.write.about, **(answered.result or {})}
        values: dict[str, object] = {
            "state": answered.state,
            "code": answered.code,
            "error": answered.error,
            "about": self._cipher.encrypt(json.dumps(about)),
            "content": None,
            "instead": None,
            "next_try": None,
            "changed": now,
        }
        await self._database.write_durably(self._settle, account, outgoing, values, lease, now)

    async def cancel(self, account: StoredAccount, outgoing: Outgoing) -> bool:
        """Forget the first report of something that was not sent yet, and its event. False if it was sent."""
        return await self._database.write_durably(_cancel, account, outgoing)

    async def forget(self, before: datetime) -> None:
        """Remove what was answered before a moment."""
        old = (outbox.c.changed < before) & outbox.c.next_try.is_(None)
        query = select(outbox.c.id).where(old).limit(1)
        if await self._database.read(lambda connection: connection.scalar(query)) is not None:
            await self._database.write(execute, delete(outbox).where(old))

    def _keep(
        self, connection: Connection, account: StoredAccount, writes: Sequence[Write], now: datetime
    ) -> list[RowMapping]:
        owner = connection.execute(select(accounts.c.user_id).where(accounts.c.id == account.id)).scalar_one()
        uids = []
        for write in writes:
            if _find(connection, account.id, write.key) is not None:
                continue
            columns = self._columns(account.id, write, now)
            if write.event is not None and write.part is not None:
                uid = uid_of(account.source, account.owner_of_events(account.person), write.event)
                before = show_event(connection, account, write.part, write.event, uid, now)
                uids.append(uid if before is None else before.uid)
                if before is not None and before.vanished is None:
                    columns["instead"] = self._cipher.encrypt(encode_whole(before.event))
            connection.execute(insert(outbox).values(**columns))
        if uids:
            want_feeds(connection, owner, uids)
        return [row for write in writes if (row := _find(connection, account.id, write.key)) is not None]

    def _settle(
        self,
        connection: Connection,
        account: StoredAccount,
        outgoing: Outgoing,
        values: Mapping[str, object],
        lease: Lease,
        now: datetime,
    ) -> None:
        if not lease.held(connection):
            return
        mine = outbox.c.id == outgoing.id
        shows, instead = connection.execute(select(outbox.c.shows, outbox.c.instead).where(mine)).one()
        connection.execute(update(outbox).where(mine).values(values))
        again = {"wrote": now + _SECOND, "next_due": now}
        owner = connection.execute(
            update(accounts).where(accounts.c.id == account.id).values(again).returning(accounts.c.user_id)
        ).first()
        read_again(connection, account.id)
        write, state = outgoing.write, values["state"]
        if owner is None or write.part is None or not write.identity:
            return
        uids = []
        if state == WriteState.DONE and not shows:  # what was withdrawn does not show
            uids = hide_event(connection, account.id, write.part, write.identity, reported=False)
        elif state == WriteState.REFUSED and shows and not _handed_on(connection, account.id, outgoing, instead):
            if instead is None:
                uids = hide_event(connection, account.id, write.part, write.identity, reported=True)
            else:
                event = decode_whole(self._cipher.decrypt(instead))
                uids = show_again(connection, account.id, write.part, event, now)
        if uids:
            want_feeds(connection, owner.user_id, uids)

    def _columns(self, account_id: int, write: Write, now: datetime) -> dict[str, Any]:
        return {
            "account_id": account_id,
            "key": write.key,
            "deed": write.deed,
            "state": WriteState.WAITING,
            "about": self._cipher.encrypt(json.dumps(dict(write.about))),
            "content": self._cipher.encrypt(json.dumps(dict(write.content))),
            "repeatable": write.repeatable,
            "part": write.part,
            "identity": write.identity,
            "shows": write.event is not None,
            "tries": 0,
            "next_try": now,
            "created": now,
            "changed": now,
        }

    def _read(self, row: RowMapping) -> Outgoing:
        content = row.get("content")
        write = Write(
            key=row["key"],
            deed=Deed(row["deed"]),
            about=json.loads(self._cipher.decrypt(row["about"])),
            content={} if content is None else json.loads(self._cipher.decrypt(content)),
            part=None if row["part"] is None else Part(row["part"]),
            identity=row["identity"],
            repeatable=row["repeatable"],
        )
        return Outgoing(
            row["id"],
            write,
            WriteState(row["state"]),
            row["code"],
            row["error"],
            row["tries"],
            row["created"],
            row["changed"],
        )


_WITHOUT_CONTENT = select(*(column for column in outbox.c if column.name not in {"content", "instead"}))
# Made once, since it is asked for each second: that takes SQLAlchemy longer than the rest.
_FIRST = select(func.min(outbox.c.id)).where(outbox.c.next_try.is_not(None)).group_by(outbox.c.account_id)
_DUE = (
    select(accounts, users.c.name.label("user"))
    .join(users, users.c.id == accounts.c.user_id)
    .join(outbox, outbox.c.account_id == accounts.c.id)
    .where(outbox.c.id.in_(_FIRST), outbox.c.next_try <= bindparam("now"))
    .where(accounts.c.source.in_(bindparam("sources", expanding=True)))
    .where(accounts.c.id.not_in(bindparam("but", expanding=True)))
)


def _find(connection: Connection, account_id: int, key: str) -> RowMapping | None:
    mine = (outbox.c.account_id == account_id) & (outbox.c.key == key)
    return connection.execute(_WITHOUT_CONTENT.where(mine)).mappings().first()


def _handed_on(connection: Connection, account_id: int, outgoing: Outgoing, instead: str | None) -> bool:
    """Leave it to the next write about the same event, if there is one, to show what the refused one replaced."""
    write = outgoing.write
    same = (outbox.c.account_id == account_id) & (outbox.c.part == write.part) & (outbox.c.identity == write.identity)
    query = select(func.min(outbox.c.id)).where(same, outbox.c.id > outgoing.id, outbox.c.shows)
    later = connection.scalar(query.where(outbox.c.next_try.is_not(None)))
    if later is None:
        return False
    connection.execute(update(outbox).where(outbox.c.id == later).values(instead=instead))
    return True


def _cancel(connection: Connection, account: StoredAccount, outgoing: Outgoing) -> bool:
    waiting = (outbox.c.id == outgoing.id) & (outbox.c.state == WriteState.WAITING)
    if not execute(connection, delete(outbox).where(waiting)):
        return False
    owner = connection.execute(select(accounts.c.user_id).where(accounts.c.id == account.id)).first()
    if owner is not None and outgoing.write.part is not None:
        uids = hide_event(connection, account.id, outgoing.write.part, outgoing.write.identity, reported=True)
        want_feeds(connection, owner.user_id, uids)
    return True
