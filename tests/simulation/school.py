"""The school of the simulation: the club's own server, in memory, with trouble before its door."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from random import Random
from typing import Any

from aiohttp import web

from bridge.model.clock import Clock
from tests.club.server import TOKEN, Member, new_club
from tests.simulation.network import Wire

_JSON = "application/json"
ADDRESS = "http://127.0.0.1:1"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Fate(StrEnum):
    """What may become of a request."""

    ERROR = "error"
    UNWELL = "unwell"
    BUSY = "busy"
    SLOW = "slow"
    HANG = "hang"
    RESET = "reset"
    ANSWER_LOST = "answer lost"
    WEB_PAGE = "web page"


@dataclass(slots=True)
class Request:
    """A request that has come: when, from which host, for whom, with which refresh token, and how it was answered.

    A token is another on each day.
    """

    at: float
    host: str
    path: str
    member: str
    token: str = field(compare=False)
    fate: Fate | None
    status: int | None = None


@dataclass
class School:
    """The club, what it was asked, the likelihood of trouble, and when its lessons began after each change."""

    clock: Clock
    seconds: Callable[[], float]
    random: Random
    members: list[Member]
    requests: list[Request] = field(default_factory=list)
    granted: dict[str, str] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    likely: dict[Fate, float] = field(default_factory=dict)
    timetables: list[list[int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.club = new_club(self.clock, self.members)
        self.club.lifetime = timedelta(hours=1)
        self.note_lessons()
        self.app = web.Application(middlewares=[self._watch()])
        assert self.club.stand_in.routes is not None
        self.club.stand_in.routes(self.app, ADDRESS)

    def note_lessons(self) -> None:
        """Remember when lessons begin now."""
        self.timetables.append(sorted(int(lesson.start.timestamp()) for lesson in self.club.lessons.values()))

    def _watch(self) -> Any:
        @web.middleware
        async def watch(request: web.Request, handler: Handler) -> web.StreamResponse:
            fate = self._fate()
            member = request.query.get("member", "")
            token = str((await request.post()).get("refresh_token", "")) if request.path == TOKEN else ""
            noted = Request(self.seconds(), _sender(request), request.path, member, token, fate)
            self.requests.append(noted)
            try:
                answer = await self._meet(fate, request, handler)
            except web.HTTPException as refusal:
                noted.status = refusal.status
                raise
            noted.status = answer.status
            if request.path == TOKEN and isinstance(answer, web.Response) and answer.content_type == _JSON:
                told = json.loads(answer.text or "{}")
                self.granted[told.get("access_token", "")] = told.get("refresh_token", "")
            if request.path == TOKEN and answer.status == web.HTTPBadRequest.status_code:
                self.refused.add(token)
            return answer

        return watch

    def _fate(self) -> Fate | None:
        chance = self.random.random()
        for fate, likelihood in self.likely.items():
            chance -= likelihood
            if chance < 0:
                return fate
        return None

    async def _meet(self, fate: Fate | None, request: web.Request, handler: Handler) -> web.StreamResponse:
        if fate in {Fate.SLOW, Fate.HANG}:
            await asyncio.sleep(self.random.uniform(1, 9) if fate is Fate.SLOW else self.random.choice([20, 60, 180]))
        answer = await handler(request) if fate in {None, Fate.SLOW, Fate.HANG, Fate.ANSWER_LOST} else None
        if fate in {Fate.RESET, Fate.ANSWER_LOST} and request.transport is not None:
            request.transport.abort()
        return answer or self._refusal(fate)

    def _refusal(self, fate: Fate | None) -> web.Response:
        match fate:
            case Fate.UNWELL:
                return web.Response(status=503, headers={"Retry-After": "2"})
            case Fate.BUSY:
                return web.Response(status=429, headers={"Retry-After": str(self.random.choice([1, 30, 300]))})
            case Fate.WEB_PAGE:
                return web.Response(text="<!doctype html>", content_type="text/html")
        return web.Response(status=500)


def _sender(request: web.Request) -> str:
    wire = request.transport
    return wire.peer.host.name if isinstance(wire, Wire) and wire.peer.host else ""
