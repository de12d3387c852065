"""Limits on the time and number of connections.

aiohttp limits the time between two requests, but neither the time for the head of a request nor the number of
connections. A silent or slow client must not block others.
"""

import asyncio
import os
import resource
import socket
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bridge.server.clients import Clients

_ACCEPTED_AT_ONCE = 16  # asyncio accepts this many before the first can be refused
_QUEUE = 1024
_LOOK_SECONDS = 1.0
_HAVE_BODIES = {"POST", "PUT", "PATCH", "DELETE"}
_BUSY, _TOO_SLOW = 503, 408
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """The most connections, and the seconds for which each may wait.

    `head` counts from the connection or the first byte of a request, `body` from the end of the head, and `idle` from
    the end of an answer. An answer that the client does not read ends after `idle` too.
    """

    most: int
    head: float = 10.0
    body: float = 20.0
    idle: float = 60.0
    look_every: float = _LOOK_SECONDS


def most_connections(files: int | None = None) -> int:
    """Half of the files that the process may open; the other half is for the storage and for upstreams.

    `files` is the limit; by default that of the system.
    """
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0] if files is None else files
    return max(_ACCEPTED_AT_ONCE, min(soft, 65_536) // 2)


class Connections:
    """The connections of a server."""

    def __init__(self, limits: ConnectionLimits, clients: Clients) -> None:
        self._limits = limits
        self._clients = clients
        self._open: dict[asyncio.BaseTransport, _Connection] = {}

    def __len__(self) -> int:
        return len(self._open)

    def watch(self, make: Callable[[], asyncio.Protocol]) -> Callable[[], asyncio.Protocol]:
        """Wrap a factory of protocols with the limits."""
        return lambda: _Connection(make(), self)

    async def close_late(self) -> None:
        """Close connections that wait too long, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self._limits.look_every)
            now = loop.time()
            for connection in list(self._open.values()):
                if connection.late(now, self._limits):
                    connection.close()

    def middleware(self) -> Any:
        """A middleware that marks the connection of a request as busy and limits the time for its body."""

        @web.middleware
        async def busy(request: web.Request, handler: Handler) -> web.StreamResponse:
            connection = self._open.get(request.transport) if request.transport else None
            if connection is None:
                return await handler(request)
            connection.begins()
            try:
                if request.method in _HAVE_BODIES and not await self._read(request):
                    return web.Response(text="The request took too long.\n", status=_TOO_SLOW)
                return await handler(request)
            finally:
                connection.waits()

        return busy

    async def _read(self, request: web.Request) -> bool:
        try:
            async with asyncio.timeout(self._limits.body):
                await request.read()
        except TimeoutError:
            return False
        return True

    def opened(self, connection: "_Connection", transport: asyncio.BaseTransport) -> None:
        """Add a connection. If there are too many, close the one that has waited longest, those of proxies last."""
        self._open[transport] = connection
        if len(self._open) > self._limits.most:
            waiting = [one for one in self._open.values() if not one.busy]
            own = [one for one in waiting if not self._clients.is_proxy(one.peer)]
            min(own or waiting or [connection], key=lambda one: one.since).close()

    def closed(self, transport: asyncio.BaseTransport) -> None:
        """Remove a connection."""
        self._open.pop(transport, None)


class _Connection(asyncio.Protocol):
    """A connection that passes everything to aiohttp's protocol and knows since when it waits."""

    def __init__(self, inner: asyncio.Protocol, connections: Connections) -> None:
        self._inner = inner
        self._connections = connections
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self.busy = False
        self.since = self._loop.time()
        self._idle = False

    @property
    def peer(self) -> str:
        """The address of the peer."""
        name = self._transport.get_extra_info("peername") if self._transport else None
        return str(name[0]) if isinstance(name, tuple) and name else ""

    def late(self, now: float, limits: ConnectionLimits) -> bool:
        """Whether the head of a request, or the next request, is too late."""
        return not self.busy and now - self.since > (limits.idle if self._idle else limits.head)

    def close(self) -> None:
        """Close at once and drop what has not been sent."""
        if self._transport is not None:
            self._connections.closed(self._transport)
            self._transport.abort()

    def begins(self) -> None:
        """Record that a head is complete."""
        self.busy = True

    def waits(self) -> None:
        """Record that the answer is finished."""
        self.busy = False
        self._idle = True
        self.since = self._loop.time()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport if isinstance(transport, asyncio.Transport) else None
        self._connections.opened(self, transport)
        self._inner.connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport is not None:
            self._connections.closed(self._transport)
        self._inner.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._idle:  # the first bytes of a request: from here on its head is waited for
            self._idle = False
            self.since = self._loop.time()
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received()

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()


class GuardedSite(web.BaseSite):
    """A site that puts `connections` between the socket and aiohttp."""

    def __init__(self, runner: web.AppRunner, host: str, port: int, connections: Connections) -> None:
        super().__init__(runner)
        self._host = host
        self._port = port
        self._connections = connections
        self._watch: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        """The address, for aiohttp."""
        return f"http://{self._host}:{self._port}"

    async def start(self) -> None:
        """Listen. Raises OSError if the address is not available."""
        await super().start()
        server = self._runner.server
        if server is None:
            raise RuntimeError("the runner is set up before a site starts")
        self._server = await asyncio.get_running_loop().create_server(
            self._connections.watch(server), self._host, self._port, backlog=_ACCEPTED_AT_ONCE, reuse_address=True
        )
        _lengthen_queues(self._server.sockets)
        self._watch = asyncio.create_task(self._connections.close_late())

    async def stop(self) -> None:
        """Stop listening. Requests in progress continue."""
        if self._watch is not None:
            self._watch.cancel()
        await super().stop()


def _lengthen_queues(sockets: Collection[Any]) -> None:
    """Let more clients queue than asyncio accepts at once; its `backlog` sets both."""
    for listening in sockets:
        with socket.socket(fileno=os.dup(listening.fileno())) as same:
            same.listen(_QUEUE)
