"""Logins of persons: their own access tokens, and OAuth 2 with the university."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from yarl import URL

from bridge.errors import AuthFailed
from bridge.model.clock import Clock
from bridge.sources.mytimetable.client import MyTimetableClient
from bridge.sources.mytimetable.settings import MyTimetableSettings
from bridge.sources.mytimetable.source import MyTimetable
from bridge.upstream.browser_login import App, CodeLogin
from bridge.upstream.capabilities import Granted, LoginAttempt
from bridge.upstream.credential import CredentialSlot
from bridge.upstream.http import HttpClient
from bridge.upstream.oauth import RefreshTokenGrant
from bridge.upstream.shared_fetch import SharedFetch
from bridge.upstream.surroundings import Surroundings

_VALUE = TypeVar("_VALUE")
_STEPS = (
    "Open this address in a browser and log in at the university.",
    "Copy the address of the page that follows, whatever it shows, and paste it here.",
)


class OwnToken:
    """The access token that a person gave, which cannot be renewed."""

    def __init__(self, origin: str) -> None:
        self._origin = origin

    async def use(self, slot: CredentialSlot, ask: Callable[[str | None], Awaitable[_VALUE]]) -> _VALUE:
        """What `ask` returns with the token, or `None` for an account without one. Raises what `ask` raises."""
        if slot.access is not None or slot.dead:
            raise AuthFailed(f"{self._origin} needs a new login: the settings no longer have the one that was used.")
        return await ask(slot.secret)


class LoginTokens:
    """Access tokens of a login with OAuth 2; the token that a person gave where there was no login."""

    def __init__(self, grant: RefreshTokenGrant) -> None:
        self._grant = grant

    async def use(self, slot: CredentialSlot, ask: Callable[[str | None], Awaitable[_VALUE]]) -> _VALUE:
        """What `ask` returns with a valid token. If that is refused, `ask` gets a new one and is called again.

        Raises:
            AuthFailed: the login has ended. SourceError: what `ask` raises, or no token could be requested.
        """
        if slot.access is None and not slot.dead:
            return await ask(slot.secret)
        return await self._grant.reply(slot, lambda access: ask(access.token))


class MyTimetableWithLogin(MyTimetable):
    """A university where persons log in with a browser; see `bridge.upstream.capabilities.OffersLogin`."""

    def __init__(
        self,
        settings: MyTimetableSettings,
        client: MyTimetableClient,
        shared: SharedFetch,
        clock: Clock,
        tokens: LoginTokens,
        login: CodeLogin,
    ) -> None:
        super().__init__(settings, client, shared, clock, tokens)
        self._login = login

    def begin_login(self) -> LoginAttempt:
        """See `OffersLogin.begin_login`."""
        return self._login.begin()

    async def finish_login(self, attempt: LoginAttempt, pasted: str) -> Granted:
        """See `OffersLogin.finish_login`."""
        return await self._login.finish(attempt, pasted)


def login_of(settings: MyTimetableSettings, http: HttpClient, surroundings: Surroundings) -> CodeLogin:
    """The browser login that the settings name."""
    app = App(
        client_id=settings.client_id,
        client_secret=_secret_of(settings),
        redirect_uri=surroundings.callback,
        scope=settings.scope,
        authorize_url=settings.authorize_url or "",
        token_url=settings.token_url or "",
        keeps_access=True,
    )
    return CodeLogin(http, app, surroundings.clock, steps=_STEPS)


def tokens_of(settings: MyTimetableSettings, http: HttpClient, surroundings: Surroundings) -> LoginTokens:
    """The access tokens of that login."""
    url, secret = URL(settings.token_url or ""), _secret_of(settings)
    return LoginTokens(RefreshTokenGrant(http, url, settings.client_id, surroundings.clock, client_secret=secret))


def _secret_of(settings: MyTimetableSettings) -> str:
    return settings.client_secret.get_secret_value() if settings.client_secret else ""
