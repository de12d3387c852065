"""Count what becomes of refreshes, by source and quarter of an hour."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from bridge.model.clock import Clock
from bridge.store.account import State
from bridge.store.activity import ActivityStore, Quarter, quarter_of
from bridge.sync.outcome import Row

_COUNTED = ("good", "failed", "held", "requests")
_Counts = Counter[tuple[str, datetime, str]]


class Tally:
    """Counts in memory. `keep` adds the counts to the storage; what was counted since is lost if the process dies."""

    def __init__(self, store: ActivityStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._counts: _Counts = Counter()

    def refreshed(self, source: str, rows: Sequence[Row]) -> None:
        """Count the refresh of an account, by the worst of its rows."""
        states = {row.state for row in rows}
        if not rows:
            return
        failed = states & {State.FAILING, State.LOGIN_NEEDED}
        self._count(source, "failed" if failed else "held" if State.HELD in states else "good")

    def sent(self, source: str) -> None:
        """Count a request to a source."""
        self._count(source, "requests")

    async def keep(self) -> None:
        """Add what was counted to the storage."""
        counted, self._counts = self._counts, Counter()
        keys = {(source, starts) for source, starts, _ in counted}
        quarters = [Quarter(*key, *(counted[*key, what] for what in _COUNTED)) for key in keys]
        try:
            await self._store.add(quarters)
        except BaseException:
            self._counts += counted
            raise

    def _count(self, source: str, what: str) -> None:
        self._counts[source, quarter_of(self._clock()), what] += 1
