"""Answers that many accounts of a source share, fetched once and used until they are old."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from bridge.errors import SourceError
from bridge.model.clock import Clock
from bridge.upstream.receive import large_in_turn
from bridge.upstream.shared_answers import SHARING, Sharing
from bridge.upstream.tasks import begin

_ERROR_AGE = timedelta(seconds=30)
_VALUE = TypeVar("_VALUE")


@dataclass(frozen=True, slots=True)
class _Kept:
    until: datetime
    begun: datetime
    outcome: "asyncio.Future[Any]"


class SharedFetch:
    """A cache of answers by key, for `max_age`, with at most `at_once` fetches at a time.

    Tasks that ask for an answer while it is being fetched wait for that fetch. Its requests may be answered by what
    another host has had; see `SharedAnswers`. A SourceError is cached too, for half
    a minute or as long as the upstream asks to wait, but no longer than an answer. So an upstream in trouble is not
    asked again for each account.
    """

    def __init__(self, clock: Clock, *, max_age: timedelta, at_once: int = 2) -> None:
        self._clock = clock
        self._max_age = max_age
        self._places = asyncio.Semaphore(at_once)
        self._kept: dict[Hashable, _Kept] = {}
        self._failed: dict[Hashable, datetime] = {}

    async def get(
        self, key: Hashable, load: Callable[[], Awaitable[_VALUE]], *, after: datetime | None = None
    ) -> _VALUE:
        """The cached answer for `key`, else what `load` returns. Raises what `load` raises.

        What was asked for before the moment `after`, or at it, is asked for again.

        A cancelled caller does not cancel the fetch for others. `load` must not call `get` itself: it could wait for
        its own place.
        """
        self._forget_old()
        kept = self._kept.get(key)
        if kept is None or (after is not None and kept.begun <= after):
            now = self._clock()
            task = begin(self._load(key, load, Sharing(self._max_age, self._after(key, after))))
            kept = self._kept[key] = _Kept(datetime.max.replace(tzinfo=now.tzinfo), now, task)
        return cast("_VALUE", await asyncio.shield(kept.outcome))

    async def _load(self, key: Hashable, load: Callable[[], Awaitable[_VALUE]], sharing: Sharing) -> _VALUE:
        mine = asyncio.current_task()
        age = timedelta(0)
        try:
            # Its turn would be that of whoever asked first, and others who have theirs wait for it.
            with large_in_turn(None):
                async with self._places:
                    SHARING.set(sharing)  # of this task alone
                    value = await load()
        except SourceError as error:
            self._failed[key] = self._clock()
            age = min(self._max_age, max(_ERROR_AGE, error.retry_after or _ERROR_AGE))
            raise
        else:
            self._failed.pop(key, None)
            age = self._max_age
            return value
        finally:
            kept = self._kept.get(key)
            if kept is not None and kept.outcome is mine:  # else it was asked for again meanwhile
                if age:
                    self._kept[key] = replace(kept, until=self._clock() + age)
                else:
                    del self._kept[key]

    def _after(self, key: Hashable, after: datetime | None) -> datetime | None:
        """The moment after which other hosts must have asked: what could not be read here must not come again."""
        return max((one for one in (after, self._failed.get(key)) if one is not None), default=None)

    def _forget_old(self) -> None:
        now = self._clock()
        for key in [key for key, kept in self._kept.items() if kept.until <= now]:
            del self._kept[key]
        self._failed = {key: at for key, at in self._failed.items() if now - at < self._max_age}
