"""What is to be done for a lesson says by which name it is an event of its own: lines become tasks."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_AT_ONCE = 500
_DONE = "✓ "
_events = sa.table("events", *map(sa.column, ("account_id", "uid", "content")))


def upgrade() -> None:
    """Write the tasks of each lesson in the new form, without names, which the next answer brings."""
    connection = op.get_bind()
    query = sa.select(_events).where(_events.c.content.like('%"k":[_%'))
    rows = [row for row in connection.execute(query).all() if any(json.loads(row.content).get("k") or ())]
    change = (
        sa.update(_events)
        .where(_events.c.account_id == sa.bindparam("of"), _events.c.uid == sa.bindparam("known_as"))
        .values(content=sa.bindparam("written"))
    )
    for start in range(0, len(rows), _AT_ONCE):
        connection.execute(
            change,
            [
                {"of": row.account_id, "known_as": row.uid, "written": _rewritten(json.loads(row.content))}
                for row in rows[start : start + _AT_ONCE]
            ],
        )


def _rewritten(content: dict[str, Any]) -> str:
    tasks = [_task(line) for line in content["k"]]
    return json.dumps(content | {"k": tasks}, ensure_ascii=False, separators=(",", ":"))


def _task(line: str) -> dict[str, Any]:
    done = {"done": True} if line.startswith(_DONE) else {}
    return {"identity": "", "text": line.removeprefix(_DONE), **done}
