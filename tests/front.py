"""A proxy before several servers that does what a Caddyfile says, as far as compose.yaml uses that."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web

_PAUSE = 0.1
_DIRECTIVE = re.compile(r"^\s*(health_uri|health_interval|lb_try_duration)\s+(\S+)\s*$", re.MULTILINE)
_UPSTREAMS = re.compile(r"reverse_proxy((?:\s+[\w.:-]+)+)\s*\{")


@dataclass
class Front:
    """Passes requests on to the healthy ones of some servers, by turns.

    `down` are those whose last health check has failed. What cannot be reached is tried at another for `patience`
    seconds.
    """

    servers: list[str]
    health: str
    interval: float
    patience: float
    down: set[str] = field(default_factory=set)
    address: str = ""
    _turn: int = 0

    @classmethod
    def of(cls, caddyfile: str, addresses: Mapping[str, str]) -> "Front":
        """Read a Caddyfile; `addresses` are where the servers that it names really are."""
        named = _UPSTREAMS.search(caddyfile)
        assert named is not None
        said = dict(_DIRECTIVE.findall(caddyfile))
        seconds = {key: float(said[key].removesuffix("s")) for key in ("health_interval", "lb_try_duration")}
        return cls(
            [addresses[name] for name in named[1].split()],
            said["health_uri"],
            seconds["health_interval"],
            seconds["lb_try_duration"],
        )

    @asynccontextmanager
    async def serve(self) -> AsyncIterator["Front"]:
        """Listen on a free port."""
        app = web.Application()
        app.router.add_get("/{path:.*}", self._pass)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        async with aiohttp.ClientSession() as self._client:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            self.address = "http://{}:{}".format(*runner.addresses[0][:2])
            checking = asyncio.create_task(self._check())
            try:
                yield self
            finally:
                checking.cancel()
                await runner.cleanup()

    async def _check(self) -> None:
        while True:
            for server in self.servers:
                if await self._is_healthy(server):
                    self.down.discard(server)
                else:
                    self.down.add(server)
            await asyncio.sleep(self.interval)

    async def _is_healthy(self, server: str) -> bool:
        try:
            async with self._client.get(server + self.health, timeout=aiohttp.ClientTimeout(5)) as answer:
                return answer.ok
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def _pass(self, request: web.Request) -> web.StreamResponse:
        end = time.monotonic() + self.patience
        while time.monotonic() < end:
            self._turn += 1
            healthy = [server for server in self.servers if server not in self.down]
            if healthy:
                try:
                    server = healthy[self._turn % len(healthy)]
                    async with self._client.get(server + request.path_qs, allow_redirects=False) as answer:
                        return web.Response(status=answer.status, body=await answer.read())
                except aiohttp.ClientConnectionError:  # another one may do
                    continue
            await asyncio.sleep(_PAUSE)
        return web.Response(status=502)
