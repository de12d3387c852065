"""Tasks for which several callers wait, and which continue when all of them are cancelled."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

_VALUE = TypeVar("_VALUE")


def begin(work: Coroutine[Any, Any, _VALUE]) -> "asyncio.Task[_VALUE]":
    """Start `work`. Wait for it with `asyncio.shield`, so that a cancelled caller does not cancel it for others.

    An error for which nobody waits is dropped: asyncio would log its whole text.
    """
    task = asyncio.create_task(work)
    task.add_done_callback(_heard)
    return task


def _heard(task: "asyncio.Task[Any]") -> None:
    if not task.cancelled():
        task.exception()
