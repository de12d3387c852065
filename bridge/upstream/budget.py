"""How fast a source may be asked: one budget for all who ask it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import Protocol

from aiolimiter import AsyncLimiter

_NICE_TO_HAVE: ContextVar[bool] = ContextVar("nice_to_have", default=False)


class Budget(Protocol):
    """The requests that may be sent to a source. `taken` counts them."""

    taken: int

    @property
    def quiet(self) -> bool:
        """Whether the source has asked for silence, as far as is known here without asking the storage."""

    async def take(self, origin: str) -> None:
        """Wait until a request may be sent. `origin` is the name of the source for people.

        Raises:
            RateLimited: the source has asked for a longer silence.
            StorageError: the budget is in the storage, which is away.
        """

    async def hear(self, silence: timedelta | None) -> None:
        """Note that the source has asked for fewer requests, and for how long; `None`: it has not said."""


class OwnBudget:
    """The budget of a single process. What a source asks for concerns the account that heard it."""

    quiet = False

    def __init__(self, requests_per_second: float) -> None:
        self.taken = 0
        self._limiter = AsyncLimiter(max(1.0, requests_per_second), max(1.0, 1 / requests_per_second))

    async def take(self, origin: str) -> None:  # noqa: ARG002 - see Budget
        """See `Budget.take`."""
        await self._limiter.acquire()
        self.taken += 1

    async def hear(self, silence: timedelta | None) -> None:
        """Do nothing."""


@contextmanager
def nice_to_have() -> Iterator[None]:
    """Within it, a request that the source finds too many silences nobody else: what people come for goes on."""
    token = _NICE_TO_HAVE.set(True)
    try:
        yield
    finally:
        _NICE_TO_HAVE.reset(token)


def is_nice_to_have() -> bool:
    """Whether the request is one of those."""
    return _NICE_TO_HAVE.get()
