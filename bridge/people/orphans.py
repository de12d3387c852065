"""Accounts whose source is not in the settings any more."""

from collections import Counter
from collections.abc import Collection

from bridge.store.storage import Store


async def orphans(store: Store, sources: Collection[str]) -> list[str]:
    """A sentence for each source that accounts are at and that is not one of `sources`."""
    found = Counter(account.source for account in await store.accounts.all() if account.user is not None)
    return [
        f'The settings have no source "{source}" any more, but '
        + ("1 account is there: it is not" if number == 1 else f"{number} accounts are there: they are not")
        + " refreshed. Put the source back, or use `account remove`."
        for source, number in sorted(found.items())
        if source not in sources
    ]
