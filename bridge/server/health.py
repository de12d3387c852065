"""Liveness, readiness and metrics."""

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from bridge.server.metrics import Metrics
from bridge.store.storage import Store


class HealthHandler:
    """Handlers of `/healthz`, `/readyz` and `/metrics`."""

    def __init__(self, store: Store, metrics: Metrics) -> None:
        self._store = store
        self._metrics = metrics

    async def alive(self, _request: web.Request) -> web.Response:
        """200 when the process answers."""
        return web.Response(text="ok\n")

    async def ready(self, _request: web.Request) -> web.Response:
        """200 when the storage answers too, else 503 with what is wrong."""
        trouble = await self._store.trouble()
        if trouble is None:
            return web.Response(text="ok\n")
        return web.Response(text=f"{trouble}\n", status=503)

    async def metrics(self, _request: web.Request) -> web.Response:
        """The metrics in the text format of Prometheus."""
        if await self._store.trouble() is None:
            self._metrics.count_accounts(await self._store.accounts.count())
            self._metrics.large.set(await self._store.feeds.count_large())
        return web.Response(body=self._metrics.text(), headers={"Content-Type": CONTENT_TYPE_LATEST})
