"""Stand-ins: local servers that speak an upstream's API, for the demo and for tests."""

import socket
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from bridge.model.event import Kind

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
CONTROLS = "/standin"
_GRACE = 0.1  # seconds, at the end, for answers that are under way; one that hangs would get a minute


@dataclass(frozen=True, slots=True)
class SamplePerson:
    """A person whom a stand-in knows, with what is needed to add their account.

    `kinds` are kinds of their events that a feed does not show by default. `about` is what they are there to show.
    """

    user: str
    title: str
    identity: str | None = None
    secret: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    kinds: tuple[Kind, ...] = ()
    about: str = ""

    @property
    def described(self) -> str:
        """The title, and what the person is there to show."""
        return f"{self.title} ({self.about})" if self.about else self.title


@dataclass
class StandIn:
    """A stand-in, not started yet.

    Attributes:
        routes: registers the API on an application, given the address that it will have. `None` if the source needs
            no server.
        addresses, paths: the settings that have the address, and what follows the address in each.
        settings: the other settings, except `type`.
        optional: further settings with which a source sends every request that its type declares.
        controls: what can be made to happen upstream, by name. Each returns a sentence about what it did.
        shown_to: for what shows in a calendar, the user in whose feed it does, by the name of the control.
        requests: the number of requests by method and route.
        faults: handlers that answer instead of the API, by a prefix of the path, or by route or path with its method.
        private_words: words in its answers that only feeds with an option for them may show: reasons, remarks, moods.
    """

    source: str
    people: tuple[SamplePerson, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    optional: Mapping[str, Any] = field(default_factory=dict)
    routes: Callable[[web.Application, str], None] | None = field(default=None, repr=False)
    addresses: tuple[str, ...] = ("api_url",)
    paths: Mapping[str, str] = field(default_factory=dict)
    controls: Mapping[str, Callable[[], str]] = field(default_factory=dict, repr=False)
    shown_to: Mapping[str, str] = field(default_factory=dict)
    requests: Counter[str] = field(default_factory=Counter)
    faults: dict[str, Handler] = field(default_factory=dict)
    private_words: tuple[str, ...] = ()

    def settings_at(self, address: str | None) -> dict[str, Any]:
        """The settings of a source that reads this stand-in at `address`."""
        served = {name: address + self.paths.get(name, "") for name in self.addresses} if address else {}
        return {"type": self.source, **self.settings, **served}

    @asynccontextmanager
    async def serve(self, port: int = 0) -> AsyncIterator[str | None]:
        """Serve on loopback. Yields the address, `None` if the source needs no server."""
        if self.routes is None:
            yield None
            return
        app = web.Application(middlewares=[self._watch()])
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=_GRACE)
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
                exact = (place, f"{request.method} {place}", f"{request.method} {request.path}")
                if request.path.startswith(prefix) or prefix in exact:
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
