"""Check all stored calendars once a day."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog

from bridge.calendar.lint.linter import lint
from bridge.calendar.lint.rules import Problem
from bridge.model.clock import Clock
from bridge.store.renderings import RenderingStore, UnpackError, unpack

_EVERY = timedelta(days=1)
_CALLS = 60
log = structlog.get_logger()


class Inspector:
    """Checks every stored calendar once a day, from beginning to end.

    The gate checks only what is new in a calendar; this shows that it may. A calendar with problems stays as it is, and
    is reported to the operator.
    """

    def __init__(
        self,
        renderings: RenderingStore,
        clock: Clock,
        *,
        faulty: Callable[[int], object] = lambda _: None,
        lint: Callable[[bytes], Sequence[Problem]] = lint,
    ) -> None:
        """Create an inspector. `faulty` is called with the number of calendars with problems."""
        self._renderings = renderings
        self._clock = clock
        self._report = faulty
        self._lint = lint
        self._begun: datetime | None = None
        self._last: int | None = None  # in the current round
        self._share = 0
        self._found: set[int] = set()
        self._faulty: set[int] = set()

    async def inspect_some(self) -> None:
        """Check the next calendars of a round. A round takes an hour of calls, one a minute; there is one a day."""
        if self._last is None and not await self._begin():
            return
        some = await self._renderings.after(self._last or 0, limit=self._share)
        for feed_id, packed in some:
            rules = await asyncio.to_thread(self._broken_rules, packed)
            if rules:
                log.error("feed.faulty", feed=feed_id, rules=rules)
                self._found.add(feed_id)
        if len(some) < self._share:
            self._last, self._faulty = None, self._found
        else:
            self._last = some[-1][0]
        self._report(len(self._faulty | self._found))

    async def _begin(self) -> bool:
        """Begin a round, unless the last one began less than a day ago. Returns whether it has begun."""
        now = self._clock()
        if self._begun is not None and timedelta(0) <= now - self._begun < _EVERY:
            return False
        self._begun, self._last, self._found = now, 0, set()
        self._share = await self._renderings.count() // _CALLS + 1
        return True

    def _broken_rules(self, packed: bytes) -> list[str]:
        try:
            return sorted({problem.rule for problem in self._lint(unpack(packed))})
        except UnpackError:
            return ["unreadable"]
