"""A person's page asks no other host for anything: everything goes through a proxy that notes what it is asked for."""

import asyncio
from contextlib import AsyncExitStack
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, ProxySettings

from tests.server.conftest import in_browser
from tests.server.pages.conftest import OpenPage

_OF_CHROMIUM = "content-autofill.googleapis.com:443"
"""Where Chromium by itself asks what the fields of forms are for, on any page."""


@pytest.fixture
def storage_url(sqlite_url: str) -> str:
    return sqlite_url


@in_browser
async def test_a_proxy_between_browser_and_page_sees_no_other_host(open_page: OpenPage, chromium: Browser) -> None:
    asked: list[str] = []

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on one request, and close after its answer."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        asked.append(head.split()[1])
        at = urlsplit(asked[-1])
        if at.hostname == "127.0.0.1":
            to_school, to_server = await asyncio.open_connection(at.hostname, at.port)
            to_server.write(head.replace("Connection: keep-alive", "Connection: close").encode())
            writer.write(await to_school.read())
            to_server.close()
        writer.close()

    async with AsyncExitStack() as stack:
        anna = await stack.enter_async_context(open_page())
        await anna.site.school.add("anna", "club")
        await anna.site.school.feed("anna")
        await anna.site.school.refresh()
        server = await stack.enter_async_context(await asyncio.start_server(forward, "127.0.0.1", 0))
        port = server.sockets[0].getsockname()[1]
        proxy = ProxySettings(server=f"http://127.0.0.1:{port}", bypass="<-loopback>")
        page = await chromium.new_page(proxy=proxy)
        for path in ("", "/feeds/1", "/connect/club"):
            await page.goto(f"{anna.site.address}/m/{anna.token}{path}", wait_until="networkidle")
        await page.context.close()
    hosts = {urlsplit(address).netloc or address for address in asked if address != _OF_CHROMIUM}
    assert hosts == {urlsplit(anna.site.address).netloc}
    assert {urlsplit(address).path.rpartition("/")[2] for address in asked} >= {"style.css", "script.js"}
