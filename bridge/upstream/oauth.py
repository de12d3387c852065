"""OAuth 2.0 (RFC 6749) for sources: access tokens renewed in time, from refresh tokens that are never replayed.

The durable place of a login is passed in as a `CredentialSlot`; this module decides when to read and write it.
"""

import asyncio
import re
from base64 import b64encode
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import quote

from oauthlib.oauth2.rfc6749.errors import InvalidGrantError, InvalidScopeError, UnauthorizedClientError
from oauthlib.oauth2.rfc6749.parameters import prepare_token_request
from yarl import URL

from bridge.errors import AuthFailed, BadResponse, SourceError, Unavailable
from bridge.model.clock import Clock
from bridge.upstream.credential import AccessToken, CredentialSlot
from bridge.upstream.http import HttpClient, NotSent
from bridge.upstream.reply import Reply
from bridge.upstream.tasks import begin

_MARGIN = timedelta(minutes=5)
_USUAL_LIFETIME = timedelta(hours=1)
_LONGEST_LIFETIME = timedelta(days=30)
_VALUE = TypeVar("_VALUE")
_BEARER = re.compile(r"[!-~]+")  # what a header can contain; RFC 6750, 2.1, allows less


class RefreshTokenGrant:
    """Access tokens from a rotating refresh token (RFC 6749, 6).

    The new refresh token is durable before the new access token is returned. While a refresh token is out, no other
    process sends it. One that was out when its process ended is tried once more: only a refusal ends a login.
    """

    def __init__(
        self, http: HttpClient, token_url: URL, client_id: str, clock: Clock, *, client_secret: str = ""
    ) -> None:
        self._http = http
        self._token_url = token_url
        self._client_id = client_id
        self._headers = {"Accept": "application/json", **client_authorization(client_id, client_secret)}
        self._clock = clock
        self._under_way: dict[int, asyncio.Task[AccessToken]] = {}

    async def access_token(self, slot: CredentialSlot) -> AccessToken:
        """The last access token while it is valid, else a new one. Raises what `renew` raises."""
        if slot.access and slot.access.fresh(self._clock()):
            return slot.access
        return await self.renew(slot)

    async def reply(self, slot: CredentialSlot, ask: Callable[[AccessToken], Awaitable[_VALUE]]) -> _VALUE:
        """What `ask` returns with an access token. If that is refused, `ask` gets a new one and is called again.

        Raises:
            AuthFailed: the login has ended, or the new token is refused too.
            SourceError: what `ask` raises.
        """
        access = await self.access_token(slot)
        try:
            return await ask(access)
        except AuthFailed as error:
            if not error.needs_login:
                raise
            access = await self.renew(slot, refused=access)
        try:
            return await ask(access)
        except AuthFailed as error:
            if not error.needs_login:
                raise
            refusal = AuthFailed(f"{self._http.origin} needs a new login: it refuses even a new token.")
            raise await self._refused(slot, refusal) from None

    async def renew(self, slot: CredentialSlot, refused: AccessToken | None = None) -> AccessToken:
        """Use the refresh token to get a new access token, once for all tasks that ask at the same time.

        A cancelled caller still waits until the answer is stored. `refused` is the access token that the API refused;
        if there is a newer one by now, that one is returned.

        Raises:
            AuthFailed: the refresh token is refused or spent; the person must log in again.
            SourceError: the upstream could not be asked; a later try may succeed.
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
        while True:
            if slot.dead or slot.secret is None:
                raise AuthFailed(f"{self._http.origin} needs a new login.")
            if not await slot.claim():
                if slot.access and slot.access.fresh(self._clock()):
                    return slot.access
                continue
            try:
                secret, access = await self._ask(slot.secret, slot.may_send)
            except NotSent:  # this process stood still: another may have sent the secret meanwhile
                await slot.release()
            except AuthFailed as error:
                raise await self._refused(slot, error) from error
            except BaseException:
                await slot.release()
                raise
            else:
                await slot.replace(secret or slot.secret, access)
                return slot.access or access

    async def _ask(self, secret: str, may_send: Callable[[], bool]) -> tuple[str | None, AccessToken]:
        body = prepare_token_request(
            "refresh_token", refresh_token=secret, client_id=self._client_id, include_client_id=True
        )
        accept = (200, 400, 401, 403)
        reply = await self._http.post_form(
            self._token_url, body, headers=self._headers, accept=accept, may_send=may_send
        )
        return read_token(reply, self._clock())

    async def _refused(self, slot: CredentialSlot, error: AuthFailed) -> SourceError:
        """Note a refusal. Gives the error that it means: none of the login if another answer was kept meanwhile."""
        await slot.refuse()
        if slot.dead:
            return error
        return Unavailable(f"{self._http.origin} was asked for a new token by two processes at once.", transient=True)


def client_authorization(client_id: str, client_secret: str) -> dict[str, str]:
    """The header that a client with a secret authenticates with (RFC 6749, 2.3.1); none without a secret."""
    if not client_secret:
        return {}
    words = f"{quote(client_id, safe='')}:{quote(client_secret, safe='')}"
    return {"Authorization": f"Basic {b64encode(words.encode()).decode()}"}


def read_token(reply: Reply, now: datetime) -> tuple[str | None, AccessToken]:
    """The refresh token, if any, and the access token of a token answer (RFC 6749, 5).

    Raises:
        AuthFailed: the grant was used before, has expired or was withdrawn.
        SourceError: the answer is not a token answer, or is a refusal for another reason.
    """
    # not oauthlib's parse_request_body_response: it raises for an expires_in that is no number, and the new refresh
    # token, which the old one was spent on, is lost with the answer
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


def _expiry(now: datetime, value: Any) -> datetime:
    lifetime = _lifetime(value)
    return now + lifetime - min(_MARGIN, lifetime / 10)


def _lifetime(value: Any) -> timedelta:
    """Parse `expires_in`, in seconds. An invalid value is not an error, so that the new refresh token is not lost."""
    try:
        return min(max(timedelta(seconds=float(value)), timedelta(0)), _LONGEST_LIFETIME)
    except (TypeError, ValueError, OverflowError):
        return _USUAL_LIFETIME


class ClientCredentialsGrant:
    """Access tokens for the operator's credentials (RFC 6749, 4.4), kept in memory and renewed in time.

    Tasks that need a token while one is being requested wait for that request.
    """

    def __init__(
        self, http: HttpClient, token_url: URL, *, client_id: str, client_secret: str, scope: str, clock: Clock
    ) -> None:
        """Create a grant. `scope` is one or more scopes, separated by spaces."""
        self._http = http
        self._token_url = token_url
        self._client_id = client_id
        self._client_secret = client_secret
        self._scope = scope
        self._clock = clock
        self._access: AccessToken | None = None
        self._asking: asyncio.Task[AccessToken] | None = None

    async def access_token(self) -> str:
        """The last access token while it is valid, else a new one.

        Raises:
            AuthFailed: the operator's credentials are refused; a new login of a person does not help.
            SourceError: the upstream could not be asked.
        """
        if self._access is not None and self._access.fresh(self._clock()):
            return self._access.token
        if self._asking is None:
            self._asking = begin(self._renew())
        return (await asyncio.shield(self._asking)).token

    def refused(self, token: str) -> None:
        """Forget `token`, which the API has refused before it expired."""
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
        """The refusal by its error code (RFC 6749, 5.2); without a code, of the credentials."""
        try:
            answer = reply.json()
        except BadResponse:
            answer = None
        error = answer.get("error") if isinstance(answer, dict) else None
        if error in (InvalidScopeError.error, UnauthorizedClientError.error):
            sentence = f"{self._http.origin} does not give the client_id in the settings what it requests ({error})."
        else:
            sentence = f"{self._http.origin} refused the client_id and client_secret of the settings."
        return AuthFailed(sentence, needs_login=False)
