"""OAuth 2.0 (RFC 6749) as the sources need it: access tokens that are renewed in time, and never replayed.

A credential's durable place is handed in as a `CredentialSlot`; this module decides when it is read and written.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Protocol

from oauthlib.oauth2.rfc6749.errors import InvalidGrantError, InvalidScopeError, UnauthorizedClientError
from oauthlib.oauth2.rfc6749.parameters import prepare_token_request
from yarl import URL

from bridge.errors import AuthFailed, BadResponse, SourceError, Unavailable
from bridge.model.clock import Clock
from bridge.upstream.http import HttpClient, Reply
from bridge.upstream.tasks import begin

_MARGIN = timedelta(minutes=5)
_USUAL_LIFETIME = timedelta(hours=1)
_LONGEST_LIFETIME = timedelta(days=30)
_BEARER = re.compile(r"[!-~]+")  # what a header can carry; RFC 6750, 2.1, allows even less


@dataclass(frozen=True, slots=True)
class AccessToken:
    """What opens the API until `expires_at` (UTC); `extra` holds what else the token answer said."""

    token: str = field(repr=False)
    expires_at: datetime
    extra: Mapping[str, str] = field(default_factory=dict)

    def fresh(self, now: datetime) -> bool:
        """Whether it still opens the API. `expires_at` keeps a tenth of the lifetime, at most 5 minutes, in hand."""
        return now < self.expires_at


class CredentialSlot(Protocol):
    """The durable place of one login. Each write is on disk when it returns."""

    @property
    def secret(self) -> str | None:
        """What the person gave, or what took its place: a refresh token, an access token; none if there is none."""

    @property
    def access(self) -> AccessToken | None:
        """The access token that came last, if any."""

    @property
    def spent(self) -> bool:
        """Whether the secret must not be sent again: it was refused, or it was out when the process died."""

    async def sending(self) -> None:
        """Note that the secret is about to be sent, and may be spent from here on."""

    async def returned(self) -> None:
        """Note that the secret was not spent after all."""

    async def replace(self, secret: str, access: AccessToken) -> None:
        """Keep what came for the secret."""

    async def refuse(self) -> None:
        """Note that the secret is dead."""


class RefreshTokenGrant:
    """Access tokens from a rotating refresh token (RFC 6749, 6).

    The new refresh token is durable before the new access token is returned. A refresh token that was out when
    the process died is not sent again: the server may have seen it, and a replay ends all its successors.
    """

    def __init__(self, http: HttpClient, token_url: URL, client_id: str, clock: Clock) -> None:
        self._http = http
        self._token_url = token_url
        self._client_id = client_id
        self._clock = clock
        self._under_way: dict[int, asyncio.Task[AccessToken]] = {}

    async def access_token(self, slot: CredentialSlot) -> AccessToken:
        """The token at hand while it lasts, else a new one. Raises as `renew`."""
        if slot.access and slot.access.fresh(self._clock()):
            return slot.access
        return await self.renew(slot)

    async def reply(self, slot: CredentialSlot, ask: Callable[[AccessToken], Awaitable[Reply]]) -> Reply:
        """What `ask` gets with an access token; where that one is refused, it is renewed and `ask` tries once more.

        Raises:
            AuthFailed: as `renew`, or even the new token is refused.
            SourceError: what `ask` raises.
        """
        access = await self.access_token(slot)
        try:
            return await ask(access)
        except AuthFailed:
            access = await self.renew(slot, refused=access)
        try:
            return await ask(access)
        except AuthFailed:
            await slot.refuse()
            raise AuthFailed(f"{self._http.origin} needs a new login: it refuses even a new token.") from None

    async def renew(self, slot: CredentialSlot, refused: AccessToken | None = None) -> AccessToken:
        """Spend the refresh token, once for all who ask meanwhile. Being cancelled waits until the answer is kept.

        `refused` is the token that the API did not take; where another has taken its place by now, that one is given.

        Raises:
            AuthFailed: the refresh token is dead: the person must log in again.
            SourceError: it could not be asked; a later try may succeed.
        """
        if refused is not None and slot.access is not None and slot.access != refused:
            return slot.access
        exchange = self._under_way.get(id(slot))
        if exchange is None:
            exchange = self._under_way[id(slot)] = begin(self._exchange(slot))
            exchange.add_done_callback(lambda _: self._under_way.pop(id(slot), None))
        try:
            return await asyncio.shield(exchange)
        except asyncio.CancelledError:
            await asyncio.wait([exchange])
            raise

    async def _exchange(self, slot: CredentialSlot) -> AccessToken:
        if slot.spent or slot.secret is None:
            raise AuthFailed(f"{self._http.origin} needs a new login.")
        body = prepare_token_request(
            "refresh_token", refresh_token=slot.secret, client_id=self._client_id, include_client_id=True
        )
        await slot.sending()
        try:
            reply = await self._http.post_form(
                self._token_url, body, headers={"Accept": "application/json"}, accept=(200, 400, 401, 403)
            )
            secret, access = read_token(reply, self._clock())
        except AuthFailed:
            await slot.refuse()
            raise
        except (SourceError, asyncio.CancelledError):
            await slot.returned()
            raise
        await slot.replace(secret or slot.secret, access)
        return access


def read_token(reply: Reply, now: datetime) -> tuple[str | None, AccessToken]:
    """The refresh token of a token answer (RFC 6749, 5), where one came, and the access token.

    Raises:
        AuthFailed: what was sent for it is spent, has expired or was withdrawn.
        SourceError: it is no such answer, or was refused for another reason.
    """
    origin = reply.origin
    answer = reply.json()
    if not isinstance(answer, dict):
        raise BadResponse(f"{origin} sent a token answer that cannot be read.")
    if reply.status == HTTPStatus.BAD_REQUEST and answer.get("error") == InvalidGrantError.error:
        raise AuthFailed(f"{origin} needs a new login: the old one has expired or was withdrawn.")
    token = answer.get("access_token")
    if reply.status != HTTPStatus.OK or not isinstance(token, str) or not token:
        raise Unavailable(f"{origin} refused to give a new token.")
    extra = {k: v for k, v in answer.items() if isinstance(v, str) and not k.endswith("token")}
    refresh = answer.get("refresh_token")
    return str(refresh) if refresh else None, AccessToken(token, _expiry(now, answer.get("expires_in")), extra)


def _expiry(now: datetime, told: Any) -> datetime:
    lifetime = _lifetime(told)
    return now + lifetime - min(_MARGIN, lifetime / 10)


def _lifetime(told: Any) -> timedelta:
    """`expires_in`, in seconds. The secret is spent by now, so what cannot be read must not lose its successor."""
    try:
        return min(max(timedelta(seconds=float(told)), timedelta(0)), _LONGEST_LIFETIME)
    except (TypeError, ValueError, OverflowError):
        return _USUAL_LIFETIME


class ClientCredentialsGrant:
    """Access tokens for our own credentials (RFC 6749, 4.4), renewed in time; they are kept in memory only.

    Whoever needs one while it is being asked for waits for that one, and for what came of it.
    """

    def __init__(
        self, http: HttpClient, token_url: URL, *, client_id: str, client_secret: str, scope: str, clock: Clock
    ) -> None:
        """Take what it asks with; `scope` is one or more, separated by spaces."""
        self._http = http
        self._token_url = token_url
        self._client_id = client_id
        self._client_secret = client_secret
        self._scope = scope
        self._clock = clock
        self._access: AccessToken | None = None
        self._asking: asyncio.Task[AccessToken] | None = None

    async def access_token(self) -> str:
        """The token at hand while it lasts, else a new one.

        Raises:
            AuthFailed: our credentials are refused; no person can mend that by logging in.
            SourceError: it could not be asked.
        """
        if self._access is not None and self._access.fresh(self._clock()):
            return self._access.token
        if self._asking is None:
            self._asking = begin(self._renew())
        return (await asyncio.shield(self._asking)).token

    def refused(self, token: str) -> None:
        """Forget `token`, which the API has refused before its time."""
        if self._access is not None and self._access.token == token:
            self._access = None

    async def _renew(self) -> AccessToken:
        try:
            self._access = await self._ask()
            return self._access
        finally:
            self._asking = None

    async def _ask(self) -> AccessToken:
        origin = self._http.origin
        body = prepare_token_request(
            "client_credentials",
            client_id=self._client_id,
            client_secret=self._client_secret,
            scope=self._scope,
            include_client_id=True,
        )
        reply = await self._http.post_form(
            self._token_url, body, headers={"Accept": "application/json"}, accept=(200, 400, 401, 403), safe=True
        )
        if reply.status != HTTPStatus.OK:
            raise self._refusal(reply)
        answer = reply.json()
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(token, str) or not _BEARER.fullmatch(token):
            raise BadResponse(f"{origin} sent a token answer that cannot be read.")
        return AccessToken(token, _expiry(self._clock(), answer.get("expires_in")))

    def _refusal(self, reply: Reply) -> AuthFailed:
        """What is wrong, by the word that RFC 6749, 5.2, has for it; the credentials, where there is none."""
        try:
            answer = reply.json()
        except BadResponse:
            answer = None
        error = answer.get("error") if isinstance(answer, dict) else None
        if error in (InvalidScopeError.error, UnauthorizedClientError.error):
            sentence = f"{self._http.origin} does not give the client_id of the settings what it asks for ({error})."
        else:
            sentence = f"{self._http.origin} refused the client_id and client_secret of the settings."
        return AuthFailed(sentence, needs_login=False)
