"""What an upstream can do wrong without saying so: answers that stand in for every one of its own."""

from aiohttp import web

from tests.faults import Handler, saying

MARK = "Zilverzeil"
"""A word that all bodies hold; it must not come out anywhere."""


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
    "JSON that is cut off": saying(200, f'{{"items": [{{"naam": "{MARK}"'),
    "a web page": saying(200, f"<!doctype html><title>{MARK}</title>", content_type="text/html"),
    "XML": saying(200, f'<?xml version="1.0"?><name>{MARK}</name>', content_type="application/xml"),
    "nothing": saying(200, ""),
    "a list": saying(200, "[]"),
    "an object": saying(200, "{}"),
    "null": saying(200, "null"),
    "a text": saying(200, f'"{MARK}"'),
    "a number": saying(200, "42"),
    "10 MB": _huge,
    "a redirect without end": _sending_on(""),
    "a redirect to another host": _sending_on(f"http://{MARK.lower()}.example.nl/"),
    "an error": saying(500, MARK),
    "out of order, with a time to wait": saying(503, MARK, Retry_After="1200"),
    "too many requests": saying(429, MARK, Retry_After="1200"),
    "not found": saying(404, f'{{"error": "{MARK}"}}'),
    "a broken connection": _cut,
}
