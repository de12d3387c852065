"""Requests that failed, and what to call that."""

import errno
from http import HTTPStatus

import aiohttp

from bridge.errors import AuthFailed, BadResponse, Cause, Forbidden, RateLimited, SourceError, Unavailable
from bridge.upstream.reply import Reply
from bridge.upstream.retry import retry_after


def meaning_of(reply: Reply) -> SourceError:
    """What a status means that was not expected."""
    status, origin = reply.status, reply.origin
    pause = retry_after(reply.headers.get("Retry-After", ""))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        sentence = f"{origin} is out of order (HTTP {status})."
        error = Unavailable(sentence, transient=True, retry_after=pause)
        error.__cause__ = Cause(f"HTTP {status}")
        return error
    meanings: dict[int, SourceError] = {
        HTTPStatus.UNAUTHORIZED: AuthFailed(f"{origin} refused the credentials."),
        HTTPStatus.PAYMENT_REQUIRED: Unavailable(f"{origin} has been switched off by the school."),
        HTTPStatus.FORBIDDEN: Forbidden(f"{origin} does not allow this."),
        HTTPStatus.NOT_FOUND: BadResponse(f"{origin} does not have what was requested (HTTP 404)."),
        HTTPStatus.TOO_MANY_REQUESTS: RateLimited(
            f"{origin} asks for fewer requests.", transient=True, retry_after=pause
        ),
    }
    return meanings.get(status, BadResponse(f"{origin} gave an unexpected answer (HTTP {status})."))


def why_unreachable(error: aiohttp.ClientConnectorError) -> str:
    """Why there is no connection, and to which host, for people."""
    host = error.host
    match error:
        case aiohttp.ClientProxyConnectionError():
            return f"the proxy {host} does not answer"
        case aiohttp.ClientConnectorDNSError():
            return f"no host is called {host}"
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
            return f"the certificate of {host} is not valid"
    refused = error.errno == errno.ECONNREFUSED
    return f"{host} refuses connections" if refused else f"{host} does not answer"
