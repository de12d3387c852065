"""Liveness, readiness and metrics."""

from collections.abc import Awaitable, Callable

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from bridge.server.metrics import Metrics
from bridge.store.storage import Store
from bridge.sync.load import Load

_OLDEST_TICK, _OLDEST_WRITE = 60.0, 300.0


class HealthHandler:
    """Handlers of `/healthz`, `/readyz` and `/metrics`; see `build_app`."""

    def __init__(
        self,
        store: Store,
        metrics: Metrics,
        tick_age: Callable[[], float],
        loads: Callable[[], Awaitable[list[Load]]],
    ) -> None:
        self._loads = loads
        self._store = store
        self._metrics = metrics
        self._tick_age = tick_age

    async def alive(self, _request: web.Request) -> web.Response:
        """200 when the process answers."""
        return web.Response(text="ok\n")

    async def ready(self, _request: web.Request) -> web.Response:
        """200 when the storage answers and ticks and writes are recent, else 503 with what is wrong."""
        tick, write = self._tick_age(), self._store.database.write_age
        wrong = [trouble] if (trouble := await self._store.trouble()) else []
        wrong += ["Nothing is refreshed: ticks have stopped."] if tick > _OLDEST_TICK else []
        wrong += ["Nothing can be written to the storage."] if write > _OLDEST_WRITE else []
        ages = [f"last tick: {tick:.0f} s ago", f"last good write: {write:.0f} s ago"]
        text = "".join(f"{line}\n" for line in (wrong or ["ok"]) + ages)
        return web.Response(text=text, status=503 if wrong else 200)

    async def metrics(self, _request: web.Request) -> web.Response:
        """The metrics in the text format of Prometheus."""
        if await self._store.trouble() is None:
            self._metrics.count_accounts(await self._store.accounts.count())
            self._metrics.weigh(await self._loads())
            self._metrics.large.set(await self._store.feeds.count_large())
        return web.Response(body=self._metrics.text(), headers={"Content-Type": CONTENT_TYPE_LATEST})
