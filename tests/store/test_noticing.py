"""How a process notices that what feeds answer has changed."""

from bridge.store.changes import announce, watch_changes
from bridge.store.storage import Store
from tests.program import until


async def test_a_process_notices_at_once_what_it_has_changed_itself(store: Store) -> None:
    changes = watch_changes(store.database)
    try:
        await until(lambda: changes.stamp() == changes.stamp())
        for _ in range(20):
            before = changes.stamp()
            await store.database.write(announce)
            assert changes.stamp() != before
    finally:
        await changes.close()
