"""Who is an operator: whoever knows the admin token, or signed in as one of those in the settings."""

import hmac

from aiohttp import web
from pydantic import SecretStr

from bridge.server.clients import Clients
from bridge.server.lookups import FailedLookups
from bridge.store.installation import InstallationStore
from bridge.store.sessions import Session
from bridge.store.tokens import hash_token

_MOST_WRONG = 5


class Operators:
    """Compares admin tokens, in constant time. Who is wrong too often in a minute waits until it is over."""

    def __init__(
        self,
        token: SecretStr | None,
        installation: InstallationStore,
        clients: Clients,
        *,
        others: str | None = None,
        failed: FailedLookups | None = None,
    ) -> None:
        """Create it with the admin token of the settings. Without one, the token counts that the set-up page made.

        `others` is a hash of those who are operators when they sign in with the school's own accounts, `None` without.
        """
        self._others = others
        self._of_settings = None if token is None else hash_token(token.get_secret_value().strip())
        self._installation = installation
        self._clients = clients
        self._failed = failed or FailedLookups(_MOST_WRONG)

    async def token_hash(self) -> str | None:
        """The hash of the admin token; `None` if there is none, so that nobody is an operator by it."""
        return self._of_settings or await self._installation.admin_hash()

    async def welcome(self) -> bool:
        """Whether there can be an operator at all."""
        return self._others is not None or await self.token_hash() is not None

    def wait(self, request: web.BaseRequest) -> int:
        """The seconds that the client of a request has to wait, or 0."""
        return self._failed.wait(self._clients.address_of(request))

    async def admit(self, request: web.BaseRequest, token: str) -> bool:
        """Whether `token` is the admin token. A wrong one counts against the client."""
        known = await self.token_hash()
        if self.wait(request):  # others were wrong meanwhile
            return False
        given = hash_token(token.encode("utf-8", "replace").decode())
        if known is not None and hmac.compare_digest(given, known):
            return True
        self._failed.fail(self._clients.address_of(request))
        return False

    async def opens(self, session: Session) -> bool:
        """Whether a session is an operator's. It ends with the admin token or list that opened it."""
        return session.operator and session.opened_with in {None, self._others, await self.token_hash()}
