"""SEQUENCE and LAST-MODIFIED (RFC 5545, 3.8.7) of what a feed shows.

Usually they are those of the entry. With some options, an entry also shows what another entry says: a lesson that is
merged with the next one, or that is in a holiday. Then both must also rise when the other entry changes, appears or
disappears; otherwise calendar programs would keep what they have.

- LAST-MODIFIED is the newest of all entries that can matter: with `merge_double`, the lessons of the same account,
  subject and day; with `holiday_clears`, the holidays on those days. Cancelled entries count, and so do the old days
  of a moved one while they are remembered.
- SEQUENCE is the number of seconds from the creation of the entry until then. A sum of sequences would fall when an
  entry disappears.

So under one UID both rise with every change of what is shown. When an old entry is forgotten, they may fall with
unchanged content; the next change brings them above all earlier values. One change is missed: half of a double lesson
that becomes another subject at the same time.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bridge.calendar.options import FeedOptions
from bridge.model.event import AllDay, Event, Kind, When
from bridge.model.tracked import TrackedEvent

_ONE_DAY = timedelta(days=1)
_Family = tuple[str, str, str, date]


class History:
    """When each entry of a feed last changed, as the feed shows it.

    `revised` is when the options of the feed were last changed, or `None`: nothing is shown as it is for longer.
    """

    def __init__(
        self,
        entries: Iterable[TrackedEvent],
        options: FeedOptions,
        zone_of: Callable[[str], ZoneInfo],
        revised: datetime | None,
    ) -> None:
        """Create a history of all entries of a feed, shown or not. `zone_of` gives the zone of a source's days."""
        self._zone_of = zone_of
        self._revised = revised and revised.replace(microsecond=0)
        self._merges = options.merge_double is not None and not options.busy
        self._clears = options.holiday_clears == "mark"
        self._families: dict[_Family, datetime] = {}
        self._holidays: defaultdict[date, list[datetime]] = defaultdict(list)
        if not (self._merges or self._clears):
            return
        for entry in entries:
            if self._merges and entry.event.kind is Kind.LESSON:
                for family in self._families_of(entry):
                    self._families[family] = max(entry.modified, self._families.get(family, entry.modified))
            if self._clears and entry.event.kind is Kind.HOLIDAY:
                for day in self._days_of(entry):
                    self._holidays[day].append(entry.modified)

    def of(self, entry: TrackedEvent) -> tuple[datetime, int]:
        """LAST-MODIFIED, in UTC, and SEQUENCE."""
        if not (self._merges or self._clears or self._revised):
            return entry.modified, entry.sequence
        moments = [entry.modified]
        if self._revised:
            moments.append(self._revised)
        if entry.event.kind is Kind.LESSON:
            moments += [self._families[family] for family in self._families_of(entry) if family in self._families]
            if self._clears:
                zone = self._zone_of(entry.source)
                moments += [found for day in _days(entry.event.when, zone) for found in self._holidays[day]]
        modified = max(moments)
        return modified, max(0, int((modified - entry.created).total_seconds()))

    def _families_of(self, entry: TrackedEvent) -> list[_Family]:
        if not self._merges:
            return []
        return [(entry.source, entry.account, subject_of(entry.event), day) for day in self._days_of(entry)]

    def _days_of(self, entry: TrackedEvent) -> list[date]:
        """The days that an entry touches, and those that it touched before it moved."""
        zone = self._zone_of(entry.source)
        return [day for when in _times(entry) for day in _days(when, zone)]


def subject_of(event: Event) -> str:
    """The subject by which two lessons are compared."""
    return event.subject or event.title


def _times(entry: TrackedEvent) -> list[When]:
    moved = entry.before is not None and entry.before.when
    return [entry.event.when, moved] if moved else [entry.event.when]


def _days(when: When, zone: ZoneInfo) -> Iterator[date]:
    """The local days that `when` touches."""
    if isinstance(when, AllDay):
        day, end = when.start, when.end
    else:
        day, end = when.start.astimezone(zone).date(), when.end.astimezone(zone).date() + _ONE_DAY
    while day < end:
        yield day
        day += _ONE_DAY
