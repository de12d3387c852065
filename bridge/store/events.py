"""Events with their history, and the one transaction in which a refresh changes them."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, bindparam, delete, insert, or_, select, update

from bridge.model.event import Kind, Part
from bridge.model.names import Names
from bridge.model.tracked import TrackedEvent, expires_at
from bridge.model.window import Window
from bridge.store.accounts import STILL, State, StoredAccount, as_asked
from bridge.store.codec import before_in, before_out, decode, encode
from bridge.store.database import Database
from bridge.store.feeds import Members, want_feeds
from bridge.store.names import keep_names
from bridge.store.schema import accounts, events, groups, parts, users

_BATCH = 400


@dataclass(frozen=True, slots=True)
class Held:
    """An answer that is not believed yet: the UIDs that it lacks, and since when it has said so."""

    missing: frozenset[str]
    since: datetime


@dataclass(frozen=True, slots=True)
class KnownAnswer:
    """An answer that was read: what names it, and when it came last."""

    digest: str
    came: datetime


@dataclass(frozen=True, slots=True)
class KnownPart:
    """What is kept of a part besides its events.

    `answers` are those that were read last, by their names; `horizon` is the window that was asked for then.
    """

    answers: Mapping[str, KnownAnswer] = field(default_factory=dict)
    events: int = 0
    held: Held | None = None
    horizon: Window | None = None

    @property
    def digests(self) -> dict[str, str]:
        """What names each answer."""
        return {name: answer.digest for name, answer in self.answers.items()}

    @property
    def came(self) -> dict[str, datetime]:
        """When each answer came last."""
        return {name: answer.came for name, answer in self.answers.items()}


@dataclass(frozen=True, slots=True)
class PartChange:
    """What a refresh changes of a part: events to add and to replace, UIDs to remove, and what is known after it.

    `names` are what things are called from now on; none: as before. `renames_school` tells that the school's is new.
    """

    part: Part
    after: KnownPart
    added: Sequence[TrackedEvent] = ()
    changed: Sequence[TrackedEvent] = ()
    removed: Collection[str] = ()
    names: Names | None = None
    renames_school: bool = False

    @property
    def uids(self) -> set[str]:
        """The events that are new, different or gone afterwards."""
        return {entry.uid for entry in (*self.added, *self.changed)}.union(self.removed)


@dataclass(frozen=True, slots=True)
class Standing:
    """How an account stands after a refresh, and when it is due again."""

    state: State
    failures: int
    last_ok: datetime | None
    last_error: str | None
    next_due: datetime


class EventStore:
    """Reads events; writes the outcome of a refresh."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_part(self, account_id: int, part: Part) -> list[TrackedEvent]:
        """All events of a part."""
        query = (
            select(events, accounts.c.source)
            .join(accounts, accounts.c.id == events.c.account_id)
            .where(events.c.account_id == account_id, events.c.part == part)
        )
        return await self._database.read(_entries, query)

    async def of_user(self, user: str, kinds: Collection[Kind], sources: Collection[str] | None) -> list[TrackedEvent]:
        """The events of a user and of the sources that belong to everybody, of these kinds and sources."""
        query = (
            select(events, accounts.c.source)
            .join(accounts, accounts.c.id == events.c.account_id)
            .outerjoin(users, users.c.id == accounts.c.user_id)
            .where(or_(users.c.name == user, accounts.c.user_id.is_(None)), events.c.kind.in_(kinds))
        )
        if sources is not None:
            query = query.where(accounts.c.source.in_(sources))
        return await self._database.read(_entries, query)

    async def of_uids(self, users: Collection[int], uids: Collection[str]) -> list[tuple[int | None, TrackedEvent]]:
        """Those events with these UIDs that belong to these users or to everybody, each with its user's number."""
        query = (
            select(events, accounts.c.source, accounts.c.user_id)
            .join(accounts, accounts.c.id == events.c.account_id)
            .where(or_(accounts.c.user_id.in_(users), accounts.c.user_id.is_(None)), events.c.uid.in_(uids))
        )
        rows = await self._database.read(lambda connection: connection.execute(query).mappings().all())
        return [(row["user_id"], _tracked(row)) for row in rows]

    async def of_members(self, members: Members, kinds: Collection[Kind]) -> list[tuple[str, str, list[TrackedEvent]]]:
        """The name, title and events of these kinds of each member of a team, by name."""
        query = (
            select(events, accounts.c.source, users.c.name.label("user"), users.c.title.label("user_title"))
            .join(accounts, accounts.c.id == events.c.account_id)
            .join(users, users.c.id == accounts.c.user_id)
            .where(events.c.kind.in_(kinds))
            .order_by(users.c.name)
        )
        if members.group:
            within = (accounts.c.source == members.source) & (groups.c.name == members.group)
            of_group = select(accounts.c.user_id).join(groups, groups.c.account_id == accounts.c.id).where(within)
            query = query.where(users.c.id.in_(of_group))
        else:
            query = query.where(users.c.name.in_(members.users))
        rows = await self._database.read(lambda connection: connection.execute(query).mappings().all())
        found: dict[str, tuple[str, str, list[TrackedEvent]]] = {}
        for row in rows:
            found.setdefault(row["user"], (row["user"], row["user_title"], []))[2].append(_tracked(row))
        return list(found.values())

    async def expired(self, now: datetime) -> list[int]:
        """The accounts that have events which time alone changes by `now`."""
        query = select(events.c.account_id).where(events.c.expires <= now).distinct().order_by(events.c.account_id)
        return list(await self._database.read(lambda connection: connection.scalars(query).all()))

    async def aging(self, account_id: int) -> list[TrackedEvent]:
        """The events of an account that time alone changes, sooner or later."""
        query = (
            select(events, accounts.c.source)
            .join(accounts, accounts.c.id == events.c.account_id)
            .where(events.c.account_id == account_id, events.c.expires.is_not(None))
        )
        return await self._database.read(_entries, query)

    async def age(self, account_id: int, changed: Sequence[TrackedEvent], removed: Collection[str]) -> None:
        """Write what time has changed of an account's events, all or nothing; its feeds are wanted anew."""
        await self._database.write(_age, account_id, changed, removed)

    async def save(self, asked: StoredAccount, changes: Sequence[PartChange], standing: Standing) -> None:
        """Write what a refresh changed, all or nothing; feeds that may show it are wanted anew.

        An account that was removed or added again after `asked` was read stays as it is.
        """
        await self._database.write(_save, asked, changes, standing)


