"""How fast accounts are refreshed when nothing changed, against fetching the same answers with a bare client."""

import asyncio
import multiprocessing
import socket
import time
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from pydantic import SecretStr
from yarl import URL

from bridge.app import Bridge, open_bridge
from bridge.logs import configure_logs
from bridge.people.accounts import add_account
from bridge.settings.schema import RefreshSettings, SecuritySettings, Settings, StorageSettings
from bridge.sources.somtoday.standin.school import SamplePupil
from bridge.sources.somtoday.standin.server import make_server
from bridge.upstream.discovery import discover
from tests.conftest import KEY

ACCOUNTS = 200
_CONCURRENCY = 8
_RANGE = "Range"


def _now() -> datetime:
    return datetime.now(UTC)


def _pupils() -> tuple[SamplePupil, ...]:
    return tuple(SamplePupil(2_000_000_000 + n, 200_000 + n, "P", "P", "A5") for n in range(ACCOUNTS))


async def _serve(told: Connection) -> None:
    """The stand-in, which remembers what it has said: it must not be what is measured."""
    said: dict[tuple[str, ...], tuple[int, bytes, dict[str, str]]] = {}
    asked: list[tuple[str, dict[str, str]]] = []

    @web.middleware
    async def remember(request: web.Request, handler: Any) -> web.StreamResponse:
        if request.path == "/asked":
            listed, asked[:] = list(asked), []
            return web.json_response(listed)
        headers = {
            name: request.headers[name] for name in ("Authorization", "Accept", _RANGE) if name in request.headers
        }
        key = (request.method, request.path_qs, *headers.values())
        if request.method == "GET":
            asked.append((request.path_qs, headers))
        if request.method == "GET" and key in said:
            status, body, more = said[key]
            return web.Response(status=status, body=body, headers=more, content_type="application/json")
        response = await handler(request)
        more = {"Content-Range": response.headers["Content-Range"]} if "Content-Range" in response.headers else {}
        said[key] = (response.status, response.body, more)
        return response  # type: ignore[no-any-return]

    app = web.Application(middlewares=[remember])
    runner = web.AppRunner(app, access_log=None)
    place = socket.socket()
    place.bind(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{place.getsockname()[1]}"
    make_server(_now, _pupils()).register(app, address)
    app.router.add_get("/asked", _never)
    await runner.setup()
    await web.SockSite(runner, place).start()
    told.send(address)
    await asyncio.Event().wait()


async def _never(_request: web.Request) -> web.Response:
    return web.Response()  # the middleware answers first


def _run(told: Connection) -> None:
    asyncio.run(_serve(told))


async def _fetch_bare(address: str, asked: list[tuple[str, dict[str, str]]]) -> int:
    """Get the same answers, as many at once, and nothing else."""
    places = asyncio.Semaphore(_CONCURRENCY)
    size = 0

    async def get(path: str, headers: dict[str, str]) -> None:
        nonlocal size
        async with places, session.get(URL(address + path, encoded=True), headers=headers) as response:
            body = await response.read()
            size += len(body)

    async with aiohttp.ClientSession() as session:
        await asyncio.gather(*(get(path, headers) for path, headers in asked))
    return size


async def _refresh_all(bridge: Bridge) -> float:
    accounts = await bridge.store.accounts.all()
    started = time.perf_counter()
    rows = await asyncio.gather(*(bridge.refresher.refresh(account) for account in accounts))
    seconds = time.perf_counter() - started
    assert all(row.ok for each in rows for row in each), rows[0]
    return seconds


async def _measure(folder: Path, address: str) -> dict[str, float]:
    values = {
        "type": "somtoday",
        "api_url": address,
        "auth_url": address,
        "requests_per_second": 1_000_000,
        "schedule_api": "afspraken",
    }
    settings = Settings(
        storage=StorageSettings(url=f"sqlite:///{folder / 'bridge.db'}"),
        security=SecuritySettings(secret_key=SecretStr(KEY)),
        refresh=RefreshSettings(concurrency=_CONCURRENCY),
        sources={"school": discover()["somtoday"].settings.model_validate(values)},
    )
    configure_logs("warning", "console")
    async with open_bridge(settings) as bridge, aiohttp.ClientSession() as session:
        for pupil in _pupils():
            name = str(pupil.number)
            await bridge.store.users.add(name, name, _now())
            await add_account(
                bridge.store,
                bridge.sources["school"],
                name,
                identity=None,
                secret=f"refresh-{pupil.number}",
                options={},
                clock=_now,
            )
        await _refresh_all(bridge)
        await (await session.get(f"{address}/asked")).read()
        refreshed, fetched, size, asked = [], [], 0, []
        for _ in range(6):  # by turns, so that whatever else the machine does meets both
            refreshed.append(await _refresh_all(bridge))
            asked = await (await session.get(f"{address}/asked")).json()
            started = time.perf_counter()
            size = await _fetch_bare(address, asked)
            fetched.append(time.perf_counter() - started)
            await (await session.get(f"{address}/asked")).read()
    ratio = min(fetched) / min(refreshed)
    print(
        f"  {ACCOUNTS} accounts, {len(asked):,} requests, {size / 1e6:,.0f} MB: refresh {min(refreshed):.2f} s, "
        f"bare {min(fetched):.2f} s, ratio {ratio:.2f}"
    )
    return {"refresh": ratio}


def measure(folder: Path) -> dict[str, float]:
    """The ratio to the bare client."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_run, args=(there,), daemon=True)
    process.start()
    try:
        return asyncio.run(_measure(folder, here.recv()))
    finally:
        process.terminate()
        process.join()
