"""What is asked of the storage over and over costs what it gives, however much is stored."""

import re
import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import event

from bridge.model.event import Kind
from bridge.store.feed import Members
from bridge.store.storage import Store
from tests.conftest import SettableClock

ALL_ROWS = re.compile(r"SCAN (events|feeds|feed_bytes)\b(?! USING INDEX ix_feeds_to_render)")
NOW = SettableClock()()
ASKED: dict[str, Callable[[Store], Awaitable[Any]]] = {
    "which feeds are wanted": lambda store: store.renderings.to_render(limit=50, now=NOW),
    "what feeds show": lambda store: store.renderings.packed([1, 2]),
    "events by UID": lambda store: store.events.of_uids([1, 2], ["uid-1", "uid-2"]),
    "events of a user": lambda store: store.events.of_user("anna", [Kind.LESSON], ["fortes"]),
    "events of members": lambda store: store.events.of_members(1, Members(), [Kind.ABSENCE]),
    "events of a group": lambda store: store.events.of_members(1, Members((), "fortes", "H4"), [Kind.ABSENCE]),
    "what time changes": lambda store: store.events.expired(NOW),
    "what an address answers": lambda store: store.renderings.head("hash"),
    "a calendar": lambda store: store.renderings.get(1),
}


@pytest.fixture
def storage_url(sqlite_url: str) -> str:
    """SQLite says how it finds things."""
    return sqlite_url


@pytest.mark.parametrize("asked", ASKED)
async def test_no_answer_goes_through_all_events_or_feeds(store: Store, asked: str) -> None:
    statements = []

    @event.listens_for(store.database.engine, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        statements.append((statement, parameters))

    await ASKED[asked](store)
    assert statements
    with sqlite3.connect(store.database.file or "") as connection:
        for statement, parameters in statements:
            plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            assert not [step for step in plan if ALL_ROWS.match(step)], plan
