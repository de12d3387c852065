"""Put a few changed events into a finished calendar, without making the others again. Pure.

The result is the same as that of `bridge.calendar.render` for all events, to the byte. A test compares the two.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bridge.calendar.days import local_times
from bridge.calendar.event import COLOURS, content_of, write
from bridge.calendar.head import END, CalendarInfo, head
from bridge.calendar.history import History
from bridge.calendar.homework import decided_by
from bridge.calendar.options import FeedOptions
from bridge.calendar.shown import Shown, order, show
from bridge.calendar.timezone import timezone_blocks
from bridge.model.event import Kind, Timed
from bridge.model.tracked import TrackedEvent

_BEGIN, _BREAK = b"\r\nBEGIN:VEVENT\r\n", 2
_START = re.compile(rb"\r\nDTSTART;(?:VALUE=DATE|TZID=([^:]+)):(\S+)\r\n")
_LOCAL = re.compile(rb"\r\nDT(?:START|END);TZID=([^:]+:\d{4})")
_UID = re.compile(rb"\r\nUID:([^\r]+)\r\n")
_IN_UTC = b"\r\nDTSTART:"
_HOLIDAY = f"\r\nCOLOR:{COLOURS[Kind.HOLIDAY]}\r\n".encode()

Place = tuple[datetime, str]
"""Where an event stands: its start, and its UID."""


def stands_alone(options: FeedOptions) -> bool:
    """Whether with these options no event depends on another event or on the time."""
    joined = options.busy or options.holiday_clears == "mark" or options.merge_double is not None
    return not joined and options.past is None and options.future is None


def patch(
    calendar: bytes, info: CalendarInfo, options: FeedOptions, changes: Mapping[str, TrackedEvent | None]
) -> bytes | None:
    """Put changed events into a calendar.

    Args:
        calendar: the result of `render` for these options, with which events stand alone.
        info: what the calendar says of itself now.
        options: the options of the feed.
        changes: the new and changed events by UID, and those that they are or were tied to (`Event.ties`); `None` for
            one that is not there any more.

    Returns:
        The new calendar. `None` if it takes all events: equal holidays show once, homework may show in a lesson that is
        not among these, and a time that is written in UTC does not say which zone it is read in.
    """
    body = _Body(calendar)
    if calendar.find(_IN_UTC, body.begin) >= 0:
        return None
    entries = [entry for entry in changes.values() if entry is not None]
    if any(_HOLIDAY in body.take(uid) for uid in changes):
        return None
    if any(entry.event.kind is Kind.HOLIDAY for entry in entries) or not _are_together(entries, options, info.kinds):
        return None
    for shown in show(entries, options, info.kinds, History(entries, options, info.zone_of, info.revised)):
        when = shown.event.when
        if isinstance(when, Timed) and not local_times(when).is_clear:
            return None
        zones = {when.zone} if isinstance(when, Timed) else ()
        body.put(shown, write(content_of(shown, options, zones)))
    return _framed(body.pieces(), info, options)


def _are_together(entries: Iterable[TrackedEvent], options: FeedOptions, kinds: Collection[Kind]) -> bool:
    """Whether all lessons are there that decide whether one of these shows."""
    there = {((entry.source, entry.account), entry.event.identity) for entry in entries}
    deciding = (((entry.source, entry.account), decided_by(entry.event, options, kinds)) for entry in entries)
    return all(lesson in there for lesson in deciding if lesson[1])


class _Body:
    """The events of a calendar, sorted, found without parsing them or looking at each."""

    def __init__(self, calendar: bytes) -> None:
        self._calendar = calendar
        self._end = len(calendar) - len(END)
        self.begin = self._following(0)
        """The position of the first event."""
        self._taken: dict[int, int] = {}
        self._put: defaultdict[int, list[tuple[Place, bytes]]] = defaultdict(list)

    def take(self, uid: str) -> bytes:
        """Remove the event with a UID and return it; empty if it is not there."""
        at = self._calendar.find(f"\r\nUID:{uid}\r\n".encode(), self.begin)
        if at < 0:
            return b""
        begin, end = self._at(at), self._following(at)
        self._taken[begin] = end
        return self._calendar[begin:end]

    def put(self, shown: Shown, block: bytes) -> None:
        """Add an event at its place."""
        place = order(shown)
        first, last = self.begin, self._end  # the beginnings of events between which it is
        while first < last:
            middle = self._at((first + last) // 2)
            if self._place(middle) < place:
                first = self._following(middle)
            else:
                last = middle
        self._put[first].append((place, block))

    def pieces(self) -> list[bytes | memoryview]:
        """All events as they are now, in pieces: each copy of a large calendar takes as long as looking through it."""
        whole = memoryview(self._calendar)
        pieces: list[bytes | memoryview] = []
        done = self.begin
        for begin in sorted(self._taken | self._put):
            pieces.append(whole[done:begin])
            pieces += [block for _, block in sorted(self._put.get(begin, ()))]
            done = self._taken.get(begin, begin)
        pieces.append(whole[done : self._end])
        return pieces

    def _at(self, position: int) -> int:
        """Where the event begins in which a position is."""
        return self._calendar.rfind(_BEGIN, 0, position - _BREAK + len(_BEGIN)) + _BREAK

    def _following(self, position: int) -> int:
        """Where the next event begins after a position, or the last one ends."""
        found = self._calendar.find(_BEGIN, position)
        return self._end if found < 0 else found + _BREAK

    def _place(self, begin: int) -> Place:
        start, uid = (pattern.search(self._calendar, begin) for pattern in (_START, _UID))
        if start is None or uid is None:
            raise ValueError("an event has no start or no UID")
        return _moment(start[2], start[1]), uid[1].decode()


def _framed(events: Sequence[bytes | memoryview], info: CalendarInfo, options: FeedOptions) -> bytes | None:
    """The calendar of these events; `None` if one of their zones has no rule."""
    bounds = Counter(bound for piece in events for bound in _LOCAL.findall(piece))
    used, years = Counter[str](), []
    for bound, count in bounds.items():
        zone, year = bound.decode().split(":")
        used[zone] += count // 2
        years.append(int(year))
    blocks = timezone_blocks(used, years)
    if len(blocks) < len(used):
        return None
    return b"".join([head(info, options, used), *blocks.values(), *events, END])


def _moment(text: bytes, zone: bytes | None) -> datetime:
    """The midnight of a day in UTC, or the moment of a local time."""
    moment = datetime.fromisoformat(text.decode())
    return moment.replace(tzinfo=ZoneInfo(zone.decode()) if zone else UTC).astimezone(UTC)
