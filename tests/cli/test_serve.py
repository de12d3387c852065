"""`roosterbridge serve` as a process: coming, going, and what it tells."""

import asyncio
import json
import os
import socket

import aiohttp
import asyncpg
import pytest
from aiohttp import web

from bridge.people.accounts import Wanted, add_account
from bridge.store.feed import NewFeed
from tests.conftest import POSTGRES
from tests.program import Program, until

ROUTE = "/f/{token}.ics"


async def _anna(program: Program) -> str:
    """Make a user with accounts and a feed; gives the feed's token."""
    async with program.opened() as bridge:
        await bridge.store.users.add("wilhelmina", "Koningin", bridge.clock())
        for source, identity, secret in (("fortes", None, "refresh-anna"), ("uva", "12345678", None)):
            await add_account(
                bridge.store,
                bridge.sources[source],
                Wanted("wilhelmina", identity=identity),
                bridge.clock,
                secret=secret,
            )
        token = await bridge.store.feeds.add("wilhelmina", NewFeed(kinds=()), bridge.clock())
        await bridge.publisher.publish_wanted()
        return token


async def _broken(_request: web.Request) -> web.StreamResponse:
    return web.Response(text="<html>Les van Jansen vervalt</html>", status=200, content_type="text/html")


async def _send(address: str, text: str) -> bytes:
    host, port = address.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(text.encode())
    answer = await reader.read()
    writer.close()
    return answer


async def _use_everything(program: Program, address: str, token: str) -> None:
    """Ask for all there is to ask for, wrongly too, while one upstream talks nonsense."""
    async with aiohttp.ClientSession() as session:
        for method, path in (
            ("GET", f"/f/{token}.ics"),
            ("HEAD", f"/f/{token}.ics"),
            ("POST", f"/f/{token}.ics"),
            ("GET", f"/f/{token}"),
            ("GET", f"/f/{token}x.ics?token={token}"),
            ("GET", "/readyz"),
        ):
            async with session.request(method, address + path, headers={"User-Agent": token}) as response:
                await response.read()
    answer = await _send(address, f"GET /f/{token}.ics NONSENSE/{token}\r\n{token}\r\n\r\n")
    assert b" 400 " in answer.splitlines()[0]
    await until(lambda: program.stand_ins["uva"].requests["GET /api/v0/timetable"] > 1)
    await program.json("feed", "rotate", "wilhelmina")
    async with aiohttp.ClientSession() as session, session.get(f"{address}/f/{token}.ics") as response:
        assert response.status == 410


@pytest.mark.parametrize("form", ["console", "json"])
async def test_the_log_tells_what_happens_and_no_secret_name_or_upstream_word(program: Program, form: str) -> None:
    program.configure({"logging": {"format": form, "level": "debug"}})
    token = await _anna(program)
    program.stand_ins["uva"].faults["/api/v0/timetable"] = _broken
    program.stand_ins["fortes"].faults["/rest/v1/vakanties"] = _broken
    async with program.serve() as service:
        await _use_everything(program, service.address, token)
        await until(lambda: service.told().count("part.failed") >= 2)
        assert await service.stop() == 0
        told = service.told()
    for secret in (token, "wilhelmina", "Koningin", "12345678", "refresh-anna", "Jansen", "<html", "Traceback"):
        assert secret not in told
    if form == "json":
        lines = [json.loads(line) for line in told.splitlines()]
        requests = [line for line in lines if line["event"] == "request"]
        assert {(line["route"], line["status"]) for line in requests} == {
            *((ROUTE, status) for status in (200, 404, 410)),
            ("/readyz", 200),
            ("-", 400),
            ("/{path}", 404),
            ("-", 405),
        }
        assert {line["address"] for line in requests} == {"127.0.0.1"}
        assert all(
            {"method", "route", "status", "bytes", "ms", "level", "timestamp"} <= line.keys() for line in requests
        )
        (failed,) = [line for line in lines if line["event"] == "part.failed" and line["source"] == "uva"]
        assert failed["error"] == "BadResponse"
    else:
        assert f"route={ROUTE}" in told
        assert "\x1b" not in told
    assert service.out() == ""


async def test_every_line_of_a_json_log_is_json_warnings_included(program: Program) -> None:
    program.configure({"logging": {"format": "json"}, "refresh": {"interval": "10s"}})
    async with program.serve() as service:
        assert await service.stop() == 0
        lines = [json.loads(line) for line in service.told().splitlines()]
    assert any("refresh.interval is 10s" in json.dumps(line) for line in lines)


async def test_a_port_in_use_ends_with_1_and_a_sentence(program: Program) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        program.configure({"server": {"port": port}})
        sentence = await program.refused("serve")
    place = f"127.0.0.1:{port}"
    assert sentence == f"{place}: a program already listens there; is another Roosterbridge running? See server.port."


async def test_a_proxy_that_is_no_address_is_told(program: Program) -> None:
    program.configure({"server": {"trusted_proxies": ["my-proxy"]}})
    assert "server.trusted_proxies" in await program.refused("serve")


async def test_an_upstream_that_hangs_does_not_hold_up_the_end(program: Program) -> None:
    await _anna(program)
    release = asyncio.Event()

    async def hang(_request: web.Request) -> web.StreamResponse:
        await release.wait()
        return web.Response(status=503)

    university = program.stand_ins["uva"]
    before = university.requests.total()
    university.faults["/api"] = hang
    try:
        async with program.serve() as service:
            await until(lambda: university.requests.total() > before)
            assert await service.stop() == 0
            assert "refresh.cut_off" in service.told()
    finally:
        release.set()


@pytest.mark.skipif(POSTGRES not in os.environ, reason="needs a PostgreSQL server, whose tables can be locked")
@pytest.mark.parametrize("storage_url", ["postgresql"], indirect=True)
async def test_a_request_under_way_is_answered_before_the_end(stored_program: Program) -> None:
    token = await _anna(stored_program)
    async with stored_program.serve() as service, aiohttp.ClientSession() as session:
        database = await asyncpg.connect(stored_program.storage_url)
        locked = database.transaction()
        await locked.start()
        await database.execute("LOCK TABLE feeds IN ACCESS EXCLUSIVE MODE")
        asked = asyncio.create_task(session.get(f"{service.address}/f/{token}.ics"))
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        await until(lambda: database.fetchval(waiting))
        stopped = asyncio.create_task(service.stop())
        await until(lambda: "stopping" in service.told())
        assert not asked.done()
        await locked.rollback()
        async with await asked as response:
            assert response.status == 200
            assert (await response.text()).startswith("BEGIN:VCALENDAR")
        assert await stopped == 0
        await database.close()