def _entries(connection: Connection, query: Select[Any]) -> list[TrackedEvent]:
    return [_tracked(row) for row in connection.execute(query).mappings()]


def _age(connection: Connection, account_id: int, changed: Sequence[TrackedEvent], removed: Collection[str]) -> None:
    owner = connection.execute(select(accounts.c.user_id).where(accounts.c.id == account_id)).first()
    if owner is None:
        return
    _replace(connection, account_id, None, changed)
    _remove(connection, account_id, removed)
    want_feeds(connection, owner.user_id, {entry.uid for entry in changed}.union(removed))


def _save(connection: Connection, asked: StoredAccount, changes: Sequence[PartChange], standing: Standing) -> None:
    account_id = asked.id
    stand = as_asked(asked) | {
        "state": standing.state,
        "failures": standing.failures,
        "last_ok": standing.last_ok,
        "last_error": standing.last_error,
        "next_due": standing.next_due,
    }
    owner = connection.execute(_STAND.returning(accounts.c.user_id), stand).first()
    if owner is None:
        return
    for change in changes:
        connection.execute(delete(parts).where(parts.c.account_id == account_id, parts.c.part == change.part))
        connection.execute(insert(parts).values(_part_values(account_id, change)))
        if change.added:
            connection.execute(insert(events), [_values(account_id, change.part, entry) for entry in change.added])
        _replace(connection, account_id, change.part, change.changed)
        _remove(connection, account_id, change.removed)
        if change.names is not None:
            keep_names(connection, account_id, change.names)
    if any(change.renames_school for change in changes):
        want_feeds(connection, owner.user_id)
    elif uids := set[str]().union(*(change.uids for change in changes)):
        want_feeds(connection, owner.user_id, uids)


