"""The login that a browser has begun at a school, so that it can go on where that leads back to us."""

import json
from dataclasses import dataclass, field

from aiohttp import web

from bridge.errors import ConfigError
from bridge.server.pages.visits import Visit, Visitors
from bridge.server.services import Services

_COOKIE = "login"
_PATH = "/connect"
_LASTS = 3600


@dataclass(frozen=True, slots=True)
class BegunLogin:
    """A login: whose it is, at which source, and the attempt, sealed."""

    visit: Visit
    source: str
    sealed: str = field(repr=False)


class BegunLogins:
    """Keeps the last login that was begun in a cookie that only we can read."""

    def __init__(self, services: Services, visitors: Visitors) -> None:
        self._services = services
        self._visitors = visitors
        self._cipher = services.store.credentials.cipher

    def keep(self, response: web.StreamResponse, visit: Visit, source: str, sealed: str) -> None:
        """Let the browser keep a login that it has begun."""
        text = json.dumps({"token": visit.token, "source": source, "attempt": sealed})
        response.set_cookie(
            _COOKIE,
            self._cipher.encrypt(text),
            path=_PATH,
            max_age=_LASTS,
            httponly=True,
            samesite="Lax",
            secure=self._services.server.public_url.startswith("https:"),
        )

    async def find(self, request: web.Request) -> BegunLogin | None:
        """The login that the browser has begun; `None` if it has not, or if its page has another address by now."""
        try:
            kept = json.loads(self._cipher.decrypt(request.cookies.get(_COOKIE, "")))
        except (ConfigError, ValueError):
            return None
        visit = await self._visitors.find(request, kept["token"])
        return BegunLogin(visit, kept["source"], kept["attempt"]) if isinstance(visit, Visit) else None
