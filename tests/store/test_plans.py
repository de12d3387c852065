"""What is asked of the storage over and over costs what it gives, however much is stored."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import Connection, event, text, update

from bridge.model.event import Kind
from bridge.store.account import State
from bridge.store.database import execute
from bridge.store.feed import Members
from bridge.store.schema import accounts
from bridge.store.storage import Store
from tests.conftest import SettableClock
from tests.store.conftest import add_users

ALL_ROWS = re.compile(r"SCAN (events|feeds|feed_bytes)\b(?! USING INDEX ix_feeds_to_render)")
CLAIM = "SELECT accounts.id, accounts.user_id"
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


async def plans(store: Store, asked: Callable[[Store], Awaitable[Any]], begins: str = "") -> list[str]:
    """How the storage does each statement of what is `asked` that `begins` so, step by step."""
    statements = []

    @event.listens_for(store.database.engine, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        statements.append((statement, parameters))

    await asked(store)
    event.remove(store.database.engine, "before_cursor_execute", note)
    explain = "EXPLAIN" if store.database.file is None else "EXPLAIN QUERY PLAN"

    def of_each(connection: Connection) -> list[str]:
        steps = [
            [row[-1] for row in connection.exec_driver_sql(f"{explain} {statement}", parameters)]
            for statement, parameters in statements
            if statement.startswith(begins)
        ]
        return ["\n".join(map(str, found)) for found in steps]

    found = await store.database.read(of_each)
    assert found
    return found


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("storage_url", ["sqlite"], indirect=True)
async def test_no_answer_goes_through_all_events_or_feeds(store: Store, asked: str) -> None:
    for plan in await plans(store, ASKED[asked]):
        assert not ALL_ROWS.search(plan), plan


@pytest.mark.parametrize("state", [State.NEW, State.OK])
async def test_a_claim_goes_through_as_many_accounts_as_it_takes_however_many_are_due(
    store: Store, clock: SettableClock, state: State
) -> None:
    await add_users(store, clock, *(f"user{number}" for number in range(500)))
    await store.database.write(execute, update(accounts).values(state=state))
    await store.database.write(execute, text("ANALYZE"))
    found = await plans(store, lambda store: store.claims.claim(NOW, ["fortes"], limit=5), CLAIM)
    assert "ix_accounts_" in found[-1]
    assert "Sort" not in found[-1]
    assert "TEMP B-TREE" not in found[-1]
