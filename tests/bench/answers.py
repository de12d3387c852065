"""How the service answers feeds: its memory, and its speed against a bare handler that returns constant bytes."""

import asyncio
import gzip
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from statistics import median
from urllib.request import Request, urlopen

from aiohttp import web

from tests.bench.installation import Installation
from tests.bench.load import answers_per_second, request
from tests.bench.processes import resident_bytes

_REQUESTS = 1_500
_ROUNDS = 15


def measure_memory(installation: Installation) -> float:
    """The megabytes of the service after it has answered each feed once."""
    found = []
    for _ in range(3):
        with installation.serving() as (process, port):
            for path in installation.feeds:
                _read(port, path)
            found.append(resident_bytes(process) / 1e6)
    return median(found)


def measure_speed(installation: Installation) -> dict[str, float]:
    """Answers per second over those of the bare handler, by answer: 304 and gzip 200."""
    with installation.serving() as (_, port):
        read = {path: _read(port, path) for path in installation.feeds}
        paths = [installation.feeds[n % len(read)] for n in range(_REQUESTS)]
        full = [request(path, Accept_Encoding="gzip") for path in paths]
        known = [request(path, If_None_Match=read[path][0], Accept_Encoding="gzip") for path in paths]
        with _bare_server(read[paths[0]][1]) as bare:
            return {
                "304": _ratio(port, bare, known, 304),
                "gzip 200": _ratio(port, bare, full, 200),
            }


def _ratio(port: int, bare: int, requests: list[bytes], status: int) -> float:
    """By turns, so whatever else the machine does meets both."""
    ratios = []
    for _ in range(_ROUNDS):
        theirs = asyncio.run(answers_per_second(bare, requests, status))
        ours = asyncio.run(answers_per_second(port, requests, status))
        ratios.append(ours / theirs)
    return median(ratios)


def _read(port: int, path: str) -> tuple[str, bytes]:
    """The ETag and the compressed bytes of a feed."""
    with urlopen(Request(f"http://127.0.0.1:{port}{path}", headers={"Accept-Encoding": "gzip"}), timeout=60) as answer:
        body = answer.read()
        if not gzip.decompress(body).startswith(b"BEGIN:VCALENDAR"):
            raise RuntimeError(f"{path} is no calendar.")
        return answer.headers["ETag"], body


@contextmanager
def _bare_server(body: bytes) -> Iterator[int]:
    """The bare handler in its own process; gives its port."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_run, args=(body, there), daemon=True)
    process.start()
    try:
        yield here.recv()
    finally:
        process.terminate()
        process.join()


def _run(body: bytes, started: Connection) -> None:
    asyncio.run(_serve_bare(body, started))


async def _serve_bare(body: bytes, started: Connection) -> None:
    async def constant(request: web.Request) -> web.Response:
        if "If-None-Match" in request.headers:
            return web.Response(status=304)
        return web.Response(body=body, headers={"Content-Type": "text/calendar", "Content-Encoding": "gzip"})

    app = web.Application()
    app.router.add_get("/f/{token}.ics", constant)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    started.send(runner.addresses[0][1])
    await asyncio.Event().wait()
