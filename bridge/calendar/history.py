"""SEQUENCE and LAST-MODIFIED (RFC 5545, 3.8.7) of what a feed shows.

As a rule they are the entry's own. Some options let one entry show what another one says: a lesson into which the
next one is merged, or which lies in a holiday. Then both must also rise when that other one changes, whether it joins
or leaves, or programs would keep what they have.

- LAST-MODIFIED becomes that of the newest of all that may have a say: with `merge_double`, the lessons of the same
  source, subject and day; with `holiday_clears`, the holidays around it. Cancelled ones count, and so does the place
  from which one was moved, for as long as that is remembered.
- SEQUENCE becomes the seconds from the entry's creation to then: a sum of sequences would fall when one leaves.

So under one UID both rise with every change of what is shown. They may fall, by themselves and with the same content,
when what had a say is forgotten; the next change then still brings them above all that was shown before. One change
goes unnoticed: a half of a double lesson that becomes another subject and stays.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bridge.calendar.options import FeedOptions
from bridge.model.event import AllDay, Event, Kind, When
from bridge.model.tracked import TrackedEvent

_ONE_DAY = timedelta(days=1)
_Family = tuple[str, str, date]


class History:
    """Tells when each entry of a feed came to be shown as it is.

    `revised` is when the feed's options were chosen, none for a feed that never showed anything else: what it shows
    has not been so for longer.
    """

    def __init__(
        self, entries: Iterable[TrackedEvent], options: FeedOptions, zone: ZoneInfo, revised: datetime | None
    ) -> None:
        """Take all entries of the feed, shown or not; `zone` says where days begin."""
        self._zone = zone
        self._revised = revised and revised.replace(microsecond=0)
        self._merges = options.merge_double is not None and not options.busy
        self._clears = options.holiday_clears
        self._families: dict[_Family, datetime] = {}
        self._holidays: defaultdict[date, list[datetime]] = defaultdict(list)
        if not (self._merges or self._clears):
            return
        for entry in entries:
            if self._merges and entry.event.kind is Kind.LESSON:
                for family in self._families_of(entry):
                    self._families[family] = max(entry.modified, self._families.get(family, entry.modified))
            if self._clears and entry.event.kind is Kind.HOLIDAY:
                for when in _times(entry):
                    for day in _days(when, self._zone):
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
                moments += [found for day in _days(entry.event.when, self._zone) for found in self._holidays[day]]
        modified = max(moments)
        return modified, max(0, int((modified - entry.created).total_seconds()))

    def _families_of(self, entry: TrackedEvent) -> list[_Family]:
        if not self._merges:
            return []
        return [
            (entry.source, subject_of(entry.event), day) for when in _times(entry) for day in _days(when, self._zone)
        ]


def subject_of(event: Event) -> str:
    """What a lesson is about, as far as two lessons are compared."""
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
