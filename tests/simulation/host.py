"""A host: the real service but for its HTTP server, in the simulated time."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from bridge.app import open_bridge
from bridge.errors import BridgeError
from bridge.settings.schema import Settings
from bridge.store.storage import Store
from tests.simulation.loop import HOST, SimulatedLoop, Standing
from tests.simulation.storage import Connection

START = datetime(2026, 1, 12, tzinfo=UTC)
_GRACE = 5.0
_RESTART = 10.0


@dataclass(eq=False)
class Host:
    """One life of a host, from its start to its end.

    `ahead` is how far its clock is ahead. `moment` is called when it does something that others notice, `written` after
    it has changed the storage. `wired` may take a safeguard out of its storage.
    """

    name: str
    ahead: timedelta
    settings: Settings
    loop: SimulatedLoop
    random: Random
    moment: "Callable[[Host], None]"
    written: Callable[[], None]
    wired: Callable[[Store], Store]
    life: "asyncio.Task[None] | None" = None
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.connection = Connection(self.random, lambda: self.moment(self), self.written)
        self.standing = Standing(self.name, self.connection)
        self.loop.hosts.append(self.standing)

    def clock(self) -> datetime:
        """Its wall clock."""
        return START + timedelta(seconds=self.loop.time()) + self.ahead

    def start(self) -> None:
        """Begin to serve, as a process that is started again when it fails to."""
        context = copy_context()
        context.run(HOST.set, self.standing)
        self.life = self.loop.create_task(self._live(), context=context)

    async def stop(self) -> None:
        """End it as SIGTERM does."""
        self.stopping.set()
        if self.life is not None:
            await self.life

    async def _live(self) -> None:
        while not self.stopping.is_set():
            try:
                await self._serve()
            except BridgeError:
                await asyncio.sleep(_RESTART)

    async def _serve(self) -> None:
        async with open_bridge(self.settings, clock=self.clock, seconds=self.loop.time) as bridge:
            bridge.store = self.wired(bridge.store)
            await bridge.scheduler.pull_back()
            bridge.worker.start()
            bridge.scheduler.start()
            await self.stopping.wait()
            bridge.store.credentials.stop()
            await asyncio.gather(
                _within_grace(bridge.scheduler.stop()),
                _within_grace(bridge.worker.stop()),
                bridge.store.credentials.settle(),
            )


async def _within_grace(stopping: Coroutine[Any, Any, None]) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stopping, _GRACE)
