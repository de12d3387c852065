"""Remove from the store what has expired."""

from datetime import timedelta

import structlog

from bridge.model.clock import Clock
from bridge.model.tracked import aged
from bridge.settings.schema import RetentionSettings
from bridge.store.locks import Lease, LockBusy
from bridge.store.storage import Store
from bridge.sync.tally import Tally

_PATIENCE = 1.0
_ACTIVITY = timedelta(days=2)
log = structlog.get_logger()


class Sweeper:
    """Removes expired marks and vanished events, and what is kept for a while only."""

    def __init__(
        self, store: Store, clock: Clock, retention: RetentionSettings | None = None, tally: Tally | None = None
    ) -> None:
        """Create a sweeper. `retention` says how long is kept what is not needed for calendars."""
        self._tally = tally or Tally(store.activity, clock)
        self._store = store
        self._clock = clock
        self._retention = retention or RetentionSettings()

    async def sweep(self) -> bool:
        """Sweep all accounts, except those that are being refreshed. Returns whether anything changed."""
        await self._store.audit.forget(self._clock() - self._retention.audit)
        await self._store.sessions.forget(self._clock() - self._retention.sessions)
        await self._store.activity.forget(self._clock() - _ACTIVITY)
        await self._tally.keep()
        await self._store.requests.forget(self._clock())
        await self._store.outbox.forget(self._clock() - self._retention.outbox)
        swept = False
        for account_id in await self._store.events.expired(self._clock()):
            account = await self._store.accounts.get(account_id)
            if account is None:
                continue
            try:
                async with self._store.locks.hold(account.lock, patience=_PATIENCE) as lease:
                    await self._age(account_id, lease)
                    swept = True
            except LockBusy:
                log.debug("sweep.busy", account=account_id)
        return swept

    async def _age(self, account_id: int, lease: Lease) -> None:
        now = self._clock()
        changed, removed, ties = [], [], set[str]()
        for entry in await self._store.events.aging(account_id):
            after = aged(entry, now)
            ties |= entry.event.ties if after != entry else set()
            if after is None:
                removed.append(entry.uid)
            elif after != entry:
                changed.append(after)
        await self._store.events.age(account_id, changed, removed, ties, lease=lease)
