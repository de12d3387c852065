"""The page at `/`, and the one of addresses that do not exist."""

from aiohttp import web

from bridge.server.pages.rendering import Renderer
from bridge.server.sessions import Sessions


class LandingHandler:
    """Says what this is, and nothing about anybody."""

    def __init__(self, renderer: Renderer, sessions: Sessions) -> None:
        self._renderer = renderer
        self._sessions = sessions

    async def get(self, request: web.Request) -> web.Response:
        """The page at `/`."""
        signed_in = await self._sessions.current(request)
        own = signed_in is not None and signed_in.session.user is not None
        return self._renderer.page(request, "landing.html", own=own)

    async def unknown(self, _request: web.Request) -> web.Response:
        """Any other address."""
        raise web.HTTPNotFound
