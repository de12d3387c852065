"""From events to iCalendar (RFC 5545, RFC 7986). Pure: equal events and options give equal bytes."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from bridge.calendar.busy import busy_times
from bridge.calendar.days import local_times
from bridge.calendar.doubles import merge_doubles
from bridge.calendar.event import content_of, write
from bridge.calendar.head import END, CalendarInfo, head
from bridge.calendar.history import History
from bridge.calendar.holidays import clear_holidays, each_holiday_once
from bridge.calendar.options import FeedOptions
from bridge.calendar.reach import Reach
from bridge.calendar.shown import Shown, order, show
from bridge.calendar.standstill import alerts
from bridge.calendar.timezone import timezone_blocks
from bridge.calendar.words import words_of
from bridge.model.event import Timed
from bridge.model.tracked import TrackedEvent

VERSION = 5
"""Rises with each change of what comes out of the same events: feeds are then made again at the next start."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A calendar, and the moment until which the same entries and options give it; `None` is forever."""

    calendar: bytes
    valid_until: datetime | None


def render(info: CalendarInfo, entries: Iterable[TrackedEvent], options: FeedOptions, *, now: datetime) -> Rendered:
    """Make a VCALENDAR, in UTF-8 with CRLF, sorted by start and UID.

    `now` is used only for the options `past`, `future` and `alerts`.
    """
    chosen = _chosen(list(entries), info, options)
    reach = Reach(options.past, options.future)
    shown = [one for one in chosen if reach.holds(one.event.when, info.zone_of(one.source), now)]
    alerted, told_until = _alerts(info, options, now)
    shown = sorted([*shown, *alerted], key=order) if alerted else shown
    changes = reach.next_change(((one.event.when, info.zone_of(one.source)) for one in chosen), now)
    local = [when for one in shown if isinstance(when := one.event.when, Timed) and local_times(when).is_clear]
    used = Counter(when.zone for when in local)
    timezones = timezone_blocks(used, {year for when in local for year in _years(when)})
    del chosen, alerted, local  # each event is free as soon as it is written
    text = BytesIO()
    text.writelines([head(info, options, used), *timezones.values()])
    for one in _drained(shown):
        text.write(write(content_of(one, options, timezones)))
    text.write(END)
    return Rendered(text.getvalue(), _sooner(changes, told_until))


def _drained(shown: list[Shown]) -> Iterator[Shown]:
    """Each of the list, which is empty at the end."""
    shown.reverse()
    while shown:
        yield shown.pop()


def choose(entries: Sequence[TrackedEvent], info: CalendarInfo, options: FeedOptions, now: datetime) -> list[Shown]:
    """What the feed shows at `now`, in order of start and UID."""
    reach = Reach(options.past, options.future)
    chosen = _chosen(entries, info, options)
    shown = [one for one in chosen if reach.holds(one.event.when, info.zone_of(one.source), now)]
    return sorted([*shown, *_alerts(info, options, now)[0]], key=order)


def _alerts(info: CalendarInfo, options: FeedOptions, now: datetime) -> tuple[list[Shown], datetime | None]:
    if options.alerts == "off" or options.busy:
        return [], None
    return alerts(info.standstills, words_of(options.language), now)


def _sooner(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((moment for moment in (one, other) if moment is not None), default=None)


def _years(when: Timed) -> tuple[int, int]:
    """The years, in its own zone, in which it begins and ends."""
    local = local_times(when)
    return local.start.year, local.end.year


def _chosen(entries: Sequence[TrackedEvent], info: CalendarInfo, options: FeedOptions) -> list[Shown]:
    """What the feed shows, whenever that is, in order of start and UID."""
    history = History(entries, options, info.zone_of, info.revised)
    shown = each_holiday_once(show(entries, options, info.kinds, history))
    if options.holiday_clears == "mark":
        shown = clear_holidays(shown, info.zone_of)
    if options.busy:
        return sorted(busy_times(shown, words_of(options.language).busy, info.zone_of), key=order)
    if options.merge_double is not None:
        return merge_doubles(shown, options.merge_double)
    return shown
