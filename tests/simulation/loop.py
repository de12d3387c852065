"""An event loop with a time of its own: nothing is waited for, and what runs, runs in the same order each time.

Each host's callbacks pass its `Standing`: those of a host that stands still wait until it goes on. Work for threads
runs at once, in the loop; its result comes a little later.
"""

import asyncio
import heapq
from collections.abc import Callable
from concurrent.futures import Executor
from contextvars import Context, ContextVar, copy_context
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar, TypeVarTuple

_T = TypeVar("_T")
_Ts = TypeVarTuple("_Ts")
HOST: ContextVar["Standing | None"] = ContextVar("HOST", default=None)
"""The host whose code runs; `None`: the world around them."""
AWAITED: ContextVar[bool] = ContextVar("AWAITED", default=False)
"""Whether time may not jump over what the code that runs waits for."""


class Storage(Protocol):
    """How the connection of a host to the storage is."""

    def delay(self) -> float:
        """The seconds until the result of some work comes."""

    def run(self, work: Callable[..., Any], *args: Any) -> Any:
        """Run some work, or raise what the connection has instead."""


@dataclass(slots=True, eq=False)
class Standing:
    """Whether a host stands still, and what waits for it to go on.

    `working` is how much is under way for it; while it is `cut` off, nothing reaches it or leaves it by the network.
    """

    name: str
    storage: Storage
    still: bool = False
    cut: bool = False
    working: int = 0
    waiting: "list[_Step]" = field(default_factory=list)

    def go_on(self) -> None:
        """Do, in the same order, what it would have done meanwhile."""
        self.still = False
        waiting, self.waiting = self.waiting, []
        for step in waiting:
            step.loop.call_soon(step.go_on, context=step.context)


class _Step:
    """A callback of a host."""

    __slots__ = ("args", "callback", "context", "handle", "host", "loop")
    handle: asyncio.Handle

    def __init__(
        self,
        loop: "SimulatedLoop",
        host: Standing,
        callback: Callable[..., object],
        args: tuple[Any, ...],
        context: Context,
    ) -> None:
        self.loop = loop
        self.host = host
        self.callback = callback
        self.args = args
        self.context = context

    def __call__(self) -> None:
        if self.host.still:
            self.host.waiting.append(self)
        else:
            self.callback(*self.args)

    def go_on(self) -> None:
        """Do it after all, unless something before it has called it off."""
        if not self.handle.cancelled():
            self.callback(*self.args)


class _Time:
    """In the place of the selector: instead of waiting for sockets, time goes on."""

    def __init__(self, loop: "SimulatedLoop") -> None:
        self._loop = loop

    def select(self, seconds: float | None) -> list[Any]:
        if seconds is None:
            raise AssertionError("everybody waits for something that nobody does")
        if seconds > 0:
            self._loop.pass_time(seconds)
        return []


class SimulatedLoop(asyncio.BaseEventLoop):
    """Time goes on only when everybody waits, to the next moment at which somebody does not.

    While nothing is to be done, `idle_until` may name a later moment: time then jumps there, as it does for a machine
    that slept meanwhile; not while there is work under way for a host that does not stand still.
    """

    def __init__(self) -> None:
        super().__init__()
        self.idle_until: Callable[[], float | None] = lambda: None
        self.hosts: list[Standing] = []
        self._now = 0.0
        self._appointments: list[float] = []
        self._selector = _Time(self)

    def time(self) -> float:
        """The seconds since the beginning."""
        return self._now

    @property
    def _busy(self) -> bool:
        return any(host.working and not host.still for host in self.hosts)

    def pass_time(self, seconds: float) -> None:
        """Go on to a moment, or to a later one if nothing is to be done until then."""
        then = self._now + seconds
        while self._appointments and self._appointments[0] <= self._now:
            heapq.heappop(self._appointments)
        if not self._busy and (until := self.idle_until()) is not None:
            then = max(then, min([until, *self._appointments[:1]]))
        self._now = then

    def call_soon(
        self, callback: Callable[[*_Ts], object], *args: *_Ts, context: Context | None = None
    ) -> asyncio.Handle:
        """See `asyncio`."""
        context = copy_context() if context is None else context
        host = context.get(HOST)
        if host is None:
            return super().call_soon(callback, *args, context=context)
        step = _Step(self, host, callback, args, context)
        step.handle = super().call_soon(step, context=context)
        return step.handle

    def call_at(
        self, when: float, callback: Callable[[*_Ts], object], *args: *_Ts, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """See `asyncio`."""
        context = copy_context() if context is None else context
        host = context.get(HOST)
        if host is None:
            if context.get(AWAITED):
                heapq.heappush(self._appointments, when)
            return super().call_at(when, callback, *args, context=context)
        step = _Step(self, host, callback, args, context)
        step.handle = handle = super().call_at(when, step, context=context)
        return handle

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*_Ts], _T], *args: *_Ts
    ) -> "asyncio.Future[_T]":
        """Run the work now. That for the storage's threads goes through the host's connection to it."""
        result: asyncio.Future[_T] = self.create_future()
        host = HOST.get()
        if executor is None or host is None:
            _settle(result, lambda: func(*args))
            return result
        answer: asyncio.Future[Any] = self.create_future()
        _settle(answer, lambda: host.storage.run(func, *args))
        host.working += 1
        self.call_later(host.storage.delay(), self._arrive, host, answer, result)
        return result

    def _arrive(self, host: Standing, answer: "asyncio.Future[Any]", result: "asyncio.Future[Any]") -> None:
        host.working -= 1
        if not result.cancelled():
            _settle(result, answer.result)
        elif not answer.cancelled():
            answer.exception()

    def _process_events(self, event_list: list[Any]) -> None:
        """Do nothing: no socket has any."""


def _settle(future: "asyncio.Future[Any]", work: Callable[[], Any]) -> None:
    try:
        value = work()
    except Exception as error:  # noqa: BLE001 - as a thread does, for whoever awaits it
        future.set_exception(error)
    else:
        future.set_result(value)
