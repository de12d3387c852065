"""Save a refresh as the refresher does, while its lock is held."""

from collections.abc import Sequence

from bridge.store.account import StoredAccount
from bridge.store.jobs import PartChange, Standing
from bridge.store.storage import Store


async def save_refresh(
    store: Store, account: StoredAccount, changes: Sequence[PartChange], standing: Standing
) -> bool | None:
    """See `JobStore.save`."""
    async with store.locks.hold(account.lock) as lease:
        return await store.jobs.save(account, changes, standing, lease)
