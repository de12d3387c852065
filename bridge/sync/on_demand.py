"""Refresh when somebody asks for it, ignoring the schedule."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from bridge.store.account import StoredAccount
from bridge.store.storage import Store
from bridge.sync.outcome import Row
from bridge.sync.refresher import Refresher
from bridge.sync.sweeper import Sweeper


@dataclass(frozen=True, slots=True)
class RowValue:
    """The result of a part, as an object."""

    user: str | None
    source: str
    name: str | None
    part: str | None
    ok: bool
    events: int
    added: int
    changed: int
    removed: int
    error: str | None


def row_value(row: Row) -> RowValue:
    """A row as an object."""
    return RowValue(
        user=row.user,
        source=row.source,
        name=row.name or None,
        part=row.part,
        ok=row.ok,
        events=row.events,
        added=row.added,
        changed=row.changed,
        removed=row.removed,
        error=row.error,
    )


async def accounts_to_refresh(
    store: Store, sources: Collection[str], *, user: str | None = None, source: str | None = None
) -> list[StoredAccount]:
    """The accounts at `sources`, or those of a user or at a source.

    Raises:
        UnknownName: the user does not exist.
    """
    if user is not None:
        await store.users.get(user)
    return [account for account in await store.accounts.all(user=user, source=source) if account.source in sources]


async def refresh_now(
    refresher: Refresher,
    sweeper: Sweeper,
    accounts: Sequence[StoredAccount],
    *,
    accept: bool = False,
    ended: Callable[[], None] = lambda: None,
) -> list[Row]:
    """Sweep what has expired, then refresh these accounts; see `Refresher.refresh_all`. It does not wait for feeds."""
    await sweeper.sweep()
    return await refresher.refresh_all(accounts, accept=accept, ended=ended)
