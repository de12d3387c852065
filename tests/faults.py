"""What a stand-in answers in the place of its API while something is wrong."""

from collections.abc import Awaitable, Callable

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def saying(status: int, text: str = "", content_type: str = "application/json", **headers: str) -> Handler:
    """The same answer to every request; `_` stands for `-` in the name of a header."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text=text, content_type=content_type, headers=named)

    return answer


async def as_usual(request: web.Request) -> web.StreamResponse:
    """The answer of the API, for a fault that has done what it wanted."""
    return await request.match_info.handler(request)
