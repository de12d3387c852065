"""How sources stand, for their operator."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bridge.people.known_sources import KnownSources
from bridge.people.sources import SourceValue
from bridge.store.account import State
from bridge.store.activity import QUARTER, Quarter, quarter_of
from bridge.store.storage import Store

DAY = timedelta(days=1)
_LATE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class SourceStanding:
    """How a source stands.

    Attributes:
        value: the source.
        accounts: how many accounts are in each state.
        late: how many accounts should have been read a while ago.
        oldest: the oldest good answer of an account.
        interval: how often each account is read.
        rate, limit: requests a second, of the last quarters of an hour and at most.
        needed: the requests a second that the interval takes, by what refreshes took in the last day.
        day: what became of refreshes in the last 24 hours, by quarter of an hour.
    """

    value: SourceValue
    accounts: dict[State, int]
    late: int
    oldest: datetime | None
    interval: timedelta
    rate: float
    limit: float
    needed: float
    day: Sequence[Quarter]

    @property
    def total(self) -> int:
        """How many accounts it has."""
        return sum(self.accounts.values())

    @property
    def keeps_up(self) -> bool:
        """Whether each account can be read once per interval."""
        return self.needed <= self.limit and not self.late

    @property
    def well(self) -> bool:
        """Whether nothing is to be done."""
        return self.keeps_up and not (self.accounts.keys() - {State.OK, State.NEW})


async def source_standings(store: Store, known: KnownSources, now: datetime) -> list[SourceStanding]:
    """How each source stands, by name."""
    counted = await store.surveys.accounts(now - _LATE)
    quarters = await store.activity.since(quarter_of(now - DAY))
    found = []
    for name in sorted(known.settings):
        mine = [one for one in counted if one.source == name]
        day = [one for one in quarters if one.source == name]
        chosen, interval = known.settings[name], known.intervals[name]
        read = sum(one.number for one in mine if one.state is not State.LOGIN_NEEDED)
        found.append(
            SourceStanding(
                value=known.value(name),
                accounts={one.state: one.number for one in mine},
                late=sum(one.late for one in mine),
                oldest=min((one.oldest for one in mine if one.oldest), default=None),
                interval=interval,
                rate=_rate(day, now),
                limit=chosen.requests_per_second,
                needed=read * _requests_of_one(day) / interval.total_seconds(),
                day=day,
            )
        )
    return found


def _rate(day: Sequence[Quarter], now: datetime) -> float:
    """Requests a second, in this quarter of an hour and the one before."""
    begin = quarter_of(now) - QUARTER
    return sum(one.requests for one in day if one.starts >= begin) / (now - begin).total_seconds()


def _requests_of_one(day: Sequence[Quarter]) -> float:
    """How many requests the refresh of an account takes; 1 where none was made yet."""
    refreshes = sum(one.refreshes for one in day)
    return sum(one.requests for one in day) / refreshes if refreshes else 1.0
