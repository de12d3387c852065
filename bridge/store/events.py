"""Events with their history, and the one transaction in which a refresh changes them."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, bindparam, delete, insert, or_, select, update

from bridge.model import Kind, Part, TrackedEvent
from bridge.store.accounts import STILL, State, StoredAccount, as_asked
from bridge.store.codec import decode, encode
from bridge.store.database import Database
from bridge.store.feeds import want_feeds
from bridge.store.schema import accounts, events, parts, users

_BATCH = 400


@dataclass(frozen=True, slots=True)
class Held:
    """An answer that is not believed yet: the UIDs that it lacks, and since when it has said so."""

    missing: frozenset[str]
    since: datetime


@dataclass(frozen=True, slots=True)
class KnownPart:
    """What is kept of a part besides its events: the answer that was read last, how many events, what is held."""

    digest: str | None = None
    events: int = 0
    held: Held | None = None


@dataclass(frozen=True, slots=True)
class PartChange:
    """What a refresh changes of a part: events to add and to replace, UIDs to remove, and what is known after it."""

    part: Part
    after: KnownPart
    added: Sequence[TrackedEvent] = ()
    changed: Sequence[TrackedEvent] = ()
    removed: Collection[str] = ()

    @property
    def touches_events(self) -> bool:
        """Whether any event is another one afterwards."""
        return bool(self.added or self.changed or self.removed)


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
        async with self._database.read() as connection:
            return [_tracked(row) for row in (await connection.execute(query)).mappings()]

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
        async with self._database.read() as connection:
            return [_tracked(row) for row in (await connection.execute(query)).mappings()]

    async def save(self, asked: StoredAccount, changes: Sequence[PartChange], standing: Standing) -> None:
        """Write what a refresh changed, all or nothing; feeds that may show it are wanted anew.

        An account that was removed or added again after `asked` was read stays as it is.
        """
        account_id = asked.id
        stand = as_asked(asked) | {
            "state": standing.state,
            "failures": standing.failures,
            "last_ok": standing.last_ok,
            "last_error": standing.last_error,
            "next_due": standing.next_due,
        }
        if not changes:
            await self._database.apply(_STAND, stand)
            return
        async with self._database.write() as connection:
            owner = (await connection.execute(_STAND.returning(accounts.c.user_id), stand)).first()
            if owner is None:
                return
            for change in changes:
                await connection.execute(
                    delete(parts).where(parts.c.account_id == account_id, parts.c.part == change.part)
                )
                await connection.execute(insert(parts).values(_part_values(account_id, change)))
                if change.added:
                    rows = [_values(account_id, change.part, entry) for entry in change.added]
                    await connection.execute(insert(events), rows)
                if change.changed:
                    rows = [
                        _values(account_id, change.part, entry) | {"of": account_id, "called": entry.uid}
                        for entry in change.changed
                    ]
                    await connection.execute(_REPLACE, rows)
                removed = sorted(change.removed)
                for start in range(0, len(removed), _BATCH):
                    await connection.execute(
                        delete(events).where(
                            events.c.account_id == account_id,
                            events.c.uid.in_(removed[start : start + _BATCH]),
                        )
                    )
            if any(change.touches_events for change in changes):
                await want_feeds(connection, owner.user_id)


_STAND = (
    update(accounts)
    .where(STILL)
    .values({name: bindparam(name) for name in ("state", "failures", "last_ok", "last_error", "next_due")})
)
_REPLACE = (
    update(events)
    .where(events.c.account_id == bindparam("of"), events.c.uid == bindparam("called"))
    .values(
        {name: bindparam(name) for name in ("part", "kind", "content", "sequence", "created", "modified", "vanished")}
    )
)


def _values(account_id: int, part: Part, entry: TrackedEvent) -> dict[str, object]:
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
    }


def _part_values(account_id: int, change: PartChange) -> dict[str, object]:
    held = change.after.held
    return {
        "account_id": account_id,
        "part": change.part,
        "digest": change.after.digest,
        "events": change.after.events,
        "held": json.dumps(sorted(held.missing)) if held else None,
        "held_since": held.since if held else None,
    }


def known_part(row: RowMapping) -> KnownPart:
    """What is kept of a part, from its columns."""
    held = Held(frozenset(json.loads(row["held"])), row["held_since"]) if row["held"] else None
    return KnownPart(row["digest"], row["events"], held)


def _tracked(row: RowMapping) -> TrackedEvent:
    return TrackedEvent(
        uid=row["uid"],
        source=row["source"],
        event=decode(row["content"]),
        sequence=row["sequence"],
        created=row["created"],
        modified=row["modified"],
        vanished=row["vanished"],
    )
