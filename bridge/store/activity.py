"""What became of refreshes, by source and quarter of an hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from bridge.store.database import Database, execute
from bridge.store.schema import activity

QUARTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter of an hour of a source: how many refreshes were good, failed or held, and how many requests it took."""

    source: str
    starts: datetime
    good: int = 0
    failed: int = 0
    held: int = 0
    requests: int = 0

    @property
    def refreshes(self) -> int:
        """How many accounts were refreshed."""
        return self.good + self.failed + self.held


def quarter_of(moment: datetime) -> datetime:
    """The beginning of the quarter of an hour in which a moment is."""
    seconds = int(QUARTER.total_seconds())
    return datetime.fromtimestamp(int(moment.timestamp()) // seconds * seconds, UTC)


class ActivityStore:
    """The quarters in the storage, to which all processes add."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, quarters: Sequence[Quarter]) -> None:
        """Add these numbers to those that are kept."""
        if quarters:
            await self._database.write(_add, quarters)

    async def since(self, moment: datetime) -> list[Quarter]:
        """The quarters that begin at a moment or later, by source and time."""
        query = select(activity).where(activity.c.starts >= moment).order_by(activity.c.source, activity.c.starts)
        rows = await self._database.read(lambda connection: connection.execute(query).mappings().all())
        return [Quarter(**row) for row in rows]

    async def forget(self, before: datetime) -> None:
        """Remove the quarters that begin before a moment."""
        old = select(activity.c.source).where(activity.c.starts < before).limit(1)
        if await self._database.read(lambda connection: connection.scalar(old)) is not None:
            await self._database.write(execute, delete(activity).where(activity.c.starts < before))


_COUNTED = ("good", "failed", "held", "requests")
_ADD = (
    update(activity)
    .where(activity.c.source == bindparam("of"), activity.c.starts == bindparam("at"))
    .values({name: activity.c[name] + bindparam(f"more_{name}") for name in _COUNTED})
)


def _add(connection: Connection, quarters: Sequence[Quarter]) -> None:
    for one in sorted(quarters, key=lambda quarter: (quarter.source, quarter.starts)):  # an order, so that hosts wait
        counts = {name: getattr(one, name) for name in _COUNTED}
        more = {f"more_{name}": number for name, number in counts.items()}
        if not connection.execute(_ADD, {"of": one.source, "at": one.starts, **more}).rowcount:
            connection.execute(insert(activity).values(source=one.source, starts=one.starts, **counts))
