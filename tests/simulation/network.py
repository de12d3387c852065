"""Connections in memory, between hosts and a server, under a loop with simulated time."""

import asyncio
import socket
from collections.abc import Callable
from contextvars import Context, copy_context
from typing import Any

from tests.simulation.loop import HOST, SimulatedLoop, Standing

Factory = Callable[[], asyncio.Protocol]


class Wire(asyncio.Transport):
    """One end of a connection. What is written arrives at the other end a little later, in order."""

    peer: "Wire"

    def __init__(self, network: "Network", protocol: asyncio.Protocol, context: Context) -> None:
        super().__init__()
        self.host: Standing | None = context.get(HOST)
        self._network = network
        self._protocol = protocol
        self._context = context
        self._last = 0.0
        self._reading = True
        self._unread: list[bytes] = []
        self._over = False

    def begin(self) -> None:
        """Let the protocol know of the connection."""
        self._context.copy().run(self._protocol.connection_made, self)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send, in one piece."""
        if self._over:
            return
        piece = bytes(data)
        if self.host is not None:
            self._network.heard(self.host, piece)
        self._soon(self.peer.arrive, piece)

    def writelines(self, list_of_data: Any) -> None:
        """Send, in one piece."""
        self.write(b"".join(list_of_data))

    def arrive(self, piece: bytes) -> None:
        """Something has come."""
        if self._over:
            return
        if self._reading:
            self._protocol.data_received(piece)
        else:
            self._unread.append(piece)

    def close(self) -> None:
        """End the connection, once the other end has read everything."""
        self._end(None)

    def abort(self) -> None:
        """Break the connection off."""
        self._end(ConnectionResetError())

    def _end(self, why: Exception | None) -> None:
        if self._over:
            return
        self._soon(self.peer.lose, why)
        self.lose(why)

    def lose(self, why: Exception | None) -> None:
        """The connection is over."""
        if not self._over:
            self._over = True
            self._network.loop.call_soon(self._protocol.connection_lost, why, context=self._context)

    def _soon(self, deliver: Callable[..., None], *args: Any) -> None:
        """Let something happen at the other end, after what was sent before."""
        loop = self._network.loop
        self._last = max(self._last, loop.time() + self._network.delay())
        host = self.host or self.peer.host
        assert host is not None
        if not host.cut:
            host.working += 1
            context = self.peer._context  # noqa: SLF001 - the other end
            loop.call_at(self._last, self._deliver, host, deliver, args, context=context)

    def _deliver(self, host: Standing, deliver: Callable[..., None], args: tuple[Any, ...]) -> None:
        host.working -= 1
        if not host.cut:
            deliver(*args)

    def pause_reading(self) -> None:
        """Keep what comes."""
        self._reading = False

    def resume_reading(self) -> None:
        """Give what was kept."""
        self._reading = True
        unread, self._unread = self._unread, []
        for piece in unread:
            self.arrive(piece)

    def is_reading(self) -> bool:
        """Whether what comes is given."""
        return self._reading

    def is_closing(self) -> bool:
        """Whether it is over."""
        return self._over

    def get_write_buffer_size(self) -> int:
        """Nothing waits to be sent."""
        return 0

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Nothing waits to be sent."""

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Give what comes to another protocol."""
        assert isinstance(protocol, asyncio.Protocol)
        self._protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        """What gets what comes."""
        return self._protocol

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """There is no socket below it."""
        return ("127.0.0.1", 0) if name in {"peername", "sockname"} else default


class Network:
    """One server that all hosts can reach but those that are cut off. `heard` is told what a host sends, as it does."""

    def __init__(self, loop: "NetworkedLoop", delay: Callable[[], float]) -> None:
        self.loop = loop
        self.delay = delay
        self.server: Factory | None = None
        self.heard: Callable[[Standing, bytes], None] = lambda *_: None

    async def reach(self) -> None:
        """Wait for a connection. Raises OSError if there is none."""
        await asyncio.sleep(self.delay())
        host = HOST.get()
        if self.server is None or (host is not None and host.cut):
            raise ConnectionRefusedError(111, "refused")

    def connect(self, factory: Factory) -> tuple[Wire, asyncio.Protocol]:
        """Connect somebody to the server."""
        assert self.server is not None
        context = copy_context()
        theirs = Context()
        protocol = factory()
        mine, other = Wire(self, protocol, context), Wire(self, theirs.run(self.server), theirs)
        mine.peer, other.peer = other, mine
        other.begin()
        mine.begin()
        return mine, protocol


class NetworkedLoop(SimulatedLoop):
    """A loop whose sockets lead to a network in memory."""

    network: Network

    async def sock_connect(self, sock: socket.socket, address: Any) -> None:  # noqa: ARG002 - there is one server
        """Connect; the socket stays unused."""
        await self.network.reach()

    async def create_connection(self, protocol_factory: Any, *_: Any, sock: Any = None, **__: Any) -> Any:
        """See `asyncio`, for a socket that is connected."""
        sock.close()
        return self.network.connect(protocol_factory)
