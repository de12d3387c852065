"""Stands at the door of the club: which tokens come and go, and whether one comes that should not."""

import json
from dataclasses import dataclass, field

from aiohttp import web

from tests.club.server import API, TOKEN, Club
from tests.faults import as_usual


@dataclass
class Witness:
    """What it has seen.

    `replays` are the refresh tokens that came although an answer to them had been kept, or was in use. `refused` are
    those that were refused.
    """

    club: Club
    replays: list[str] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    given_for: dict[str, str] = field(default_factory=dict)
    came_with: dict[str, str] = field(default_factory=dict)
    retired: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.club.stand_in.faults |= {TOKEN: self._token, API: self._api}

    def kept(self, secret: str) -> None:
        """This refresh token is in the storage: those before it must not come again."""
        while secret in self.given_for and self.given_for[secret] not in self.retired:
            secret = self.given_for[secret]
            self.retired.add(secret)

    async def _token(self, request: web.Request) -> web.StreamResponse:
        given = str((await request.post()).get("refresh_token", ""))
        if given in self.retired:
            self.replays.append(given)
        answer = await as_usual(request)
        assert isinstance(answer, web.Response)
        assert isinstance(answer.body, bytes)
        granted = json.loads(answer.body)
        if answer.status != 200:
            self.refused.add(given)
        elif given:
            self.given_for[granted["refresh_token"]] = given
            self.came_with[granted["access_token"]] = granted["refresh_token"]
        return answer

    async def _api(self, request: web.Request) -> web.StreamResponse:
        token = request.headers.get("Authorization", "").partition(" ")[2]
        if token in self.came_with:
            self.kept(self.came_with[token])  # it is in use, so it must have been kept
            ended = {login.refresh_token for login in self.club.logins if login.dead}
            self.refused |= ended & {self.came_with[token]}
        return await as_usual(request)
