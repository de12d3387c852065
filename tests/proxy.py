"""A TCP proxy before a storage, that cuts, delays, halves or swallows what passes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Proxy:
    """Passes connections on to a server, as long as nothing is wrong with it."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._passes = asyncio.Event()
        self._passes.set()
        self._refuses = self._halves = False
        self.delay = 0.0
        self.port = 0

    def cut(self) -> None:
        """Cut all connections, and every new one."""
        self._refuses = True
        for writer in self._writers:
            writer.transport.abort()

    def swallow(self) -> None:
        """Take what is sent and pass nothing on; nobody hears of it."""
        self._passes.clear()

    def halve(self) -> None:
        """Pass half of the next piece on, in each direction, and cut the connection then; and every new one."""
        self._refuses = self._halves = True

    def heal(self, *, unheard: bool = False) -> None:
        """Pass new connections on again. Those of before end; `unheard` lets nobody hear of that."""
        self._refuses = self._halves = False
        if unheard:
            for task in self._tasks:
                task.cancel()
        else:
            for writer in self._writers:
                writer.transport.abort()
        self._passes.set()

    @asynccontextmanager
    async def serve(self) -> AsyncIterator["Proxy"]:
        """Listen on a free port."""
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            for writer in self._writers:
                writer.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        if self._refuses:
            writer.transport.abort()
            return
        there, back = await asyncio.open_connection(*self._server)
        self._writers.add(back)
        for source, target in ((reader, back), (there, writer)):
            task = asyncio.create_task(self._pass(source, target))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65536):
                await asyncio.sleep(self.delay)
                await self._passes.wait()
                if self._halves:
                    target.write(data[: len(data) // 2])
                    await target.drain()
                    break
                target.write(data)
                await target.drain()
            target.close()
        except ConnectionError:
            target.close()
