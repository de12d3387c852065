"""Answers that several hosts share: within a fetch for many accounts, another host may have asked already."""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bridge.upstream.reply import Reply


@dataclass(frozen=True, slots=True)
class Sharing:
    """How old an answer for many accounts may be, and the moment after which it must have been asked for."""

    max_age: timedelta
    after: datetime | None


SHARING: ContextVar[Sharing | None] = ContextVar("SHARING", default=None)
"""What holds for the GET requests of a fetch for many accounts; `None` outside of one."""


class SharedAnswers(Protocol):
    """The answers of a source to the requests of all hosts."""

    async def get(self, request: str, sharing: Sharing, ask: Callable[[], Awaitable[Reply]]) -> Reply:
        """The answer to a request that another host has had, else that of `ask`. Raises what `ask` raises.

        Hosts that want the same at once wait for one of them. Only JSON with status 200 or 404 is shared.
        """
