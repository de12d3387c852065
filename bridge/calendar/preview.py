"""What a feed shows in some days, for a page: the same choice and the same words as in its calendar. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bridge.calendar.event import content_of
from bridge.calendar.head import CalendarInfo
from bridge.calendar.options import FeedOptions
from bridge.calendar.render import choose
from bridge.model.event import Kind, When
from bridge.model.tracked import TrackedEvent
from bridge.model.window import Window


@dataclass(frozen=True, slots=True)
class Seen:
    """An event as people see it in their calendar."""

    when: When
    kind: Kind
    cancelled: bool
    title: str
    location: str
    description: str


def preview(
    info: CalendarInfo, entries: Iterable[TrackedEvent], options: FeedOptions, days: Window, *, now: datetime
) -> list[Seen]:
    """The events of a feed that touch some days, in order of start."""
    chosen = choose(list(entries), info, options, now)
    shown = [one for one in chosen if days.overlaps(one.event.when, info.zone_of(one.source))]
    found = []
    for one in shown:
        content = content_of(one, options, ())
        found.append(
            Seen(
                when=one.event.when,
                kind=one.event.kind,
                cancelled=one.cancelled,
                title=content.summary,
                location=content.location,
                description=content.description,
            )
        )
    return found
