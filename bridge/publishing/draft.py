"""Make the next calendar of a feed, from its last one and what changed, or from all its events. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from msgspec.structs import replace

from bridge.calendar.head import CalendarInfo
from bridge.calendar.lint.rules import Problem
from bridge.calendar.options import FeedOptions
from bridge.calendar.patch import patch, stands_alone
from bridge.calendar.render import Rendered
from bridge.model.event import Kind
from bridge.model.tracked import TrackedEvent
from bridge.store.choice import Place, is_chosen
from bridge.store.feed import Feed
from bridge.store.renderings import Rendering, UnpackError, unpack

Judge = Callable[[bytes, bytes], Sequence[Problem]]
"""Gives what is wrong with a calendar, of which another one has been judged; see `bridge.publishing.gate`."""


class Render(Protocol):
    """The type of `bridge.calendar.render.render`."""

    def __call__(
        self, info: CalendarInfo, entries: Iterable[TrackedEvent], options: FeedOptions, *, now: datetime
    ) -> Rendered:
        """Make a calendar."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What the calendar of a feed is made of, except the events.

    `packed` is the last calendar, or empty. `labels` are what titles begin with, by account, if the feed shows several
    people. `events` is how many events its accounts have.
    """

    feed: Feed
    info: CalendarInfo
    options: FeedOptions
    packed: bytes = b""
    labels: Mapping[Place, str] = field(default_factory=dict)
    events: int = 0

    @property
    def changes(self) -> frozenset[str]:
        """The UIDs of the changed events, if only they are needed; else empty."""
        alone = self.packed and self.feed.members is None and stands_alone(self.options) and not self.info.standstills
        return self.feed.changes or frozenset() if alone else frozenset()

    def shows(self, entry: TrackedEvent) -> bool:
        """Whether the feed has the kind and the source of this event."""
        chosen = is_chosen(self.feed.sources, entry.source, entry.account)
        return chosen and entry.event.kind in self.feed.kinds

    def labelled(self, entry: TrackedEvent) -> TrackedEvent:
        """The entry with whose it is. Holidays are everybody's."""
        label = self.labels.get((entry.source, entry.account))
        if not label or entry.event.kind is Kind.HOLIDAY:
            return entry
        return replace(entry, event=replace(entry.event, whose=label))


@dataclass(frozen=True, slots=True)
class Finished:
    """The next rendering of a feed, with its problems."""

    feed: Feed
    rendering: Rendering
    problems: Sequence[Problem] = ()


def patch_draft(draft: Draft, changes: Mapping[str, TrackedEvent | None], judge: Judge) -> Finished | None:
    """Put changed events into the last calendar; `None` if all events are needed for a good one."""
    last = _last(draft)
    calendar = patch(last, draft.info, draft.options, changes) if last else None
    if calendar is None or judge(calendar, last):
        return None
    return Finished(draft.feed, Rendering.of(calendar, compress=draft.options.compress == "on"))


def render_draft(draft: Draft, entries: list[TrackedEvent], now: datetime, render: Render, judge: Judge) -> Finished:
    """Make the calendar of all events of the feed. It takes them out of the list: many need memory."""
    made = render(draft.info, _taken_out(entries), draft.options, now=now)
    rendering = Rendering.of(made.calendar, compress=draft.options.compress == "on", valid_until=made.valid_until)
    return Finished(draft.feed, rendering, judge(made.calendar, _last(draft)))


def _taken_out(entries: list[TrackedEvent]) -> Iterator[TrackedEvent]:
    entries.reverse()
    while entries:
        yield entries.pop()


def _last(draft: Draft) -> bytes:
    """The last calendar; empty if there is none or it cannot be read."""
    try:
        return unpack(draft.packed) if draft.packed else b""
    except UnpackError:
        return b""
