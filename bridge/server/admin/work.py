"""Long work that an operator has begun: it runs on, and a page shows how far it is."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from bridge.errors import BridgeError
from bridge.model.clock import Clock
from bridge.people.rosters import Synced
from bridge.sync.outcome import Row

_MOST = 50
Result = Synced | Sequence[Row]
log = structlog.get_logger()


@dataclass(slots=True)
class Work:
    """Work, how far it is, and what came of it.

    Attributes:
        what: "sync", "dry-run", "refresh" or "accept".
        source: at which source; empty for all.
        done, total: how many accounts or people of how many.
        result: what came of it, once it has ended well.
        error: a sentence, once it has failed.
    """

    what: str
    source: str
    user: str
    began: datetime
    id: str = field(default_factory=lambda: secrets.token_urlsafe(9))
    done: int = 0
    total: int = 0
    ended: datetime | None = None
    result: Result | None = None
    error: str = ""

    def watch(self, done: int, total: int) -> None:
        """Note how far it is."""
        self.done, self.total = done, total

    def advance(self) -> None:
        """Note that one more is done."""
        self.done += 1


class Works:
    """The work of this process, of which the last is remembered until it stops."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._works: dict[str, Work] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, what: str, source: str, user: str, do: Callable[[Work], Awaitable[Result]]) -> Work:
        """Begin work. The same that is still running is not begun again."""
        for one in self._works.values():
            if one.ended is None and (one.what, one.source, one.user) == (what, source, user):
                return one
        work = Work(what, source, user, self._clock())
        self._works[work.id] = work
        while len(self._works) > _MOST:
            self._works.pop(next(iter(self._works)))
        task = asyncio.create_task(self._run(work, do))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return work

    def find(self, number: str) -> Work | None:
        """The work with this id, if this process knows it."""
        return self._works.get(number)

    @property
    def running(self) -> list[Work]:
        """What has not ended."""
        return [one for one in self._works.values() if one.ended is None]

    async def stop(self) -> None:
        """End all work. What was done stays done."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, work: Work, do: Callable[[Work], Awaitable[Result]]) -> None:
        try:
            work.result = await do(work)
        except BridgeError as error:
            work.error = error.sentence
        except Exception:  # a bug: the page says so, as other pages do
            log.exception("work.failed", what=work.what)
            work.error = "Something unexpected went wrong; the log has the error."
        finally:
            work.ended = self._clock()
