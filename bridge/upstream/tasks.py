"""Work that several may wait for, and that goes on when nobody does any more."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

_VALUE = TypeVar("_VALUE")


def begin(work: Coroutine[Any, Any, _VALUE]) -> "asyncio.Task[_VALUE]":
    """Start `work`; wait for it with `asyncio.shield`, so that being cancelled does not end it for the others.

    A failure that nobody waits for any more is dropped: asyncio would log it in full, whatever it holds.
    """
    task = asyncio.create_task(work)
    task.add_done_callback(_heard)
    return task


def _heard(task: "asyncio.Task[Any]") -> None:
    if not task.cancelled():
        task.exception()
