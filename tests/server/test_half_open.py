"""The service as a process under a thousand connections that never finish a request."""

import asyncio
import resource
import time
from collections.abc import Iterator

import aiohttp
import pytest

from tests.program import Program

HALF_OPEN = 1000


@pytest.fixture
def many_files() -> Iterator[None]:
    """Enough files for the clients, which are in the process of the test."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, HALF_OPEN * 3)), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("many_files")
async def test_feeds_are_answered_under_a_thousand_half_open_connections_and_256_files(program: Program) -> None:
    await program.json("user", "add", "anna")
    token = (await program.json("feed", "add", "anna"))["url"].rpartition("/")[2]
    reader = aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True))  # with a new connection each time
    async with program.serve(files=256) as service, reader as client:
        host, _, port = service.address.removeprefix("http://").partition(":")
        logged = service.log.stat().st_size

        async def read() -> float:
            started = time.monotonic()
            async with client.get(f"{service.address}/f/{token}") as response:
                assert response.status == 200
                await response.read()
            return time.monotonic() - started

        usual = min([await read() for _ in range(10)])
        writers = []
        took = []
        for number in range(HALF_OPEN):
            _, writer = await asyncio.open_connection(host, int(port))
            writer.write(b"GET /f/")
            writers.append(writer)
            if number % 50 == 0:
                took.append(await read())
        for writer in writers:
            writer.close()
        assert max(took) < 5  # who is not let in waits for 10 s
        # The best of several, beside what it takes just now without them: the machine has other work, too.
        assert min(took[-10:]) < max(0.2, 100 * usual)
        print(f"best of ten {min(took[-10:]):.3f} s, without half-open connections {usual:.3f} s")  # noqa: T201 - for whoever asks for it
        assert service.log.stat().st_size - logged < 100_000
