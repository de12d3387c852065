"""The stylesheet, the script and the icon. Their addresses change with their content, so they are kept for a year."""

import gzip
import hashlib
import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files

from aiohttp import web

from bridge.server.feeds import SAFE, accepts_gzip
from bridge.server.pages.week import LANES, STEPS_OF_DAY

_CACHING = "public, max-age=31536000, immutable"
_NAMES = ("style.css", "script.js", "icon.svg")


@dataclass(frozen=True)
class Asset:
    """A file that pages use."""

    name: str
    body: bytes

    @cached_property
    def digest(self) -> str:
        """What its address has of its content."""
        return hashlib.sha256(self.body).hexdigest()[:16]

    @cached_property
    def packed(self) -> bytes:
        """The compressed body."""
        return gzip.compress(self.body, mtime=0)

    @property
    def address(self) -> str:
        """Its path."""
        return f"/static/{self.digest}/{self.name}"


class Assets:
    """All files that pages use, by name."""

    def __init__(self) -> None:
        folder = files("bridge.server") / "static"
        found = {name: (folder / name).read_bytes() for name in _NAMES}
        found["style.css"] += "".join(_grid()).encode()
        self._assets = {name: Asset(name, body) for name, body in found.items()}

    def address(self, name: str) -> str:
        """The path of a file."""
        return self._assets[name].address

    async def get(self, request: web.Request) -> web.Response:
        """Answer with a file; 404 for another content than it has now."""
        asset = self._assets.get(request.match_info["name"])
        if asset is None or asset.digest != request.match_info["digest"]:
            raise web.HTTPNotFound
        headers = {"Cache-Control": _CACHING, "Vary": "Accept-Encoding", **SAFE}
        kind = mimetypes.guess_type(asset.name)[0] or "application/octet-stream"
        headers["Content-Type"] = f"{kind}; charset=utf-8"
        if not accepts_gzip(request.headers.get("Accept-Encoding", "")):
            return web.Response(body=asset.body, headers=headers)
        return web.Response(body=asset.packed, headers={**headers, "Content-Encoding": "gzip"})


def _grid() -> Iterator[str]:
    """Where events stand in a wide week, since pages have no styles of their own: rows from the top, lanes of a day."""
    yield "@container (min-width: 42rem) {\n"
    for step in range(STEPS_OF_DAY):
        yield f".from-{step}{{grid-row-start:{step + 1}}}\n"
        yield f".for-{step + 1}{{grid-row-end:span {step + 1}}}\n"
    for lane in range(LANES):
        yield f".lane-{lane}{{grid-column-start:{lane + 1}}}\n"
        yield f".wide-{lane + 1}{{grid-column-end:span {lane + 1}}}\n"
    yield "}\n"
