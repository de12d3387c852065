"""What makes feeds wanted again: their calendars are made again then."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, Text, bindparam, case, func, select, update

from bridge.store.choice import Placed, labels_in, person_in
from bridge.store.schema import accounts, feeds

_LONGEST_CHANGES = 4_000  # about a hundred UIDs; with more, a whole new calendar takes hardly longer

WANTED_AGAIN: dict[str, Any] = {"wanted": feeds.c.wanted + 1, "changes": None}
_WANT_ALL = update(feeds).values(WANTED_AGAIN)
_FIT = func.length(feeds.c.changes) <= bindparam("room", type_=Integer)
_WANT_SOME = update(feeds).values(
    wanted=feeds.c.wanted + 1, changes=case((_FIT, feeds.c.changes + bindparam("added", type_=Text)))
)
_SHOWN_TO = (feeds.c.user_id == bindparam("owner")) | feeds.c.members.is_not(None)
_OF_OWNER = {statement: statement.where(_SHOWN_TO) for statement in (_WANT_ALL, _WANT_SOME)}


def want_feeds(connection: Connection, user_id: int | None, changes: Collection[str] | None = None) -> None:
    """Within a transaction that changes events of a user: want their feeds again; without a user, all feeds.

    `changes` are the UIDs of the new, changed and removed events, and of those that they are or were tied to; `None` if
    more than these may differ.
    """
    added = None if changes is None else "".join(f"{uid}\n" for uid in sorted(changes))
    if added is None or len(added) > _LONGEST_CHANGES:  # too many count as any
        statement, told = _WANT_ALL, dict[str, object]()
    else:
        statement, told = _WANT_SOME, {"added": added, "room": _LONGEST_CHANGES - len(added)}
    if user_id is not None:
        statement, told = _OF_OWNER[statement], told | {"owner": user_id}
    connection.execute(statement, told)


def placed_accounts(connection: Connection, user_id: int) -> list[Placed]:
    """Within a transaction: the accounts of a user, as feeds choose them."""
    query = select(accounts.c.source, accounts.c.name, accounts.c.first_name).where(accounts.c.user_id == user_id)
    ordered = query.order_by(accounts.c.source, accounts.c.name)
    return [Placed(source, name, first or "") for source, name, first in connection.execute(ordered)]


def accounts_changed(connection: Connection, user_id: int, before: Sequence[Placed], now: datetime) -> None:
    """Within a transaction that has changed the accounts of a user, which were `before`: want what names them again.

    Feeds whose titles begin otherwise since are revised, so that calendar programs take their events for newer ones.
    """
    after = placed_accounts(connection, user_id)
    if before == after:
        return
    there = {(one.source, one.name) for one in before} & {(one.source, one.name) for one in after}
    own = (feeds.c.user_id == user_id) & feeds.c.members.is_(None)
    for feed, sources in connection.execute(select(feeds.c.id, feeds.c.sources).where(own)).all():
        choices = None if sources is None else json.loads(sources)
        was, told = labels_in(choices, before), labels_in(choices, after)
        revised = {} if all(was.get(place) == told.get(place) for place in there) else {"revised": now}
        if revised or person_in(choices, before) != person_in(choices, after):
            connection.execute(update(feeds).where(feeds.c.id == feed).values(**revised, **WANTED_AGAIN))
