"""Whose address the access log tells."""

import asyncio
import logging

import aiohttp
import pytest
from aiohttp import web
from structlog.testing import capture_logs
from structlog.typing import EventDict

from bridge.errors import ConfigError
from bridge.server.access import access_logger
from bridge.server.clients import Clients


async def _logged(trusted: list[str], *forwarded: str) -> EventDict:
    """What is logged of one request for a feed with these lines of X-Forwarded-For, from this machine."""

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(text="ok")

    app = web.Application()
    app.router.add_get("/f/{token}.ics", answer)
    with capture_logs() as lines:
        runner = web.AppRunner(app, access_log_class=access_logger(Clients(trusted)))
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0]
        headers = [("X-Forwarded-For", line) for line in forwarded]
        async with aiohttp.ClientSession() as session:
            await (await session.get(f"http://{host}:{port}/f/secret.ics?secret", headers=headers)).read()
        await asyncio.sleep(0)
        await runner.cleanup()
    (line,) = lines
    return line


@pytest.mark.parametrize(
    ("trusted", "forwarded", "address"),
    [
        ([], [], "127.0.0.1"),
        ([], ["203.0.113.7"], "127.0.0.1"),
        (["127.0.0.0/8"], ["203.0.113.7"], "203.0.113.7"),
        (["127.0.0.1"], ["198.51.100.1, 203.0.113.7"], "203.0.113.7"),
        (["127.0.0.1"], ["198.51.100.1", "203.0.113.7"], "203.0.113.7"),
        (["127.0.0.1", "203.0.113.0/24"], ["198.51.100.1, 203.0.113.7"], "198.51.100.1"),
        (["127.0.0.1", "203.0.113.0/24"], ["203.0.113.7"], "203.0.113.7"),
        (["127.0.0.1"], ["2001:db8::1"], "2001:db8::1"),
        (["127.0.0.1"], ["rf_a-secret, rf_another-secret"], "-"),
        (["127.0.0.1"], [" , "], "127.0.0.1"),
    ],
)
async def test_the_address_is_that_of_the_nearest_hop_that_is_no_trusted_proxy(
    caplog: pytest.LogCaptureFixture, trusted: list[str], forwarded: list[str], address: str
) -> None:
    caplog.set_level(logging.DEBUG)
    line = await _logged(trusted, *forwarded)
    assert line["address"] == address
    assert (line["method"], line["route"], line["status"]) == ("GET", "/f/{token}.ics", 200)
    assert "secret" not in str(line)


def test_a_proxy_is_an_address_or_a_network() -> None:
    with pytest.raises(ConfigError):
        Clients(["proxy.example.nl"])
