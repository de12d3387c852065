"""The rows of events: how they are read and written."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Dialect, Select, bindparam, delete, select, update

from bridge.model.event import Kind, Part
from bridge.model.tracked import TrackedEvent, expires_at
from bridge.store.codec import columns_of, decode, decode_before, encode, encode_before, moment_of, seconds_of, when_of
from bridge.store.columns import uid_to_bytes
from bridge.store.insertion import insert_new
from bridge.store.schema import accounts, events

_AT_ONCE = 1000
_KINDS = {kind.value: kind for kind in Kind}
_WRITTEN = [name for name in events.c.keys() if name not in {"account_id", "part", "uid"}]  # noqa: SIM118 - no mapping
_READ = [events.c[name] for name in _WRITTEN if name != "expires"]
COLUMNS = (accounts.c.source, accounts.c.name, events.c.uid, *_READ)
ENTRIES = select(*COLUMNS).join(accounts, accounts.c.id == events.c.account_id)
"""The events, for `entries_of`."""
_OF_UID = (events.c.account_id == bindparam("of")) & (events.c.uid == bindparam("known_as"))
_REMOVE = delete(events).where(_OF_UID)
_REPLACE = update(events).where(_OF_UID).values({name: bindparam(name) for name in _WRITTEN})


def entries_of(
    connection: Connection, query: Select[Any], parameters: dict[str, object] | None = None
) -> list[TrackedEvent]:
    """Within a transaction: the events that a query finds, which is `ENTRIES` with conditions."""
    return [entry_of(*row) for row in rows_of(connection, query, parameters)]


def rows_of(connection: Connection, query: Select[Any], parameters: dict[str, object] | None = None) -> Iterator[Any]:
    """Within a transaction: the rows of a query, fetched many at a time: one at a time takes twice as long."""
    for some in connection.execute(query, parameters).partitions(_AT_ONCE):
        yield from some


def add_events(connection: Connection, account_id: int, part: Part, entries: Iterable[TrackedEvent]) -> None:
    """Within a transaction: store new events of a part, except those with the UID of another event of the account."""
    for some in _batches(sorted(entries, key=lambda entry: uid_to_bytes(entry.uid))):
        rows = [(account_id, uid_to_bytes(entry.uid), part, *_columns(entry)) for entry in some]
        # without SQLAlchemy, which takes as long for a first import as all the rest of storing it
        connection.exec_driver_sql(_add_statement(connection.dialect), rows)


def _batches(entries: Sequence[TrackedEvent]) -> Iterable[Sequence[TrackedEvent]]:
    """As rows, events take several times the memory."""
    return (entries[start : start + _AT_ONCE] for start in range(0, len(entries), _AT_ONCE))


@cache
def _add_statement(dialect: Dialect) -> str:
    """The statement of a dialect that adds a row with all columns in order."""
    return str(insert_new(dialect, events).compile(dialect=dialect))


def replace_events(connection: Connection, account_id: int, entries: Iterable[TrackedEvent]) -> None:
    """Within a transaction: replace the events with the same UIDs."""
    for some in _batches(list(entries)):
        rows = [
            {"of": account_id, "known_as": entry.uid, **dict(zip(_WRITTEN, _columns(entry), strict=True))}
            for entry in some
        ]
        connection.execute(_REPLACE, rows)


def remove_events(connection: Connection, account_id: int, uids: Iterable[str]) -> None:
    """Within a transaction: remove the events with these UIDs."""
    rows = [{"of": account_id, "known_as": uid} for uid in uids]
    if rows:
        connection.execute(_REMOVE, rows)


def entry_of(
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
    """An event from its columns, in the order of `COLUMNS`."""
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
