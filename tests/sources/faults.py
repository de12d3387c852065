"""What an upstream can do wrong without saying so: answers that stand in for every one of its own."""

from collections.abc import Awaitable, Callable

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
MARK = "Zilverzeil"
"""A word that all bodies hold; it must not come out anywhere."""


def _saying(body: str, status: int = 200, content_type: str = "application/json", **headers: str) -> Handler:
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text=body, content_type=content_type, headers=named)

    return answer


def _sending_on(location: str) -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(status=302, text=MARK, headers={"Location": location or request.path_qs})

    return answer


async def _cut(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000", "Content-Type": "application/json"})
    await response.prepare(request)
    await response.write(f'{{"items": [{{"naam": "{MARK}'.encode())
    assert request.transport is not None
    request.transport.close()
    return response


async def _huge(_: web.Request) -> web.StreamResponse:
    return web.Response(body=f'{{"items": ["{MARK * 1_000_000}"]}}'.encode(), content_type="application/json")


FAULTS: dict[str, Handler] = {
    "JSON that is cut off": _saying(f'{{"items": [{{"naam": "{MARK}"'),
    "a web page": _saying(f"<!doctype html><title>{MARK}</title>", content_type="text/html"),
    "XML": _saying(f'<?xml version="1.0"?><name>{MARK}</name>', content_type="application/xml"),
    "nothing": _saying(""),
    "a list": _saying("[]"),
    "an object": _saying("{}"),
    "null": _saying("null"),
    "a text": _saying(f'"{MARK}"'),
    "a number": _saying("42"),
    "10 MB": _huge,
    "a redirect without end": _sending_on(""),
    "a redirect to another host": _sending_on(f"http://{MARK.lower()}.example.nl/"),
    "an error": _saying(MARK, 500),
    "out of order, with a time to wait": _saying(MARK, 503, Retry_After="1200"),
    "too many requests": _saying(MARK, 429, Retry_After="1200"),
    "not found": _saying(f'{{"error": "{MARK}"}}', 404),
    "a broken connection": _cut,
}
