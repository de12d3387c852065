"""Run a stand-in: a local server that speaks an upstream's API, to try things out.

python -m bridge.standin somtoday --port 8101
"""

import argparse
import asyncio
import json
import signal
import sys
from datetime import UTC, datetime
from shlex import quote

from bridge.upstream.discovery import discover
from bridge.upstream.standin import CONTROLS, StandIn


def describe(name: str, stand_in: StandIn, address: str | None) -> str:
    """How to use a running stand-in: a table for the settings file, and commands for each sample person."""
    lines = [f"[sources.{name}]"]
    lines += [
        f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in stand_in.settings_at(address).items()
    ]
    for person in stand_in.people:
        command = ["", f"# {person.described}", f"# roosterbridge user add {person.user}"]
        account = f"# roosterbridge account add {person.user} {name}"
        if person.identity:
            account += f" --identity {quote(person.identity)}"
        account += "".join(f" --option {quote(f'{key}={value}')}" for key, value in person.options.items())
        if person.secret:
            account = f"# printf %s {quote(person.secret)} | {account[2:]} --secret-stdin"
        lines += [*command, account]
    lines += ["", *(f"# curl -X POST {address}{CONTROLS}/{control}" for control in stand_in.controls)]
    return "\n".join(lines)


async def _run(name: str, port: int) -> None:
    stand_in = discover()[name].stand_in(lambda: datetime.now(UTC))
    async with stand_in.serve(port) as address:
        sys.stdout.write(describe(name, stand_in, address) + "\n")
        sys.stdout.flush()
        if address:
            await _interrupted()


async def _interrupted() -> None:
    """Wait for SIGINT or SIGTERM, also if the parent process ignores SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()


def main() -> None:
    """Run a stand-in until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m bridge.standin", description=__doc__)
    parser.add_argument("source", choices=sorted(discover()))
    parser.add_argument("--port", type=int, default=0, help="by default any free one")
    arguments = parser.parse_args()
    asyncio.run(_run(arguments.source, arguments.port))


if __name__ == "__main__":
    main()
