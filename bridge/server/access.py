"""The access log: method, route, status, time and address of a request; never its path, which has the token."""

import ipaddress
import logging
from collections.abc import Sequence

import structlog
from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

from bridge.errors import ConfigError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def access_logger(trusted: Sequence[str]) -> type[AbstractAccessLogger]:
    """An access logger class that uses X-Forwarded-For from these addresses and networks.

    Raises:
        ConfigError: one of them is not an address or a network.
    """
    try:
        networks = [ipaddress.ip_network(address, strict=False) for address in trusted]
    except ValueError:
        raise ConfigError("The setting server.trusted_proxies takes IP addresses and networks.") from None
    log = structlog.get_logger("access")

    class AccessLogger(AbstractAccessLogger):
        """Logs each request at level debug."""

        def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
            """Log a request; `time` is in seconds."""
            log.debug(
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
            """Whether debug messages are logged."""
            return logging.getLogger().isEnabledFor(logging.DEBUG)

    return AccessLogger


def _route(request: web.BaseRequest) -> str:
    """The template of the route; "-" for a request that could not be parsed."""
    try:
        resource = request.match_info.route.resource if isinstance(request, web.Request) else None
    except (AssertionError, AttributeError):  # aiohttp asserts that the request was resolved
        return "-"
    return resource.canonical if resource is not None else "-"


def _client(request: web.BaseRequest, trusted: Sequence[Network]) -> str:
    """The nearest address that is not a trusted proxy."""
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
