"""People whom a source does not know any more: they are removed once that has lasted."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta

from bridge.errors import ConfigError
from bridge.people.accounts import remove_account, remove_user
from bridge.store.account import StoredAccount
from bridge.store.storage import Store
from bridge.upstream.configured import ConfiguredSource

_FEW = 5


async def leavers_of(
    store: Store,
    at: ConfiguredSource,
    unknown: Sequence[StoredAccount],
    now: datetime,
    gone_for: timedelta | None,
) -> tuple[tuple[str, datetime], ...]:
    """The users of those accounts at a source that it has not known for `gone_for`, each with the moment since when."""
    if gone_for is None:
        return ()
    since = await store.leavers.since(at.name)
    return tuple(
        (account.user, since[account.id])
        for account in unknown
        if account.user is not None and account.id in since and now - since[account.id] >= gone_for
    )


def check_plausible(at: ConfiguredSource, accounts: int, leaving: int) -> None:
    """Refuse to remove more than half of the accounts at a source, if these are more than five. Raises ConfigError."""
    if leaving > _FEW and 2 * leaving > accounts:
        raise ConfigError(
            f"{at.title} does not know {leaving} of {accounts} people any more: too many to remove at once. "
            "See them with --dry-run; `user remove` removes one."
        )


async def remove_leavers(
    store: Store,
    sources: Mapping[str, ConfiguredSource],
    at: ConfiguredSource,
    leaving: Sequence[tuple[str, datetime]],
    now: datetime,
    recorded: Callable[[str, str], AbstractAsyncContextManager[None]],
) -> list[str]:
    """Remove users whom a source has not known for long. One with an account elsewhere only loses that at the source.

    `recorded` records an action that concerns a user. Feeds change when they are published next.

    Returns:
        A sentence for each login that could not be ended at its upstream.
    """
    warnings: list[str] = []
    for user, _ in leaving:
        accounts = await store.accounts.all(user=user)
        elsewhere = any((account.source, account.name) != (at.name, "") for account in accounts)
        if elsewhere:
            async with recorded("account remove", user):
                warning = await remove_account(store, at, user, at.name, lambda: now)
            warnings += [warning] if warning else []
            continue
        async with recorded("user remove", user):
            warnings += await remove_user(store, sources, user, now)
    return warnings
