"""README's commands, as a new user types them."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest
from icalendar import Calendar

from bridge.model.clock import now_utc
from bridge.sources.somtoday import SOURCE
from tests.browser import logged_in
from tests.conftest import slow
from tests.docs.tables import ROOT
from tests.program import until

PATIENCE = 60


def typed(heading: str) -> Iterator[str]:
    """The commands of the first block under a heading, each with its here-document."""
    text = (ROOT / "README.md").read_text("utf-8")
    block = re.search(rf"^## {heading}$.*?^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert block is not None
    for command in re.finditer(r"(?:.*<<(\w+)\n(?:.*\n)*?\1|.*)\n", block[1]):
        yield command[0].strip()


@pytest.fixture
async def environment(unused_tcp_port: int) -> AsyncIterator[dict[str, str]]:
    """Variables under which the school of README is a stand-in."""
    async with SOURCE.stand_in(now_utc).serve() as address:
        yield {
            **os.environ,
            "BRIDGE_SERVER__PORT": str(unused_tcp_port),
            "BRIDGE_SERVER__PUBLIC_URL": f"http://127.0.0.1:{unused_tcp_port}",
            "BRIDGE_SOURCES__FORTES__API_URL": f"{address}",
            "BRIDGE_SOURCES__FORTES__AUTH_URL": f"{address}",
        }


@slow("the commands of README and those that a stand-in prints, typed as they stand")
async def test_a_school_is_connected_by_the_commands_as_they_stand_in_an_empty_folder(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    (tmp_path / ".venv").symlink_to(sys.prefix)
    *commands, serve = typed("Connect a school")
    assert serve.endswith(" serve")
    printed = ""
    for command in commands:
        process = await started(command, tmp_path, environment)
        pasted = await pasted_after(process) if " account login " in command else None
        out, err = await asyncio.wait_for(process.communicate(pasted), PATIENCE)
        assert process.returncode == 0, (command, err)
        printed = out.decode()
    process = await started(serve, tmp_path, environment)
    try:
        async with aiohttp.ClientSession() as session:

            async def lessons() -> bool:
                try:
                    async with session.get(printed.strip()) as answer:
                        return b"BEGIN:VEVENT" in await answer.read()
                except aiohttp.ClientConnectorError:
                    return False

            await until(lessons)
            async with session.get(printed.strip()) as answer:
                assert "Anna" in str(Calendar.from_ical(await answer.read())["X-WR-CALNAME"])
    finally:
        process.terminate()
        await process.communicate()
    assert process.returncode == 0


async def started(command: str, folder: Path, environment: dict[str, str]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_shell(
        f"exec {command}" if "<<" not in command else command,
        cwd=folder,
        env=environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def pasted_after(process: asyncio.subprocess.Process) -> bytes:
    """What a pupil pastes: the address that the printed one leads to."""
    assert process.stdout is not None
    async for line in process.stdout:
        if line.startswith(b"http"):
            return (await logged_in(line.decode().strip())).encode() + b"\n"
    raise AssertionError("no address was printed")
