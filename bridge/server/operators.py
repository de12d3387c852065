"""Who is an operator: whoever knows the admin token."""

import hmac
from hashlib import sha256

from aiohttp import web
from pydantic import SecretStr

from bridge.server.clients import Clients
from bridge.server.lookups import FailedLookups

_MOST_WRONG = 5


class Operators:
    """Compares admin tokens, in constant time. Who is wrong too often in a minute waits until it is over."""

    def __init__(self, token: SecretStr | None, clients: Clients, failed: FailedLookups | None = None) -> None:
        """Create it with the admin token of the settings; without one nobody is an operator."""
        self._known = None if token is None else _digest(token.get_secret_value().strip())
        self._clients = clients
        self._failed = failed or FailedLookups(_MOST_WRONG)

    @property
    def welcome(self) -> bool:
        """Whether there can be an operator at all."""
        return self._known is not None

    def wait(self, request: web.BaseRequest) -> int:
        """The seconds that the client of a request has to wait, or 0."""
        return self._failed.wait(self._clients.address_of(request))

    def admit(self, request: web.BaseRequest, token: str) -> bool:
        """Whether `token` is the admin token. A wrong one counts against the client."""
        if self._known is not None and hmac.compare_digest(_digest(token), self._known):
            return True
        self._failed.fail(self._clients.address_of(request))
        return False


def _digest(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogateescape")).digest()
