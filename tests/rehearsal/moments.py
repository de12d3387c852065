"""Count the moments of a process, and let something happen at one of them.

A moment is the step of a task after an await that had to wait, or a statement that goes to the storage. Between two of
them, nothing outside the process can tell where it is.
"""

import asyncio
import itertools
import sqlite3
from collections.abc import Callable, Coroutine, Generator
from typing import Any

from sqlalchemy import Engine, event


class Moments:
    """The moments of this process; `at` the given one, if any, `happen` is called, once."""

    def __init__(self, at: int | None = None, happen: Callable[[], None] = lambda: None) -> None:
        self._at = at
        self._happen = happen
        self._numbers = itertools.count(1)
        self.passed = 0

    def install(self) -> None:
        """Count from now on, in every event loop and on every connection that is made."""
        event.listen(Engine, "connect", self._connected)
        event.listen(Engine, "before_cursor_execute", lambda *_: self.one_more())
        asyncio.set_event_loop_policy(_Policy(self))

    def one_more(self) -> None:
        self.passed = next(self._numbers)  # threads count too
        if self.passed == self._at:
            self._happen()

    def _connected(self, connection: Any, _: object) -> None:
        if isinstance(connection, sqlite3.Connection):  # BEGIN and COMMIT, which SQLAlchemy does not see
            connection.set_trace_callback(lambda _: self.one_more())


class _Policy(asyncio.DefaultEventLoopPolicy):
    def __init__(self, moments: Moments) -> None:
        super().__init__()
        self._moments = moments

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        loop = super().new_event_loop()

        def task(loop: asyncio.AbstractEventLoop, coroutine: Any, **more: Any) -> asyncio.Task[Any]:
            return asyncio.Task(_Counted(coroutine, self._moments), loop=loop, **more)

        loop.set_task_factory(task)
        return loop


class _Counted(Coroutine[Any, Any, Any]):
    """A coroutine whose steps are moments."""

    def __init__(self, counted: Coroutine[Any, Any, Any], moments: Moments) -> None:
        self._counted = counted
        self._moments = moments

    def send(self, value: Any) -> Any:
        self._moments.one_more()
        return self._counted.send(value)

    def throw(self, *error: Any) -> Any:
        self._moments.one_more()
        return self._counted.throw(*error)

    def close(self) -> None:
        self._counted.close()

    def __await__(self) -> Generator[Any, Any, Any]:
        return self._counted.__await__()
