"""A feed's next calendar, made from what its last one shows or from all its events. Pure."""

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bridge.calendar.head import CalendarInfo
from bridge.calendar.lint.rules import Problem
from bridge.calendar.options import FeedOptions
from bridge.calendar.patch import patch, stands_alone
from bridge.calendar.render import Rendered
from bridge.model.tracked import TrackedEvent
from bridge.store.feeds import Feed
from bridge.store.renderings import Rendering, unpack

Judge = Callable[[bytes, bytes], Sequence[Problem]]
"""Gives what is wrong with a calendar, of which another one has been judged; see `bridge.publishing.gate`."""


class Render(Protocol):
    """What makes a calendar; see `bridge.calendar.render`."""

    def __call__(
        self, info: CalendarInfo, entries: Sequence[TrackedEvent], options: FeedOptions, *, now: datetime
    ) -> Rendered:
        """Make one."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a feed's calendar is made of besides its events; `packed` is the last one, empty where there was none."""

    feed: Feed
    info: CalendarInfo
    options: FeedOptions
    packed: bytes = b""

    @property
    def changes(self) -> frozenset[str]:
        """The UIDs of the events that alone are needed; empty where all are."""
        alone = self.packed and self.feed.members is None and stands_alone(self.options)
        return self.feed.changes or frozenset() if alone else frozenset()

    def shows(self, entry: TrackedEvent) -> bool:
        """Whether the feed chooses this event by its kind and its source."""
        chosen = self.feed.sources is None or entry.source in self.feed.sources
        return chosen and entry.event.kind in self.feed.kinds


@dataclass(frozen=True, slots=True)
class Finished:
    """A feed's next rendering, and what is wrong with it."""

    feed: Feed
    rendering: Rendering
    problems: Sequence[Problem] = ()


def patched(draft: Draft, changes: Mapping[str, TrackedEvent | None], judge: Judge) -> Finished | None:
    """The last calendar with these events as they are now; `None` where it takes all events to make a good one."""
    last = _last(draft)
    calendar = patch(last, draft.info, draft.options, changes) if last else None
    if calendar is None or judge(calendar, last):
        return None
    return Finished(draft.feed, Rendering.of(calendar, compress=draft.options.compress == "on"))


def rendered(draft: Draft, entries: Sequence[TrackedEvent], now: datetime, render: Render, judge: Judge) -> Finished:
    """The calendar of all the feed's events."""
    made = render(draft.info, entries, draft.options, now=now)
    rendering = Rendering.of(made.calendar, compress=draft.options.compress == "on", valid_until=made.valid_until)
    return Finished(draft.feed, rendering, judge(made.calendar, _last(draft)))


def _last(draft: Draft) -> bytes:
    """The calendar that is there; empty where there is none, or it cannot be read."""
    try:
        return unpack(draft.packed) if draft.packed else b""
    except zlib.error:
        return b""
