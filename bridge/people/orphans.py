"""Accounts whose source is not in the settings any more."""

from collections import Counter
from collections.abc import Collection

from bridge.store.storage import Store


async def orphans(store: Store, sources: Collection[str]) -> list[str]:
    """A sentence for each source that accounts are at and that is not one of `sources`."""
    found = Counter(account.source for account in await store.accounts.all() if account.user is not None)
    return [
        f'The settings have no source "{source}" any more, but {number} accounts are there: they are not refreshed. '
        "Put it back, or remove them with `account remove`."
        for source, number in sorted(found.items())
        if source not in sources
    ]
