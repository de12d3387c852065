"""The access log: method, route, status, time and address of a request; never its path, which has the token."""

import logging

import structlog
from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

from bridge.server.clients import Clients


def access_logger(clients: Clients) -> type[AbstractAccessLogger]:
    """An access logger class that names clients as `clients` does."""
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
                address=clients.address_of(request),
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
