"""A load on a server of this machine: few connections, one request at a time on each, as little work as possible."""

import asyncio
import time
from collections.abc import Sequence

CONNECTIONS = 16


class _Connection(asyncio.Protocol):
    """Sends the next request as soon as an answer is whole."""

    def __init__(self, requests: list[bytes], done: asyncio.Event) -> None:
        self._requests = requests
        self._done = done
        self._missing = 0
        self._head = b""
        self.statuses: dict[bytes, int] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's name
        self._done.set()

    def _send(self) -> None:
        if not self._requests:
            self._transport.close()
            return
        assert isinstance(self._transport, asyncio.WriteTransport)
        self._transport.write(self._requests.pop())

    def data_received(self, data: bytes) -> None:
        if self._missing:
            self._missing -= len(data)
        else:
            self._head += data
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return
            head, body = self._head[:end].lower(), len(self._head) - end - 4
            status = head[9:12]
            self.statuses[status] = self.statuses.get(status, 0) + 1
            start = head.find(b"content-length:")
            length = int(head[start + 15 :].split(b"\r\n", 1)[0]) if start >= 0 and status != b"304" else 0
            self._missing = length - body
            self._head = b""
        if not self._missing:
            self._send()


async def answers_per_second(port: int, requests: Sequence[bytes], expected: int) -> float:
    """Send all `requests` to a port of this machine; every answer must have the `expected` status."""
    loop = asyncio.get_running_loop()
    waiting = []
    connections = []
    started = time.perf_counter()
    for number in range(CONNECTIONS):
        done = asyncio.Event()
        share = list(requests[number::CONNECTIONS])
        _, connection = await loop.create_connection(
            lambda share=share, done=done: _Connection(share, done),  # type: ignore[misc]
            "127.0.0.1",
            port,
        )
        connections.append(connection)
        waiting.append(done.wait())
    await asyncio.wait_for(asyncio.gather(*waiting), timeout=300)
    seconds = time.perf_counter() - started
    for connection in connections:
        assert set(connection.statuses) == {str(expected).encode()}, connection.statuses
    return len(requests) / seconds


def request(path: str, **headers: str) -> bytes:
    """A GET as bytes; underscores in header names stand for hyphens."""
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
