"""Whether the sources can be read as often as they should: what is needed a second, and what is allowed."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from bridge.settings.values import format_duration
from bridge.store.storage import Store
from bridge.upstream.configured import ConfiguredSource


@dataclass(frozen=True, slots=True)
class Load:
    """The load of a source.

    Attributes:
        accounts: how many are read, all but those that need a login.
        per_refresh: the requests of a refresh, lately; `None` before there was one.
        interval: how often each account should be read.
        allowed: the requests a second that the settings allow.
        lag: how long the account that is due longest has been due; zero if none is.
    """

    source: str
    accounts: int
    per_refresh: float | None
    interval: timedelta
    allowed: float
    lag: timedelta

    @property
    def needed(self) -> float | None:
        """The requests a second for this interval; `None` before there was a refresh."""
        return None if self.per_refresh is None else self.accounts * self.per_refresh / self.interval.total_seconds()

    @property
    def kept(self) -> bool:
        """Whether the interval can be kept, as far as that is known."""
        return self.needed is None or self.needed <= self.allowed

    @property
    def sentence(self) -> str | None:
        """What it needs, and which numbers would do if that is not allowed; `None` before there was a refresh."""
        if self.needed is None or self.per_refresh is None:
            return None
        account = "account" if self.accounts == 1 else "accounts"
        need = (
            f"{self.source}: {self.accounts:,} {account} × {_few(self.per_refresh)} requests every "
            f"{format_duration(self.interval)} need {_few(self.needed)} a second"
        )
        if self.kept:
            return f"{need}; {_few(self.allowed)} are allowed."
        minutes = ceil(self.accounts * self.per_refresh / self.allowed / 60)
        return (
            f"{need}, but {_few(self.allowed)} are allowed: the interval cannot be kept. "
            f"requests_per_second = {ceil(self.needed)} would do, or interval = "
            f'"{format_duration(timedelta(minutes=minutes))}".'
        )


def _few(number: float) -> str:
    """A number with as many digits as matter."""
    return f"{number:,.0f}" if number >= 10 else f"{number:.2g}"  # noqa: PLR2004 - two digits


async def loads(
    store: Store, sources: Mapping[str, ConfiguredSource], intervals: Mapping[str, timedelta], now: datetime
) -> list[Load]:
    """The load of each source that has accounts."""
    found = await store.budgets.loads()
    return [
        Load(
            source=name,
            accounts=found[name].accounts,
            per_refresh=found[name].per_refresh,
            interval=intervals[name],
            allowed=at.settings.requests_per_second,
            lag=max(timedelta(0), now - found[name].oldest_due),
        )
        for name, at in sources.items()
        if at.type.accounts and name in found
    ]


class LoadNotes:
    """Counts refreshes and requests of this process, and notes them in the storage."""

    def __init__(self, store: Store, sources: Mapping[str, ConfiguredSource]) -> None:
        self._store = store
        self._sources = sources
        self._refreshes: Counter[str] = Counter()
        self._noted: Counter[str] = Counter()

    def refreshed(self, source: str) -> None:
        """Count a refresh."""
        self._refreshes[source] += 1

    async def note(self) -> None:
        """Note what came since the last time. Raises StorageError; then it is noted the next time."""
        for name, at in self._sources.items():
            refreshes, taken = self._refreshes[name], at.budget.taken
            requests = max(0, taken - self._noted[name])
            if refreshes:
                await self._store.budgets.note(name, requests=requests, refreshes=refreshes)
                self._refreshes[name] -= refreshes
                self._noted[name] = taken
