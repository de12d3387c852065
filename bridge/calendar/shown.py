"""What a feed shows of its entries."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime

from msgspec import Struct
from msgspec.structs import replace

from bridge.calendar.change import change_of
from bridge.calendar.days import days_of, has_hours
from bridge.calendar.history import History
from bridge.calendar.homework import as_taught, is_wanted, tie_of, ties_of
from bridge.calendar.options import FeedOptions
from bridge.calendar.title import title_of
from bridge.calendar.words import Words, words_of
from bridge.model.event import AllDay, Before, Event, Kind, Status, Timed
from bridge.model.tracked import TrackedEvent


class Shown(Struct, frozen=True, gc=False):
    """One event as a feed shows it.

    Attributes:
        title: without marks.
        before: what differs from now, `None` if nothing does.
        shared: whether it is everybody's and not the person's own.
        cleared_by: the title of the holiday that a lesson lies in; empty if it lies in none, or the feed does not ask.
        times: when it is to the minute, if `event` has whole days because it lasts over midnight.
    """

    uid: str
    event: Event
    title: str
    cancelled: bool
    before: Before | None
    created: datetime
    modified: datetime
    sequence: int
    source: str = ""
    shared: bool = False
    cleared_by: str = ""
    times: Timed | None = None
    account: str = ""

    @property
    def place(self) -> tuple[str, str]:
        """The source and the account that it comes from."""
        return self.source, self.account


def show(
    entries: Iterable[TrackedEvent], options: FeedOptions, kinds: Collection[Kind], history: History
) -> list[Shown]:
    """What the feed shows, in order of start and UID: chosen by title, without what is hidden or stands in a lesson."""
    words = words_of(options.language)
    found = []
    for entry in entries:
        event = as_taught(entry.event, options, kinds)
        event = event if options.busy else _as_seen(event, words)
        cancelled = entry.vanished is not None or event.status is Status.CANCELLED
        if (cancelled and options.cancelled == "hide") or not is_wanted(event, options):
            continue
        title = title_of(event, options, words)
        if not options.selects(title):
            continue
        modified, sequence = history.of(entry)
        when = entry.event.when
        found.append(
            Shown(
                uid=entry.uid,
                event=event,
                title=title,
                cancelled=cancelled,
                before=change_of(entry),
                created=entry.created,
                modified=modified,
                sequence=sequence,
                source=entry.source,
                shared=entry.shared,
                account=entry.account,
                times=when if isinstance(when, Timed) and when != event.when and has_hours(when) else None,
            )
        )
    told = {(one.place, tie) for one in found for tie in ties_of(one.event)}
    return sorted((one for one in found if (one.place, tie_of(one.event, options)) not in told), key=order)


def _as_seen(event: Event, words: Words) -> Event:
    """The event by its days where it lasts over midnight, and online where it has an address and no room."""
    if event.conference and not event.locations:
        event = replace(event, locations=(words.online,))
    days = days_of(event.when)
    return event if days is None else replace(event, when=days)


def order(shown: Shown) -> tuple[datetime, str]:
    """The sort key in a calendar."""
    when = shown.event.when
    if isinstance(when, AllDay):
        return datetime(when.start.year, when.start.month, when.start.day, tzinfo=UTC), shown.uid
    return when.start, shown.uid
