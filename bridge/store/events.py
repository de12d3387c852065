"""The events with their history."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from msgspec import structs
from sqlalchemy import Connection, Select, bindparam, func, or_, select

from bridge.model.event import Event, Kind, Part
from bridge.model.tracked import TrackedEvent, renewed
from bridge.model.window import Window
from bridge.store.account import StoredAccount
from bridge.store.choice import BETWEEN
from bridge.store.database import Database
from bridge.store.event_rows import (
    COLUMNS,
    ENTRIES,
    add_events,
    entries_of,
    entry_of,
    remove_events,
    replace_events,
    rows_of,
)
from bridge.store.feed import Members
from bridge.store.locks import Lease
from bridge.store.schema import accounts, events, feed_members, groups, users
from bridge.store.wanted import want_feeds

_AT_ONCE = 400
_DAY = timedelta(days=1)  # more than the difference between the midnights of any two zones


@dataclass(frozen=True, slots=True)
class KeptEvents:
    """The events of a part that an answer may be about.

    `others` is the number of other events of the part, without vanished ones. `more` is whether the account has any
    other events. `taken` are UIDs of those.
    """

    entries: tuple[TrackedEvent, ...] = ()
    others: int = 0
    more: bool = False
    taken: frozenset[str] = frozenset()


class EventStore:
    """The events in the storage. A refresh writes them; only expired ones are changed here."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def near(
        self, account: StoredAccount, part: Part, covered: Sequence[Window], horizon: Window, now: datetime
    ) -> KeptEvents:
        """The events of a part from the first day in `covered` to the last, and those that have expired by `now`.

        Events expire when they are out of the `horizon` or have been shown as vanished for long enough. The result may
        have more events.
        """
        within = covered or (Window(horizon.start, horizon.start),)
        bounds = {
            "until": _seconds(max(window.end for window in within) + _DAY),
            "since": _seconds(min(window.start for window in within) - _DAY),
            "horizon_end": _seconds(horizon.end - _DAY),
            "horizon_start": _seconds(horizon.start + _DAY),
            "now": int(now.timestamp()),
        }
        return await self._database.read(_near, account, part, bounds)

    async def named(
        self, account: StoredAccount, part: Part, kept: KeptEvents, identities: Collection[str], uids: Collection[str]
    ) -> KeptEvents:
        """`kept`, with the events of the part that have these identities, and with which of `uids` are taken."""
        return await self._database.read(_named, account, part, kept, sorted(identities), sorted(uids))

    async def of_part(self, account_id: int, part: Part) -> list[TrackedEvent]:
        """All events of a part."""
        return await self._database.read(
            entries_of, ENTRIES.where(events.c.account_id == account_id, events.c.part == part)
        )

    async def of_user(
        self, user: str, kinds: Collection[Kind], sources: Collection[str] | None, within: Window | None = None
    ) -> list[TrackedEvent]:
        """The events of a user, and of sources without accounts, with these kinds and choices of sources.

        `within` leaves out what does not touch these days or those beside them.
        """
        owner = select(users.c.id).where(users.c.name == user).scalar_subquery()
        mine = or_(accounts.c.user_id == owner, accounts.c.user_id.is_(None))
        query = _OWNED.where(mine, events.c.kind.in_(kinds))
        if sources is not None:
            account = accounts.c.source + BETWEEN + accounts.c.name
            query = query.where(or_(accounts.c.source.in_(sources), account.in_(sources)))
        if within is not None:
            until, since = _seconds(within.end + _DAY), _seconds(within.start - _DAY)
            query = query.where(events.c.starts < until, events.c.ends > since)
        return [entry for _, entry in await self._database.read(_owned, query)]

    async def of_uids(self, users: Collection[int], uids: Collection[str]) -> list[tuple[int | None, TrackedEvent]]:
        """Those events with these UIDs that belong to these users or to everybody, each with its user's number."""
        query = _OWNED.where(or_(accounts.c.user_id.in_(users), accounts.c.user_id.is_(None)), events.c.uid.in_(uids))
        return await self._database.read(_owned, query)

    async def of_members(
        self, feed_id: int, members: Members, kinds: Collection[Kind]
    ) -> list[tuple[str, str, list[TrackedEvent]]]:
        """The name, title and events with these kinds of each member of a team's feed, sorted by name.

        What is in named accounts is not about the members themselves but about their children, unless those are in the
        group.
        """
        query = (
            select(users.c.name, users.c.title, *COLUMNS)
            .join(accounts, accounts.c.id == events.c.account_id)
            .join(users, users.c.id == accounts.c.user_id)
            .where(events.c.kind.in_(kinds))
            .order_by(users.c.name)
        )
        if members.group:
            within = (accounts.c.source == members.source) & (groups.c.name == members.group)
            of_group = select(accounts.c.user_id).join(groups, groups.c.account_id == accounts.c.id).where(within)
            in_group = select(groups.c.account_id).where(groups.c.name == members.group)
            own = or_(accounts.c.name == "", accounts.c.id.in_(in_group) & (accounts.c.source == members.source))
            query = query.where(users.c.id.in_(of_group), own)
        else:
            chosen = select(feed_members.c.user_id).where(feed_members.c.feed_id == feed_id)
            query = query.where(users.c.id.in_(chosen), accounts.c.name == "")
        found: dict[str, tuple[str, str, list[TrackedEvent]]] = {}
        for name, title, *columns in await self._database.read(lambda connection: connection.execute(query).all()):
            found.setdefault(name, (name, title, []))[2].append(entry_of(*columns))
        return list(found.values())

    async def expired(self, now: datetime) -> list[int]:
        """The ids of accounts with events that have expired by `now`."""
        over = events.c.expires <= int(now.timestamp())
        query = select(events.c.account_id).where(over)  # with anything more, SQLite reads all events
        return sorted(set(await self._database.read(lambda connection: connection.scalars(query).all())))

    async def aging(self, account_id: int) -> list[TrackedEvent]:
        """The events of an account that will expire."""
        query = ENTRIES.where(events.c.account_id == account_id, events.c.expires.is_not(None))
        return await self._database.read(entries_of, query)

    async def age(
        self,
        account_id: int,
        changed: Sequence[TrackedEvent],
        removed: Collection[str],
        ties: Collection[str] = (),
        *,
        lease: Lease,
    ) -> None:
        """Write what has expired of an account's events, in one transaction. Its feeds are wanted again.

        Nothing is written if another process holds the lease by now. `ties` are the identities of the events that
        those are tied to (`Event.ties`).
        """
        await self._database.write(_age, account_id, changed, removed, ties, lease)


