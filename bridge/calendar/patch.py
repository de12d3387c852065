"""Put a few changed events into a finished calendar, without making the others again. Pure.

The result is the same as that of `bridge.calendar.render` for all events, to the byte. A test compares the two.
"""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bridge.calendar.event import COLOURS, content_of, is_local, write
from bridge.calendar.head import END, CalendarInfo, head
from bridge.calendar.history import History
from bridge.calendar.homework import partners
from bridge.calendar.line import escape
from bridge.calendar.options import FeedOptions
from bridge.calendar.shown import Shown, order, show
from bridge.calendar.timezone import timezone_blocks
from bridge.calendar.words import Words, words_of
from bridge.model.event import Kind, Timed
from bridge.model.tracked import TrackedEvent

_BEGIN = re.compile(rb"\r\nBEGIN:VEVENT\r\n")
_START = re.compile(rb"\r\nDTSTART;(?:VALUE=DATE|TZID=([^:]+)):(\S+)\r\n")
_LOCAL = re.compile(rb"\r\nDTSTART;TZID=([^:]+):(\S+)\r\nDTEND;TZID=[^:]+:(\S+)\r\n")
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
        changes: the new and changed events by UID; `None` for a removed one.

    Returns:
        The new calendar. `None` if it takes all events: equal holidays show once, homework shows in its lesson, and a
        time that is written in UTC does not say which zone it is read in.
    """
    body = _Body(calendar)
    if calendar.find(_IN_UTC, body.begin) >= 0:
        return None
    entries = [entry for entry in changes.values() if entry is not None]
    words = words_of(options.language)
    old = [body.take(uid) for uid in changes]
    if any(_HOLIDAY in block or _says_tasks(block, words) for block in old):
        return None
    if any(entry.event.kind is Kind.HOLIDAY for entry in entries) or not _are_together(entries, options, info.kinds):
        return None
    for shown in show(entries, options, info.kinds, History(entries, options, ZoneInfo(info.zone), info.revised)):
        when = shown.event.when
        if isinstance(when, Timed) and not is_local(when):
            return None
        zones = {when.zone} if isinstance(when, Timed) else ()
        body.put(shown, write(content_of(shown, options, zones)))
    return _framed(body.events(), info, options)


def _says_tasks(block: bytes, words: Words) -> bool:
    """Whether it may be a lesson that has kept homework or a test from showing on its own."""
    text = block.replace(b"\r\n ", b"")
    return any(escape(line.partition("{}")[0]).encode() in text for line in (words.task, words.test))


def _are_together(entries: Iterable[TrackedEvent], options: FeedOptions, kinds: Collection[Kind]) -> bool:
    """Whether all are there with which one of them must be rendered."""
    there = {(entry.source, entry.event.identity) for entry in entries}
    return all(
        (entry.source, partner) in there for entry in entries for partner in partners(entry.event, options, kinds)
    )


class _Body:
    """The events of a calendar, sorted, found without parsing them."""

    def __init__(self, calendar: bytes) -> None:
        self._calendar = calendar
        self._starts = [found.start() + 2 for found in _BEGIN.finditer(calendar)]
        self._starts.append(len(calendar) - len(END))
        self._taken: set[int] = set()
        self._put: defaultdict[int, list[tuple[Place, bytes]]] = defaultdict(list)

    @property
    def begin(self) -> int:
        """The position of the first event."""
        return self._starts[0]

    def take(self, uid: str) -> bytes:
        """Remove the event with a UID and return it; empty if it is not there."""
        at = self._calendar.find(f"\r\nUID:{uid}\r\n".encode(), self.begin)
        if at < 0:
            return b""
        number = bisect_right(self._starts, at) - 1
        self._taken.add(number)
        return self._calendar[self._starts[number] : self._starts[number + 1]]

    def put(self, shown: Shown, block: bytes) -> None:
        """Add an event at its place."""
        place = order(shown)
        number = bisect_left(range(len(self._starts) - 1), place, key=self._place)
        self._put[number].append((place, block))

    def events(self) -> bytes:
        """All events as they are now."""
        pieces, done = [], self.begin
        for number in sorted(self._taken | self._put.keys()):
            pieces.append(self._calendar[done : self._starts[number]])
            pieces += [block for _, block in sorted(self._put.get(number, ()))]
            done = self._starts[number + 1 if number in self._taken else number]
        pieces.append(self._calendar[done : self._starts[-1]])
        return b"".join(pieces)

    def _place(self, number: int) -> Place:
        start, uid = (pattern.search(self._calendar, self._starts[number]) for pattern in (_START, _UID))
        if start is None or uid is None:
            raise ValueError("an event has no start or no UID")
        return _moment(start[2], start[1]), uid[1].decode()


def _framed(events: bytes, info: CalendarInfo, options: FeedOptions) -> bytes | None:
    """The calendar of these events; `None` if one of their zones has no rule."""
    spans: defaultdict[bytes, list[bytes]] = defaultdict(list)
    for zone, start, end in _LOCAL.findall(events):
        spans[zone] += start, end
    used = {zone.decode(): len(moments) // 2 for zone, moments in spans.items()}
    years = [_moment(pick(moments), zone).year for zone, moments in spans.items() for pick in (min, max)]
    blocks = timezone_blocks(used, years)
    if len(blocks) < len(used):
        return None
    return b"".join([head(info, options, used), *blocks.values(), events, END])


def _moment(text: bytes, zone: bytes | None) -> datetime:
    """The midnight of a day in UTC, or the moment of a local time."""
    moment = datetime.fromisoformat(text.decode())
    return moment.replace(tzinfo=ZoneInfo(zone.decode()) if zone else UTC).astimezone(UTC)
