"""The access log: method, route, status, time and address; never the path, which holds the token."""

import ipaddress
import logging
from collections.abc import Sequence

import structlog
from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

from bridge.errors import ConfigError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def access_logger(trusted: Sequence[str]) -> type[AbstractAccessLogger]:
    """The access logger's class, which believes X-Forwarded-For from these addresses and networks.

    Raises:
        ConfigError: one of them is neither.
    """
    try:
        networks = [ipaddress.ip_network(address, strict=False) for address in trusted]
    except ValueError:
        raise ConfigError("The setting server.trusted_proxies takes addresses and networks.") from None
    told = structlog.get_logger("access")

    class AccessLogger(AbstractAccessLogger):
        """Tells each request once, at level debug: calendar programs ask by the thousand."""

        def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
            """Tell one request; `time` is in seconds."""
            told.debug(
                "request",
                method=request.method,
                route=_route(request),
                status=response.status,
                bytes=response.body_length,
                ms=round(time * 1000, 1),
                address=_client(request, networks),
            )

        @property
        def enabled(self) -> bool:
            """Whether anybody listens."""
            return logging.getLogger().isEnabledFor(logging.DEBUG)

    return AccessLogger


def _route(request: web.BaseRequest) -> str:
    """The route's template; a request that could not be read has none."""
    try:
        resource = request.match_info.route.resource if isinstance(request, web.Request) else None
    except (AssertionError, AttributeError):  # aiohttp asserts that the request was resolved
        return "-"
    return resource.canonical if resource is not None else "-"


def _client(request: web.BaseRequest, trusted: Sequence[Network]) -> str:
    """The nearest address that is no trusted proxy."""
    address = request.remote or ""
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    while hops and _within(address, trusted):
        address = hops.pop()
    return address if _is_address(address) else "-"


def _within(address: str, trusted: Sequence[Network]) -> bool:
    return _is_address(address) and any(ipaddress.ip_address(address) in network for network in trusted)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
