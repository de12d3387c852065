"""The page at `/`, and the one of addresses that do not exist."""

from aiohttp import web

from bridge.server.pages.rendering import Renderer


class LandingHandler:
    """Says what this is, and nothing about anybody."""

    def __init__(self, renderer: Renderer) -> None:
        self._renderer = renderer

    async def get(self, request: web.Request) -> web.Response:
        """The page at `/`."""
        return self._renderer.page(request, "landing.html")

    async def unknown(self, _request: web.Request) -> web.Response:
        """Any other address."""
        raise web.HTTPNotFound
