"""Stand-ins: servers on this machine that speak an upstream's API, for the demo, for tests and for trying things out.

python -m bridge.standin somtoday --port 8101
"""

import argparse
import asyncio
import json
import signal
import socket
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from shlex import quote
from typing import Any

from aiohttp import web

from bridge.model import Kind
from bridge.source import discover

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
CONTROLS = "/standin"


@dataclass(frozen=True, slots=True)
class SamplePerson:
    """Somebody whom a stand-in knows: what it takes to add their account.

    `kinds` are what there is to show of them besides what a feed shows by default.
    """

    user: str
    title: str
    identity: str | None = None
    secret: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    kinds: tuple[Kind, ...] = ()


@dataclass
class StandIn:
    """A stand-in, before it is started.

    `routes` registers the API on an application and is told the address that it will have; none where the source
    asks no server. `addresses` are the settings that hold it, each with what `paths` has for it after that;
    `settings` are all others but `type`. `controls` are things that can be made to happen upstream, by name: each
    says in a sentence what it did. `requests` counts what was asked, by method and route. `faults` answer instead of
    the API while they are set, by route prefix. `private_words` are in its answers and nobody's to see who has not
    asked for them: reasons, remarks, moods, comments.
    """

    source: str
    people: tuple[SamplePerson, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    routes: Callable[[web.Application, str], None] | None = None
    addresses: tuple[str, ...] = ("api_url",)
    paths: Mapping[str, str] = field(default_factory=dict)
    controls: Mapping[str, Callable[[], str]] = field(default_factory=dict)
    requests: Counter[str] = field(default_factory=Counter)
    faults: dict[str, Handler] = field(default_factory=dict)
    private_words: tuple[str, ...] = ()

    def settings_at(self, address: str | None) -> dict[str, Any]:
        """The settings of a source that reads this stand-in at `address`."""
        served = {name: address + self.paths.get(name, "") for name in self.addresses} if address else {}
        return {"type": self.source, **self.settings, **served}

    @asynccontextmanager
    async def serve(self, port: int = 0) -> AsyncIterator[str | None]:
        """Run on loopback; gives the address, or none where there is nothing to serve."""
        if self.routes is None:
            yield None
            return
        app = web.Application(middlewares=[self._watch()])
        runner = web.AppRunner(app, access_log=None)
        listener = _listen(port)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self.routes(app, address)
        app.router.add_post(f"{CONTROLS}/{{control}}", self._control)
        await runner.setup()
        try:
            await web.SockSite(runner, listener).start()
            yield address
        finally:
            await runner.cleanup()

    def _watch(self) -> Any:
        @web.middleware
        async def watch(request: web.Request, handler: Handler) -> web.StreamResponse:
            route = request.match_info.route.resource
            place = route.canonical if route is not None else request.path
            if place.startswith(CONTROLS):
                return await handler(request)
            self.requests[f"{request.method} {place}"] += 1
            for prefix, fault in self.faults.items():
                if request.path.startswith(prefix):
                    return await fault(request)
            return await handler(request)

        return watch

    async def _control(self, request: web.Request) -> web.Response:
        control = self.controls.get(request.match_info["control"])
        if control is None:
            raise web.HTTPNotFound(text=f"controls: {', '.join(self.controls)}\n")
        return web.Response(text=control() + "\n")


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    return listener


def describe(name: str, stand_in: StandIn, address: str | None) -> str:
    """How to use a running stand-in: a table for the settings file, and an account for each sample person."""
    lines = [f"[sources.{name}]"]
    lines += [
        f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in stand_in.settings_at(address).items()
    ]
    for person in stand_in.people:
        command = ["", f"# {person.title}", f"# roosterbridge user add {person.user}"]
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
    """Wait for SIGINT or SIGTERM, also where whoever started us has had the first ignored."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()


def main() -> None:
    """Run one stand-in until it is interrupted."""
    parser = argparse.ArgumentParser(prog="python -m bridge.standin", description=__doc__)
    parser.add_argument("source", choices=sorted(discover()))
    parser.add_argument("--port", type=int, default=0, help="default: any free one")
    arguments = parser.parse_args()
    asyncio.run(_run(arguments.source, arguments.port))


if __name__ == "__main__":
    main()
