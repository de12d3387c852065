"""The workers of `serve --workers`: processes that serve on one port, and are started again when they end."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress

import structlog

from bridge.errors import ConfigError
from bridge.server.connections import not_available

_PAUSE = 1.0
_TOO_SOON = 5.0
log = structlog.get_logger()


@contextmanager
def reserved_port(host: str, port: int) -> Iterator[int]:
    """Reserve a port for this process and its workers, a free one for 0; yields it.

    Raises:
        ConfigError: the address is not available.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family) as alone:  # another program's workers would let us in
            alone.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            alone.bind(address)
        reserved = socket.socket(family)
        with reserved:
            reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            reserved.bind(address)
            yield reserved.getsockname()[1]
    except OSError as error:
        raise ConfigError(not_available(host, port, error)) from error


class Workers:
    """Runs a command as several processes; each is given its number, counted from 1, as its last word.

    The standard input of a worker ends when this process does, however that ends.
    """

    def __init__(self, command: Sequence[str], count: int, *, port: int) -> None:
        self._command = command
        self._count = count
        self._environment = {**os.environ, "BRIDGE_SERVER__PORT": str(port)}

    async def run(self, stop: asyncio.Event) -> int:
        """Keep all workers running until `stop`, and wait for their end. Returns the exit code.

        A worker that cannot start ends them all, with its exit code.
        """
        return max(await asyncio.gather(*(self._keep(number, stop) for number in range(1, self._count + 1))))

    async def _keep(self, number: int, stop: asyncio.Event) -> int:
        loop = asyncio.get_running_loop()
        while not stop.is_set():
            started = loop.time()
            async with self._running(number) as process:
                code = await _code_unless(stop, process)
                if code is None:
                    return 0
            if code > 0 and loop.time() - started < _TOO_SOON:
                stop.set()
                return code
            log.warning("worker.ended", worker=number, code=code)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _PAUSE)
        return 0

    @asynccontextmanager
    async def _running(self, number: int) -> AsyncIterator[asyncio.subprocess.Process]:
        """Start a worker; at the end it is asked to stop, and waited for."""
        process = await asyncio.create_subprocess_exec(
            *self._command, str(number), stdin=asyncio.subprocess.PIPE, env=self._environment
        )
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
            await process.wait()


async def _code_unless(stop: asyncio.Event, process: asyncio.subprocess.Process) -> int | None:
    """The exit code of a process when it ends; `None` if `stop` is first."""
    stopping, ending = asyncio.create_task(stop.wait()), asyncio.create_task(process.wait())
    await asyncio.wait({stopping, ending}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if stop.is_set():
        ending.cancel()
        return None
    return await ending


def worker_command(config: os.PathLike[str] | None) -> list[str]:
    """The command of a worker, but for its number."""
    settings = [] if config is None else ["--config", os.fspath(config)]
    return [sys.executable, "-P", "-m", "bridge", "serve", *settings, "--worker"]
