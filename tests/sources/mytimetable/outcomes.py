"""What tests say of an outcome, and servers that give one answer to everything."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from bridge.errors import SourceError
from bridge.model.event import Event
from bridge.sync.snapshot import Delivered, Outcome


def events(outcome: Outcome) -> tuple[Event, ...]:
    assert isinstance(outcome, Delivered), outcome
    assert outcome.skipped == 0
    return outcome.events


def error(outcome: Outcome) -> SourceError:
    assert isinstance(outcome, SourceError), outcome
    return outcome


def answer(status: int, body: str, **headers: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def answered(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text=body, headers=headers)

    return answered
