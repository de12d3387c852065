"""Which accounts are due and which feeds are wanted, and which process takes which of them.

The due moment stands in the account's row, and who works on it in its lease: a claim takes the leases of due accounts
that nobody holds. Processes claim in turns, so no account goes to two of them. So it is with feeds.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import ColumnElement, Connection, Select, bindparam, case, func, literal, literal_column, select, update

from bridge.store.account import ACCOUNTS, State, StoredAccount, read_accounts
from bridge.store.database import Database
from bridge.store.feed import Feed
from bridge.store.lock import Locked, for_feed
from bridge.store.locks import Lease, Locks, is_free, now_by, wait_for_turn
from bridge.store.renderings import out_of_date
from bridge.store.schema import accounts, budgets, feeds


@dataclass(frozen=True, slots=True)
class Claim:
    """A due account, and the lease that only this process has."""

    account: StoredAccount
    lease: Lease


class ClaimStore:
    """The claims in the storage."""

    def __init__(self, database: Database, locks: Locks) -> None:
        self._database = database
        self._locks = locks

    async def claim(self, now: datetime, sources: Sequence[str], *, limit: int) -> list[Claim]:
        """Take at most `limit` due and free accounts at `sources`: those never read first, then the longest due.

        None at sources that have asked for silence. Of accounts that share a login one is taken. Each lease has to be
        kept or given back; see `Locks.keep`.
        """
        given = {"now": now, "sources": list(sources)}
        if not await self._database.read(
            lambda connection: connection.scalar(_one_due(connection.dialect.name), given)
        ):
            return []

        def find(connection: Connection) -> list[StoredAccount]:
            due = _is_due(connection.dialect.name)
            query = ACCOUNTS.where(due, _is_free(connection)).order_by(accounts.c.next_due, accounts.c.id)
            new = read_accounts(connection, query.where(_IS_NEW).limit(limit), given)
            others = query.where(~_IS_NEW).limit(limit - len(new))
            return new + (read_accounts(connection, others, given) if len(new) < limit else [])

        taken = await self._locks.take_some(find, lambda account: account.lock)
        return [Claim(account, lease) for account, lease in taken]

    async def pull_back(self, source: str, interval: timedelta) -> None:
        """Make no healthy account at `source` due later than `interval` after its last good refresh.

        So a lowered interval holds at once, and a clock that once was wrong keeps nobody waiting. An account that is
        worked on stays as it is, since a refresh of one that has changed meanwhile is not kept.
        """
        await self._database.write(_pull_back, source, interval)

    @asynccontextmanager
    async def wanted_feeds(self, now: datetime, *, limit: int) -> AsyncIterator[list[Feed]]:
        """At most `limit` feeds whose calendars are out of date at `now`, which no other process claims meanwhile.

        On SQLite they are not claimed: there one process publishes.
        """
        waiting = await self._database.read(out_of_date, limit, now)
        if self._database.file is not None or not waiting:
            yield waiting
            return

        def find(connection: Connection) -> list[Feed]:
            return out_of_date(connection, limit, now, is_free(connection, literal(int(Locked.FEED)), feeds.c.id))

        taken = await self._locks.take_some(find, lambda feed: for_feed(feed.id))
        async with self._locks.keep_some([lease for _, lease in taken]):
            yield [feed for feed, _ in taken]


_IS_NEW = accounts.c.state == literal_column(f"'{State.NEW}'")
"""With the state as a literal: a partial index is not used if the state is a parameter."""

_LOCK_OF = case((accounts.c.credential_id.is_(None), int(Locked.ACCOUNT)), else_=int(Locked.LOGIN))


_MOVE = (
    update(accounts)
    .where(accounts.c.id == bindparam("of"), accounts.c.next_due == bindparam("was"))
    .values(next_due=bindparam("at"))
)


def _pull_back(connection: Connection, source: str, interval: timedelta) -> None:
    wait_for_turn(connection)  # nobody claims an account meanwhile
    healthy = (accounts.c.source == source) & (accounts.c.state == State.OK) & accounts.c.last_ok.is_not(None)
    query = select(accounts.c.id, accounts.c.last_ok, accounts.c.next_due).where(healthy, _is_free(connection))
    late = [
        {"of": row.id, "was": row.next_due, "at": row.last_ok + interval}
        for row in connection.execute(query)
        if row.next_due > row.last_ok + interval
    ]
    if late:
        connection.execute(_MOVE, late)


def _is_free(connection: Connection) -> ColumnElement[bool]:
    """The condition that nobody works on an account."""
    return is_free(connection, _LOCK_OF, func.coalesce(accounts.c.credential_id, accounts.c.id))


def _is_due(dialect: str) -> ColumnElement[bool]:
    """The condition that an account at one of `sources` is due at `now`, both of which are given with the query."""
    quiet = select(budgets.c.source).where(budgets.c.quiet_until > now_by(dialect))
    return (
        (accounts.c.next_due <= bindparam("now"))
        & (accounts.c.state != State.LOGIN_NEEDED)
        & accounts.c.source.in_(bindparam("sources", expanding=True))
        & accounts.c.source.not_in(quiet)
    )


@cache
def _one_due(dialect: str) -> Select[tuple[int]]:
    """Made once, since it is asked for each second: that takes SQLAlchemy longer than the rest."""
    return select(accounts.c.id).where(_is_due(dialect)).limit(1)
