"""Limits on the time and number of connections.

aiohttp limits the time between two requests, but neither the time for the head of a request nor the number of
connections. A silent or slow client must not block others.
"""

import asyncio
import errno
import os
import resource
import socket
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bridge.errors import ConfigError
from bridge.server.clients import Clients

_ACCEPTED_AT_ONCE = 16  # asyncio accepts this many before the first can be refused
_QUEUE = 1024
_LOOK_SECONDS = 1.0
_END_OF_HEAD = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """The most connections, and the seconds for which each may wait.

    `head` is the time for the head of a request, from its first byte or from the connection. `rest` is the time from
    there to the next request: for a body, for an answer that nobody reads, and for doing nothing.
    """

    most: int
    head: float = 10.0
    rest: float = 75.0
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

    def opened(self, connection: "_Connection", transport: asyncio.BaseTransport) -> None:
        """Add a connection. If there are too many, close the one that is missed least."""
        self._open[transport] = connection
        if len(self._open) > self._limits.most:
            self._least_missed(connection).close()

    def closed(self, transport: asyncio.BaseTransport) -> None:
        """Remove a connection."""
        self._open.pop(transport, None)

    def _least_missed(self, newest: "_Connection") -> "_Connection":
        """The oldest without a whole head, or else without an answer to send; a proxy's last. Else the `newest`."""
        others = [one for one in self._open.values() if one is not newest]
        waiting = [one for one in others if one.waits_for_head] or [one for one in others if one.idle] or [newest]
        direct = [one for one in waiting if not self._clients.is_proxy(one.peer)]
        return min(direct or waiting, key=lambda one: one.since)


class _Connection(asyncio.Protocol):
    """Passes everything on to aiohttp's protocol, and knows for how long it has waited for the head of a request.

    It sees the end of a head in the bytes: a middleware would take a third of the time of an answer with 304.
    """

    def __init__(self, inner: asyncio.Protocol, connections: Connections) -> None:
        self._inner = inner
        self._connections = connections
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._tail = b""
        self.waits_for_head = True
        self.since = self._loop.time()

    @property
    def idle(self) -> bool:
        """Whether nothing is left to be sent."""
        return self._transport is not None and not self._transport.get_write_buffer_size()

    @property
    def peer(self) -> str:
        """The address of the other end."""
        name = self._transport.get_extra_info("peername") if self._transport else None
        return str(name[0]) if isinstance(name, tuple) and name else ""

    def late(self, now: float, limits: ConnectionLimits) -> bool:
        """Whether the connection has waited too long."""
        return now - self.since > (limits.head if self.waits_for_head else limits.rest)

    def close(self) -> None:
        """Close at once; what has not been sent is dropped."""
        if self._transport is not None:
            self._connections.closed(self._transport)
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport if isinstance(transport, asyncio.Transport) else None
        self._connections.opened(self, transport)
        self._inner.connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport is not None:
            self._connections.closed(self._transport)
        self._inner.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if not self.waits_for_head:
            self.waits_for_head = True
            self.since = self._loop.time()
        if data.endswith(_END_OF_HEAD) or _END_OF_HEAD in self._tail + data:
            self.waits_for_head = False
            self._tail = b""
        else:
            self._tail = data[1 - len(_END_OF_HEAD) :]
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received()

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()


def not_available(host: str, port: int, error: OSError) -> str:
    """A sentence: why an address cannot be listened on."""
    place = f"{host}:{port}"
    if error.errno == errno.EADDRINUSE:
        return f"{place}: a program already listens there; is another Roosterbridge running? See server.port."
    return f"{place} cannot be listened on; see server.host and server.port."


class GuardedSite(web.BaseSite):
    """A site that puts `connections` between the socket and aiohttp."""

    def __init__(
        self, runner: web.AppRunner, host: str, port: int, connections: Connections, *, shared: bool = False
    ) -> None:
        """Create a site. `shared` is whether other processes of this installation listen on the port too."""
        super().__init__(runner)
        self._shared = shared
        self._host = host
        self._port = port
        self._connections = connections
        self._watch: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        """The address, for aiohttp."""
        return f"http://{self._host}:{self._port}"

    async def start(self) -> None:
        """Listen.

        Raises:
            ConfigError: the address is not available.
        """
        await super().start()
        server = self._runner.server
        if server is None:
            raise RuntimeError("the runner is set up before a site starts")
        try:
            self._server = await asyncio.get_running_loop().create_server(
                self._connections.watch(server),
                self._host,
                self._port,
                backlog=_ACCEPTED_AT_ONCE,
                reuse_address=True,
                reuse_port=self._shared,
            )
        except OSError as error:
            raise ConfigError(not_available(self._host, self._port, error)) from error
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
