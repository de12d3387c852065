"""Events take half the space, and can be found by time and by the upstream's identity."""

import json
import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_AT_ONCE = 500
_KEPT = ("account_id", "part", "kind", "sequence", "created", "modified", "vanished", "changed", "expires", "before")
_ADDED = ("uid", "identity", "starts", "ends", "zone", "content")
_SHORT = {
    "title": "t",
    "subject": "s",
    "code": "c",
    "groups": "g",
    "teachers": "p",
    "locations": "l",
    "periods": "h",
    "tasks": "k",
}
_old = sa.table("events_before", *map(sa.column, ("id", "uid", "content", *_KEPT)))
_new = sa.table("events", *map(sa.column, (*_KEPT, *_ADDED)))


def upgrade() -> None:
    """Convert each event to the new form."""
    op.drop_index("ix_events_expires", "events")
    op.rename_table("events", "events_before")
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":  # where the names of indexes are not the tables' own
        op.execute("ALTER INDEX pk_events RENAME TO pk_events_before")
    _create()
    last = 0
    while rows := connection.execute(sa.select(_old).where(_old.c.id > last).order_by(_old.c.id).limit(_AT_ONCE)).all():
        connection.execute(sa.insert(_new), _compact(rows))
        last = rows[-1].id
    op.drop_table("events_before")


def _create() -> None:
    account = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "events",
        sa.Column("account_id", account, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("part", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("modified", sa.BigInteger(), nullable=False),
        sa.Column("vanished", sa.BigInteger(), nullable=True),
        sa.Column("changed", sa.BigInteger(), nullable=True),
        sa.Column("expires", sa.BigInteger(), nullable=True),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_events_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", "uid", name=op.f("pk_events")),
    )
    op.create_index(
        "ix_events_expires",
        "events",
        ["expires"],
        unique=False,
        sqlite_where=sa.text("expires IS NOT NULL"),
        postgresql_where=sa.text("expires IS NOT NULL"),
    )


def _compact(rows: Sequence[sa.Row[Any]]) -> list[dict[str, Any]]:
    """The new rows, by account and in the order of the key."""
    values = []
    for row in rows:
        content = json.loads(row.content)
        when = content.pop("when")
        starts, ends, zone, exact = _times(when)
        content.pop("kind")
        values.append(
            {name: getattr(row, name) for name in _KEPT}
            | {"uid": _uid(row.uid), "identity": content.pop("identity"), "starts": starts, "ends": ends, "zone": zone}
            | {"before": None if row.before is None else _text(json.loads(row.before))}
            | {"content": _text(content if exact else content | {"when": when})}
        )
    return sorted(values, key=lambda value: (value["account_id"], value["uid"]))


def _times(when: list[str]) -> tuple[int, int, str | None, bool]:
    """Begin and end in seconds since 1970, the zone unless it takes whole days, and whether that is exact."""
    if len(when) == len(("start", "end")):
        midnights = [datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC) for day in when]
        return int(midnights[0].timestamp()), int(midnights[1].timestamp()), None, True
    moments = [datetime.fromisoformat(moment) for moment in when[:2]]
    exact = not any(moment.microsecond for moment in moments)
    return int(moments[0].timestamp()), int(moments[1].timestamp()), when[2], exact


def _uid(uid: str) -> bytes:
    """The 16 bytes of a UUID, or those of another text after zeros, so that they are not 16."""
    try:
        known = uuid.UUID(uid)
    except ValueError:
        known = None
    if known is not None and str(known) == uid:
        return known.bytes
    text = b"\0" + uid.encode()
    return b"\0" + text if len(text) == len(uuid.NAMESPACE_DNS.bytes) else text


def _text(content: dict[str, Any]) -> str:
    return json.dumps(_shortened(content), ensure_ascii=False, separators=(",", ":"))


def _shortened(values: dict[str, Any]) -> dict[str, Any]:
    return {
        _SHORT.get(name, name): _shortened(value) if isinstance(value, dict) else value
        for name, value in values.items()
    }
