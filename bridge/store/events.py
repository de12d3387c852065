"""The events with their history."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from msgspec import structs
from sqlalchemy import Connection, Dialect, Select, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bridge.model.event import Event, Kind, Part
from bridge.model.tracked import TrackedEvent, expires_at, renewed
from bridge.model.window import Window
from bridge.store.account import StoredAccount
from bridge.store.choice import BETWEEN
from bridge.store.codec import columns_of, decode, decode_before, encode, encode_before, moment_of, seconds_of, when_of
from bridge.store.columns import uid_to_bytes
from bridge.store.database import Database
from bridge.store.feed import Members
from bridge.store.locks import Lease
from bridge.store.schema import accounts, events, feed_members, groups, users
from bridge.store.wanted import want_feeds

_AT_ONCE = 400
_KINDS = {kind.value: kind for kind in Kind}
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
            _entries, _ENTRIES.where(events.c.account_id == account_id, events.c.part == part)
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
            select(users.c.name, users.c.title, *_COLUMNS)
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
            found.setdefault(name, (name, title, []))[2].append(_entry(*columns))
        return list(found.values())

    async def expired(self, now: datetime) -> list[int]:
        """The ids of accounts with events that have expired by `now`."""
        over = events.c.expires <= int(now.timestamp())
        query = select(events.c.account_id).where(over)  # with anything more, SQLite reads all events
        return sorted(set(await self._database.read(lambda connection: connection.scalars(query).all())))

    async def aging(self, account_id: int) -> list[TrackedEvent]:
        """The events of an account that will expire."""
        query = _ENTRIES.where(events.c.account_id == account_id, events.c.expires.is_not(None))
        return await self._database.read(_entries, query)

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


_WRITTEN = [name for name in events.c.keys() if name not in {"account_id", "part", "uid"}]  # noqa: SIM118 - no mapping
_READ = [events.c[name] for name in _WRITTEN if name != "expires"]
_COLUMNS = (accounts.c.source, accounts.c.name, events.c.uid, *_READ)
_ENTRIES = select(*_COLUMNS).join(accounts, accounts.c.id == events.c.account_id)
_OWNED = select(accounts.c.user_id, *_COLUMNS).join(accounts, accounts.c.id == events.c.account_id)
_OF_PART = (events.c.account_id == bindparam("account")) & (events.c.part == bindparam("of_part"))
_NEAR = _ENTRIES.where(
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
_NAMED = _ENTRIES.where(_OF_PART, _IS_NAMED)
_TIED = select(events.c.uid).where(_OF_ACCOUNT, _IS_NAMED)
_TAKEN = select(events.c.uid).where(_OF_ACCOUNT, events.c.uid.in_(bindparam("uids", expanding=True)))
_OF_UID = (events.c.account_id == bindparam("of")) & (events.c.uid == bindparam("known_as"))
_ADD = {
    "sqlite": sqlite.insert(events).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(events).on_conflict_do_nothing(),
}
_REMOVE = delete(events).where(_OF_UID)
_REPLACE = update(events).where(_OF_UID).values({name: bindparam(name) for name in _WRITTEN})


def add_events(connection: Connection, account_id: int, part: Part, entries: Iterable[TrackedEvent]) -> None:
    """Within a transaction: store new events of a part, except those with the UID of another event of the account."""
    rows = sorted((account_id, uid_to_bytes(entry.uid), part, *_columns(entry)) for entry in entries)
    if rows:  # without SQLAlchemy, which takes as long for a first import as all the rest of storing it
        connection.exec_driver_sql(_add_statement(connection.dialect), rows)


@cache
def _add_statement(dialect: Dialect) -> str:
    """The statement of a dialect that adds a row with all columns in order."""
    return str(_ADD[dialect.name].compile(dialect=dialect))


def replace_events(connection: Connection, account_id: int, entries: Iterable[TrackedEvent]) -> None:
    """Within a transaction: replace the events with the same UIDs."""
    rows = [
        {"of": account_id, "known_as": entry.uid, **dict(zip(_WRITTEN, _columns(entry), strict=True))}
        for entry in entries
    ]
    if rows:
        connection.execute(_REPLACE, rows)


def remove_events(connection: Connection, account_id: int, uids: Iterable[str]) -> None:
    """Within a transaction: remove the events with these UIDs."""
    rows = [{"of": account_id, "known_as": uid} for uid in uids]
    if rows:
        connection.execute(_REMOVE, rows)


def show_event(
    connection: Connection, account: StoredAccount, part: Part, event: Event, uid: str, now: datetime
) -> str:
    """Within a transaction: store an event, or replace the one with its identity. Returns its UID, or `uid` if new."""
    query = _ENTRIES.where(_OF_PART, events.c.identity == event.identity)
    before = _entries(connection, query, {"account": account.id, "of_part": part})
    if before:
        replace_events(connection, account.id, [structs.replace(renewed(before[0], now), event=event, vanished=None)])
        return before[0].uid
    moment = now.replace(microsecond=0)
    add_events(connection, account.id, part, [TrackedEvent(uid, account.source, event, 0, moment, moment)])
    return uid


def hide_event(connection: Connection, account_id: int, part: Part, identity: str, *, reported: bool) -> list[str]:
    """Within a transaction: remove the event of an identity. Returns its UID, if there was one.

    With `reported`, only if the upstream does not show it.
    """
    query = _ENTRIES.where(_OF_PART, events.c.identity == identity)
    found = _entries(connection, query, {"account": account_id, "of_part": part})
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
    entries = tuple(_entry(*row) for row in connection.execute(_NEAR, of_part | bounds))
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
        rows = connection.execute(_NAMED, {"account": account.id, "of_part": part, "named": some})
        found += [entry for row in rows if (entry := _entry(*row)).uid not in known]
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
        (user, structs.replace(_entry(*columns), shared=True) if user is None else _entry(*columns))
        for user, *columns in connection.execute(query)
    ]


def _entries(
    connection: Connection, query: Select[Any], parameters: dict[str, object] | None = None
) -> list[TrackedEvent]:
    return [_entry(*row) for row in connection.execute(query, parameters)]


def _entry(
    source: str,
    account: str,
    uid: str,
    kind: str,
    identity: str,
    starts: int,
    ends: int,
    zone: str | None,
    sequence: int,
    created: int,
    modified: int,
    vanished: int | None,
    changed: int | None,
    before: str | None,
    content: str,
) -> TrackedEvent:
    """An event from its columns, in the order of `_COLUMNS`."""
    event = decode(content, identity=identity, kind=_KINDS[kind], when=when_of(starts, ends, zone))
    return TrackedEvent(
        uid,
        source,
        event,
        sequence,
        moment_of(created),
        moment_of(modified),
        None if vanished is None else moment_of(vanished),
        None if before is None else decode_before(before),
        None if changed is None else moment_of(changed),
        account=account,
    )


def _columns(entry: TrackedEvent) -> tuple[object, ...]:
    """The values of an event for `_WRITTEN`."""
    return (
        entry.event.kind,
        entry.event.identity,
        *columns_of(entry.event.when),
        entry.sequence,
        seconds_of(entry.created),
        seconds_of(entry.modified),
        _moment(entry.vanished),
        _moment(entry.changed),
        _moment(expires_at(entry)),
        None if entry.before is None else encode_before(entry.before),
        encode(entry.event),
    )


def _moment(moment: datetime | None) -> int | None:
    return None if moment is None else seconds_of(moment)


def _seconds(day: date) -> int:
    """The midnight of `day` in UTC, in seconds since 1970."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