def _replace(connection: Connection, account_id: int, part: Part | None, entries: Sequence[TrackedEvent]) -> None:
    """Put entries in the place of those with their UIDs; without a part it stays what it is."""
    told = _HISTORY if part is None else ("part", "kind", *_HISTORY)
    statement = update(events).where(_OF_UID).values({name: bindparam(name) for name in told})
    rows = []
    for entry in entries:
        values = _values(account_id, part, entry)
        rows.append({name: values[name] for name in told} | {"of": account_id, "called": entry.uid})
    if rows:
        connection.execute(statement, rows)


def _remove(connection: Connection, account_id: int, uids: Collection[str]) -> None:
    removed = sorted(uids)
    for start in range(0, len(removed), _BATCH):
        some = events.c.uid.in_(removed[start : start + _BATCH])
        connection.execute(delete(events).where(events.c.account_id == account_id, some))


_STAND = (
    update(accounts)
    .where(STILL)
    .values({name: bindparam(name) for name in ("state", "failures", "last_ok", "last_error", "next_due")})
)
_HISTORY = ("content", "sequence", "created", "modified", "vanished", "before", "changed", "expires")
_OF_UID = (events.c.account_id == bindparam("of")) & (events.c.uid == bindparam("called"))


def _values(account_id: int, part: Part | None, entry: TrackedEvent) -> dict[str, object]:
    return {
        "account_id": account_id,
        "part": part,
        "uid": entry.uid,
        "kind": entry.event.kind,
        "content": encode(entry.event),
        "sequence": entry.sequence,
        "created": entry.created,
        "modified": entry.modified,
        "vanished": entry.vanished,
        "before": None if entry.before is None else json.dumps(before_out(entry.before), ensure_ascii=False),
        "changed": entry.changed,
        "expires": expires_at(entry),
    }


def _part_values(account_id: int, change: PartChange) -> dict[str, object]:
    held = change.after.held
    return {
        "account_id": account_id,
        "part": change.part,
        "answers": json.dumps({n: [a.digest, int(a.came.timestamp())] for n, a in change.after.answers.items()}),
        "horizon": _horizon_out(change.after.horizon),
        "events": change.after.events,
        "held": json.dumps(sorted(held.missing)) if held else None,
        "held_since": held.since if held else None,
    }


def known_part(row: RowMapping) -> KnownPart:
    """What is kept of a part, from its columns."""
    held = Held(frozenset(json.loads(row["held"])), row["held_since"]) if row["held"] else None
    answers = {
        name: KnownAnswer(digest, datetime.fromtimestamp(came, UTC))
        for name, (digest, came) in json.loads(row["answers"]).items()
    }
    return KnownPart(answers, row["events"], held, _horizon_in(row["horizon"]))


def _horizon_out(window: Window | None) -> str | None:
    return None if window is None else f"{window.start}/{window.end}"


def _horizon_in(text: str | None) -> Window | None:
    return None if text is None else Window(*map(date.fromisoformat, text.split("/")))


def _tracked(row: RowMapping) -> TrackedEvent:
    return TrackedEvent(
        uid=row["uid"],
        source=row["source"],
        event=decode(row["content"]),
        sequence=row["sequence"],
        created=row["created"],
        modified=row["modified"],
        vanished=row["vanished"],
        before=None if row["before"] is None else before_in(json.loads(row["before"])),
        changed=row["changed"],
    )
