"""How fast calendars are written: from cold, and again after one change, against the plain icalendar library."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from bridge.calendar.blocks import BlockCache
from bridge.calendar.event import Content, content_of
from bridge.calendar.head import CalendarInfo
from bridge.calendar.history import History
from bridge.calendar.options import FeedOptions
from bridge.calendar.render import render
from bridge.calendar.shown import show
from bridge.model.tracked import TrackedEvent
from tests.bench.feeds import EVENTS, entries
from tests.calendar.entries import ZONE
from tests.calendar.slow import slow_calendar

_NOW = datetime(2026, 11, 22, tzinfo=UTC)
_INFO = CalendarInfo("Anna", "Europe/Amsterdam", timedelta(minutes=30))
_OPTIONS = FeedOptions()
_ROUNDS = 7


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _copy(kept: list[TrackedEvent]) -> list[TrackedEvent]:
    """The same entries as the store gives them: equal, but not the same objects."""
    return [replace(one, event=replace(one.event, when=replace(one.event.when))) for one in kept]


def _contents(kept: list[TrackedEvent]) -> list[Content]:
    shown = show(kept, _OPTIONS, History(kept, _OPTIONS, ZONE, None))
    return [content_of(one, _OPTIONS, {ZONE.key}) for one in shown]


def measure(_folder: Path) -> dict[str, float]:
    """How many times as long the plain library takes, by what is asked of us.

    The library is given finished values; we work them out as well.
    """
    kept = entries(EVENTS)
    contents = _contents(kept)
    blocks = BlockCache()
    render(_INFO, kept, _OPTIONS, now=_NOW, blocks=blocks)
    plain, cold, again = [], [], []
    for turn in range(_ROUNDS):  # by turns, so that whatever else the machine does meets all
        plain.append(_seconds(lambda: slow_calendar(contents)))
        cold.append(_seconds(lambda: render(_INFO, kept, _OPTIONS, now=_NOW, blocks=BlockCache())))
        changed = _copy(kept)
        changed[turn] = replace(changed[turn], sequence=1, modified=_NOW + timedelta(hours=1))
        again.append(_seconds(partial(render, _INFO, changed, _OPTIONS, now=_NOW, blocks=blocks)))
    ratios = {"render cold": min(plain) / min(cold), "render one change": min(plain) / min(again)}
    print(
        f"  {EVENTS:,} events: plain icalendar {min(plain) * 1e3:.1f} ms, cold {min(cold) * 1e3:.1f} ms, ratio "
        f"{ratios['render cold']:.1f}; one change {min(again) * 1e3:.1f} ms, ratio {ratios['render one change']:.1f}"
    )
    return ratios
