"""Many accounts that are alike: copies of one, with its login, its feed and what is known of its parts.

An unchanged refresh reads nothing else, so their events and calendars are not copied.
"""

from typing import Any

from sqlalchemy import Connection, Table, insert, select

from bridge.store.schema import accounts, credentials, feeds, parts, users


def multiply(connection: Connection, count: int) -> None:
    """Copy the only account until there are `count`."""
    tables = (users, accounts, credentials, feeds)
    own = {table: dict(connection.execute(select(table)).mappings().one()) for table in tables}
    known = [dict(row) for row in connection.execute(select(parts)).mappings()]
    numbers = range(1, count)
    _copy(
        connection, users, [own[users] | {"id": _id(n), "name": f"pupil-{n}", "folded": f"pupil-{n}"} for n in numbers]
    )
    _copy(connection, credentials, [own[credentials] | {"id": _id(n), "fingerprint": f"{n}"} for n in numbers])
    theirs = [{"id": _id(n), "user_id": _id(n), "credential_id": _id(n)} for n in numbers]
    _copy(connection, accounts, [own[accounts] | one for one in theirs])
    copied = [{"id": _id(n), "user_id": _id(n), "token_hash": f"{n}"} for n in numbers]
    _copy(connection, feeds, [own[feeds] | one for one in copied])
    _copy(connection, parts, [row | {"account_id": _id(n)} for n in numbers for row in known])


def _id(number: int) -> int:
    return 1_000_000 + number


def _copy(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(table), rows)
