"""How fast feeds are answered, against a bare aiohttp handler on the same route that returns constant bytes."""

import asyncio
import json
import multiprocessing
import random
import sqlite3
from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from aiohttp import web
from pydantic import SecretStr

from bridge.app import open_bridge, serve_bridge
from bridge.calendar.head import CalendarInfo
from bridge.calendar.options import FeedOptions
from bridge.calendar.render import render
from bridge.logs import configure_logs
from bridge.model.event import SHOWN_BY_DEFAULT, Event, Kind, Timed
from bridge.model.tracked import TrackedEvent
from bridge.settings.schema import LoggingSettings, SecuritySettings, ServerSettings, Settings, StorageSettings
from bridge.store.feeds import hash_token
from bridge.store.renderings import Rendering
from bridge.sync.reconcile import uid_of
from tests.bench.load import answers_per_second, request
from tests.conftest import KEY

FEEDS = 10_000
EVENTS = 1_000
REQUESTS = 20_000
_NOW = datetime(2026, 11, 22, tzinfo=UTC)


def entries(count: int = EVENTS) -> list[TrackedEvent]:
    """A year of lessons."""
    chance = random.Random(1)
    found = []
    for number in range(count):
        start = datetime(2026, 9, 7, 6, 30, tzinfo=UTC) + timedelta(days=number // 5, minutes=50 * (number % 5))
        subject = chance.choice(["wiskunde B", "Nederlandse taal", "natuurkunde", "geschiedenis", "Engelse taal"])
        event = Event(
            identity=str(8849104409 + number),
            kind=Kind.LESSON,
            when=Timed(start, start + timedelta(minutes=50), "Europe/Amsterdam"),
            title=subject,
            subject=subject,
            code=subject[:4],
            groups=(f"A5{subject[:4]}_2",),
            teachers=(chance.choice(["Stk", "Abc", "Ghi"]),),
            locations=(f"{chance.randint(100, 240)}",),
            periods=(number % 5 + 1, number % 5 + 1),
        )
        found.append(TrackedEvent(uid_of("school", "1", event), "school", event, 0, _NOW, _NOW))
    return found


def fill(database: Path) -> list[str]:
    """Put the feeds into an opened storage; gives their tokens."""
    info = CalendarInfo("Anna", "Europe/Amsterdam", timedelta(minutes=30))
    plain = render(info, entries(), FeedOptions(), now=_NOW).calendar
    packed = Rendering.of(plain).packed
    tokens = [f"rf_bench{number:036}" for number in range(FEEDS)]
    with sqlite3.connect(database) as connection:
        connection.execute("INSERT INTO users (id, name, title, created) VALUES (1, 'anna', 'Anna', 0)")
        connection.executemany(
            "INSERT INTO feeds (id, user_id, name, title, kinds, options, token_hash, token, created, wanted, rendered,"
            " etag, modified, compress) VALUES (?, 1, ?, '', ?, '{}', ?, '', 0, 1, 1, ?, 1795348910, 1)",
            [
                (number + 1, f"feed{number}", json.dumps(SHOWN_BY_DEFAULT), hash_token(token), etag(number))
                for number, token in enumerate(tokens)
            ],
        )
        connection.executemany(
            "INSERT INTO feed_bytes (feed_id, gzip) VALUES (?, ?)",
            ((number + 1, packed) for number in range(FEEDS)),
        )
    print(f"  a feed of {EVENTS} events: {len(plain):,} bytes, {len(packed):,} compressed; {FEEDS:,} feeds stored")
    return tokens


def etag(number: int) -> str:
    return f'W/"{number:032x}"'


def _settings(folder: Path) -> Settings:
    return Settings(
        server=ServerSettings(port=0, cache_mib=1024),
        storage=StorageSettings(url=f"sqlite:///{folder / 'bridge.db'}"),
        security=SecuritySettings(secret_key=SecretStr(KEY)),
        logging=LoggingSettings(level="warning"),
    )


async def _prepare(folder: Path) -> None:
    async with open_bridge(_settings(folder)):
        pass


async def _serve_bridge(folder: Path, told: Connection) -> None:
    configure_logs("info", "json")
    async with open_bridge(_settings(folder)) as bridge, serve_bridge(bridge) as address:
        told.send(int(address.rpartition(":")[2]))
        await asyncio.Event().wait()


async def _serve_bare(body: bytes, told: Connection) -> None:
    async def constant(_request: web.Request) -> web.Response:
        return web.Response(body=body, headers={"Content-Type": "text/calendar", "Content-Encoding": "gzip"})

    async def unchanged(_request: web.Request) -> web.Response:
        return web.Response(status=304)

    app = web.Application()
    app.router.add_get("/f/{token}.ics", constant)
    app.router.add_get("/u/{token}.ics", unchanged)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    told.send(runner.addresses[0][1])
    await asyncio.Event().wait()


def _run(main: Callable[..., Any], *arguments: Any) -> None:
    asyncio.run(main(*arguments))


@contextmanager
def _process(main: Callable[..., Any], argument: Any) -> Any:
    """A server in a process of its own; gives its port."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_run, args=(main, argument, there), daemon=True)
    process.start()
    try:
        yield here.recv()
    finally:
        process.terminate()
        process.join()


def measure(folder: Path) -> dict[str, float]:
    """The ratios to the bare handler, by answer."""
    asyncio.run(_prepare(folder))
    tokens = fill(folder / "bridge.db")
    order = [number % FEEDS for number in range(REQUESTS)]
    random.Random(2).shuffle(order)
    full = [request(f"/f/{tokens[n]}.ics", Accept_Encoding="gzip") for n in order]
    conditional = [request(f"/f/{tokens[n]}.ics", If_None_Match=etag(n), Accept_Encoding="gzip") for n in order]
    body = sqlite3.connect(folder / "bridge.db").execute("SELECT gzip FROM feed_bytes LIMIT 1").fetchone()[0]
    bare = {
        200: full,
        304: [request(f"/u/{tokens[n]}.ics", If_None_Match=etag(n), Accept_Encoding="gzip") for n in order],
    }
    ratios = {}
    with _process(_serve_bridge, folder) as port, _process(_serve_bare, body) as bare_port:
        asyncio.run(answers_per_second(port, full, 200))  # everybody has read once
        for status, requests in ((304, conditional), (200, full)):
            ours, theirs = [], []
            for _ in range(3):  # by turns, so that whatever else the machine does meets both
                theirs.append(asyncio.run(answers_per_second(bare_port, bare[status], status)))
                ours.append(asyncio.run(answers_per_second(port, requests, status)))
            name = "304" if status == 304 else "gzip 200"
            ratios[name] = max(ours) / max(theirs)
            print(f"  {name}: {max(ours):,.0f}/s, bare {max(theirs):,.0f}/s, ratio {ratios[name]:.2f}")
    return ratios