_OWNED = select(accounts.c.user_id, *COLUMNS).join(accounts, accounts.c.id == events.c.account_id)
_OF_PART = (events.c.account_id == bindparam("account")) & (events.c.part == bindparam("of_part"))
_NEAR = ENTRIES.where(
    _OF_PART,
    ((events.c.starts < bindparam("until")) & (events.c.ends > bindparam("since")))
    | (events.c.starts >= bindparam("horizon_end"))
    | (events.c.ends <= bindparam("horizon_start"))
    | (events.c.expires <= bindparam("now")),
)
_COUNTS = select(
    func.count(), func.count().filter(events.c.part == bindparam("of_part"), events.c.vanished.is_(None))
).where(events.c.account_id == bindparam("account"))
_OF_ACCOUNT = events.c.account_id == bindparam("account")
_IS_NAMED = events.c.identity.in_(bindparam("named", expanding=True))
_NAMED = ENTRIES.where(_OF_PART, _IS_NAMED)
_TIED = select(events.c.uid).where(_OF_ACCOUNT, _IS_NAMED)
_TAKEN = select(events.c.uid).where(_OF_ACCOUNT, events.c.uid.in_(bindparam("uids", expanding=True)))


def show_event(
    connection: Connection, account: StoredAccount, part: Part, event: Event, uid: str, now: datetime
) -> TrackedEvent | None:
    """Within a transaction: store an event with this UID, or replace the one with its identity. Returns that one."""
    query = ENTRIES.where(_OF_PART, events.c.identity == event.identity)
    before = entries_of(connection, query, {"account": account.id, "of_part": part})
    if before:
        replace_events(connection, account.id, [structs.replace(renewed(before[0], now), event=event, vanished=None)])
        return before[0]
    moment = now.replace(microsecond=0)
    add_events(connection, account.id, part, [TrackedEvent(uid, account.source, event, 0, moment, moment)])
    return None


