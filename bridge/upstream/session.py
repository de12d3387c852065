"""The session in which requests to upstreams are sent."""

from collections.abc import Collection

import aiohttp

from bridge import __version__
from bridge.upstream.addresses import PublicResolver
from bridge.upstream.receive import ENCODINGS

USER_AGENT = f"Roosterbridge/{__version__}"
_READ_AHEAD = 1024 * 1024  # a page of a list has about 200 KB: it is read without pausing the connection


def new_session(hosts: Collection[str] = (), *, connections_per_host: int = 16) -> aiohttp.ClientSession:
    """A session for all sources, with the hosts of their settings; other names lead to public addresses only.

    It has no cookies, so that accounts stay apart.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, limit_per_host=connections_per_host, resolver=PublicResolver(hosts)),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": USER_AGENT, "Accept-Encoding": ENCODINGS},
        auto_decompress=False,
        timeout=aiohttp.ClientTimeout(),
        read_bufsize=_READ_AHEAD,
    )
