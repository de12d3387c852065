"""What every page is guarded by: forms that come from here alone, and errors that say what to do."""

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import structlog
from aiohttp import web
from multidict import MultiDictProxy

from bridge.errors import BridgeError
from bridge.server.pages.rendering import HEADERS, Renderer

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_KNOWN = {400, 403, 404, 405, 410, 413, 429, 503}
log = structlog.get_logger()


def form_token(secret: str) -> str:
    """What forms of the holder of a secret carry. It does not tell the secret."""
    return hmac.new(secret.encode(), b"roosterbridge forms", hashlib.sha256).hexdigest()[:32]


def check_form(given: str, secret: str) -> None:
    """Check the token of a form. Raises HTTPForbidden."""
    if not hmac.compare_digest(given.encode(), form_token(secret).encode()):
        raise web.HTTPForbidden


async def read_fields(request: web.Request) -> MultiDictProxy[str | bytes | bytearray | web.FileField]:
    """The fields of what was sent. Raises HTTPBadRequest for what is no form."""
    try:
        return await request.post()
    except (ValueError, LookupError, RuntimeError, AssertionError):  # what aiohttp says of boundaries and encodings
        raise web.HTTPBadRequest from None


async def read_form(request: web.Request, secret: str) -> dict[str, list[str]]:
    """The fields of the form that was sent, all values of each. Raises HTTPForbidden for a form of others."""
    fields = await read_fields(request)
    given = fields.get("form")
    check_form(given if isinstance(given, str) else "", secret)
    return {name: [value for value in fields.getall(name) if isinstance(value, str)] for name in fields}


class Guard:
    """Wraps the handlers of pages."""

    def __init__(self, renderer: Renderer, public_url: str) -> None:
        """Create a guard. Forms may come from `public_url`, and from the address that was asked for."""
        self._renderer = renderer
        self._host = urlsplit(public_url).netloc.lower()

    def __call__(self, handler: Handler) -> Handler:
        """A handler that refuses forms of other sites, and answers errors with a page."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            try:
                self._check_origin(request)
                return await handler(request)
            except web.HTTPRedirection as found:
                found.headers.update(HEADERS)
                raise
            except web.HTTPException as error:
                return self._error(request, error.status, "")
            except BridgeError as error:
                return self._error(request, 503, error.sentence)
            except Exception:  # a bug: the person gets a page that says so, not a bare line of text
                log.exception("page.failed")
                return self._error(request, 500, "")

        return guarded

    def _check_origin(self, request: web.Request) -> None:
        """Refuse a form that the browser says was sent from another site. Raises HTTPForbidden."""
        if request.method in {"GET", "HEAD"}:
            return
        site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
        if site is not None:
            own = site in {"same-origin", "none"}
        else:
            own = origin is None or urlsplit(origin).netloc.lower() in {self._host, request.host.lower()}
        if not own:
            raise web.HTTPForbidden

    def _error(self, request: web.Request, status: int, sentence: str) -> web.Response:
        shown = status if status in _KNOWN else 500
        return self._renderer.page(request, "error.html", status=status, shown=shown, sentence=sentence)