def show_again(connection: Connection, account_id: int, part: Part, event: Event, now: datetime) -> list[str]:
    """Within a transaction: put an event back in the place of what was reported, unless the upstream shows it by now.

    Returns its UID, if it was put back.
    """
    query = ENTRIES.where(_OF_PART, events.c.identity == event.identity)
    found = entries_of(connection, query, {"account": account_id, "of_part": part})
    reported = [structs.replace(renewed(entry, now), event=event) for entry in found if entry.event.reported]
    replace_events(connection, account_id, reported)
    return [entry.uid for entry in reported]


def hide_event(connection: Connection, account_id: int, part: Part, identity: str, *, reported: bool) -> list[str]:
    """Within a transaction: remove the event of an identity. Returns its UID, if there was one.

    With `reported`, only if the upstream does not show it.
    """
    query = ENTRIES.where(_OF_PART, events.c.identity == identity)
    found = entries_of(connection, query, {"account": account_id, "of_part": part})
    uids = [entry.uid for entry in found if entry.event.reported or not reported]
    remove_events(connection, account_id, uids)
    return uids


def with_tied(
    connection: Connection, account_id: int, uids: Collection[str], ties: Collection[str]
) -> Collection[str] | None:
    """Within a transaction: the UIDs of changed events of an account, and of those that they are or were tied to.

    `None` if these are so many that more than they may differ; see `want_feeds`.
    """
    if len(uids) + len(ties) > _AT_ONCE:
        return None
    if not ties:
        return uids
    return {*uids, *connection.scalars(_TIED, {"account": account_id, "named": sorted(ties)})}


def _age(
    connection: Connection,
    account_id: int,
    changed: Sequence[TrackedEvent],
    removed: Collection[str],
    ties: Collection[str],
    lease: Lease,
) -> None:
    if not lease.held(connection):
        return
    owner = connection.execute(select(accounts.c.user_id).where(accounts.c.id == account_id)).first()
    if owner is None:
        return
    replace_events(connection, account_id, changed)
    remove_events(connection, account_id, removed)
    uids = {entry.uid for entry in changed}.union(removed)
    want_feeds(connection, owner.user_id, with_tied(connection, account_id, uids, ties))


def _near(connection: Connection, account: StoredAccount, part: Part, bounds: dict[str, int]) -> KeptEvents:
    of_part = {"account": account.id, "of_part": part}
    every, there = connection.execute(_COUNTS, of_part).one()
    if not every:
        return KeptEvents()
    entries = tuple(entry_of(*row) for row in rows_of(connection, _NEAR, of_part | bounds))
    others = there - sum(1 for entry in entries if entry.vanished is None)
    return KeptEvents(entries, others, more=every > len(entries))


def _named(
    connection: Connection,
    account: StoredAccount,
    part: Part,
    kept: KeptEvents,
    identities: Sequence[str],
    uids: Sequence[str],
) -> KeptEvents:
    known = {entry.uid for entry in kept.entries}
    found = []
    for some in _batches(identities):
        rows = rows_of(connection, _NAMED, {"account": account.id, "of_part": part, "named": some})
        found += [entry for row in rows if (entry := entry_of(*row)).uid not in known]
    taken = set[str]()
    for some in _batches(uids):
        taken.update(connection.scalars(_TAKEN, {"account": account.id, "uids": some}))
    return replace(
        kept,
        entries=(*kept.entries, *found),
        others=kept.others - sum(1 for entry in found if entry.vanished is None),
        taken=frozenset(taken),
    )


def _batches(values: Sequence[str]) -> Iterable[Sequence[str]]:
    return (values[start : start + _AT_ONCE] for start in range(0, len(values), _AT_ONCE))


def _owned(connection: Connection, query: Select[Any]) -> list[tuple[int | None, TrackedEvent]]:
    """Each event with its user's number, which is everybody's if it has none."""
    return [
        (user, structs.replace(entry_of(*columns), shared=True) if user is None else entry_of(*columns))
        for user, *columns in rows_of(connection, query)
    ]


def _seconds(day: date) -> int:
    """The midnight of `day` in UTC, in seconds since 1970."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
