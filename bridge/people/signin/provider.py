"""The provider with which people sign in, by authorization code with PKCE (RFC 6749, RFC 7636, OpenID Connect Core)."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from oauthlib.common import add_params_to_uri
from oauthlib.oauth2 import WebApplicationClient
from oauthlib.oauth2.rfc6749.errors import InvalidGrantError
from oauthlib.oauth2.rfc6749.parameters import prepare_token_request

from bridge.errors import AuthFailed, BadResponse, LoginMistake, SourceError
from bridge.model.clock import Clock
from bridge.people.signin.claims import Claims, read_claims
from bridge.people.signin.keys import UnknownKey, read_keys, read_token
from bridge.people.signin.metadata import Metadata, metadata_address, read_metadata
from bridge.upstream.http import HttpClient
from bridge.upstream.oauth import client_authorization
from bridge.upstream.reply import Reply

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

SCOPE = "openid email profile"
_KEPT_FOR = timedelta(hours=1)
_VERIFIER_LENGTH = 64
_JSON = {"Accept": "application/json"}
_VALUE = TypeVar("_VALUE")


@dataclass(frozen=True, slots=True)
class SignIn:
    """A sign-in that was begun: the address to open, and what only the browser that began it knows."""

    address: str
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Proof:
    """Who signed in, and the token that says so, for signing out."""

    claims: Claims
    token: str = field(repr=False)


class _Kept(Generic[_VALUE]):
    """A value that is loaded when it is first used, and again after an hour."""

    def __init__(self, load: Callable[[], Awaitable[_VALUE]], clock: Clock) -> None:
        self._load = load
        self._clock = clock
        self._until: datetime | None = None
        self._value: _VALUE

    async def get(self, *, fresh: bool = False) -> _VALUE:
        if fresh or self._until is None or self._clock() >= self._until:
            self._value = await self._load()
            self._until = self._clock() + _KEPT_FOR
        return self._value


class Provider:
    """A provider. What it says about itself, and its keys, are kept for an hour."""

    def __init__(
        self, http: HttpClient, issuer: str, client_id: str, client_secret: str, redirect_uri: str, clock: Clock
    ) -> None:
        """Create it with the issuer of the settings, and the address that it leads people back to."""
        self.origin = http.origin
        self._http = http
        self._issuer = issuer
        self._client_id = client_id
        self._client_secret = client_secret
        self._redirect_uri = redirect_uri
        self._clock = clock
        self._metadata = _Kept(self._load_metadata, clock)
        self._keys = _Kept(self._load_keys, clock)

    async def begin(self) -> SignIn:
        """Begin a sign-in. Raises SourceError."""
        metadata = await self._metadata.get()
        client = WebApplicationClient(self._client_id)
        verifier = client.create_code_verifier(_VERIFIER_LENGTH)
        state, nonce = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        words = [
            ("client_id", self._client_id),
            ("redirect_uri", self._redirect_uri),
            ("response_type", "code"),
            ("scope", SCOPE),
            ("state", state),
            ("nonce", nonce),
            ("code_challenge", client.create_code_challenge(verifier, "S256")),
            ("code_challenge_method", "S256"),
        ]
        return SignIn(add_params_to_uri(str(metadata.authorization), words), state, nonce, verifier)

    async def finish(self, begun: SignIn, answer: Mapping[str, str], needs: frozenset[str]) -> Proof:
        """Exchange the code that the provider led back with for who signed in.

        Args:
            begun: what `begin` returned to this browser.
            answer: the parameters of the address that the provider led to.
            needs: the claims that are needed; those that the ID token lacks are asked for.

        Raises:
            LoginMistake: it belongs to another sign-in, was cancelled, or was used before.
            SourceError: the provider could not be asked, or proves nothing.
        """
        metadata = await self._metadata.get()
        code = _code_in(answer, begun, metadata)
        body = prepare_token_request(
            "authorization_code",
            code=code,
            code_verifier=begun.verifier,
            redirect_uri=self._redirect_uri,
            client_id=self._client_id,
            include_client_id=True,
        )
        headers = _JSON | client_authorization(self._client_id, self._client_secret)
        tokens = self._granted(
            await self._http.post_form(metadata.token, body, headers=headers, accept=(200, 400, 401))
        )
        token = str(tokens.get("id_token", ""))
        claims = await self._verified(token, metadata, begun.nonce)
        return Proof(read_claims(await self._completed(claims, tokens, metadata, needs)), token)

    async def sign_out_address(self, token: str | None, back: str) -> str | None:
        """Where to sign out of the provider too; it leads `back` after that. `None` if it has no such page.

        Raises:
            SourceError: the provider could not be asked.
        """
        metadata = await self._metadata.get()
        if metadata.end_session is None:
            return None
        words = [("client_id", self._client_id), ("post_logout_redirect_uri", back)]
        words += [("id_token_hint", token)] if token else []
        address: str = add_params_to_uri(str(metadata.end_session), words)
        return address

    async def _load_metadata(self) -> Metadata:
        reply = await self._http.get(metadata_address(self._issuer), headers=_JSON)
        return read_metadata(reply.json(), self._issuer, self.origin)

    async def _load_keys(self) -> KeySet:
        metadata = await self._metadata.get()
        return read_keys((await self._http.get(metadata.keys, headers=_JSON)).json(), self.origin)

    def _granted(self, reply: Reply) -> dict[str, Any]:
        answer = reply.json()
        if not isinstance(answer, dict):
            raise BadResponse(f"{self.origin} sent a token answer that cannot be read.")
        if reply.status == HTTPStatus.OK:
            return answer
        if answer.get("error") == InvalidGrantError.error:
            raise LoginMistake("This sign-in was used already, or took too long. Begin again.")
        raise AuthFailed(f"{self.origin} refused the client_id and client_secret of the settings.", needs_login=False)

    async def _verified(self, token: str, metadata: Metadata, nonce: str) -> dict[str, Any]:
        """The claims of an ID token. Keys are loaded once more for one that is not known."""

        def read(keys: KeySet) -> dict[str, Any]:
            return read_token(
                token, keys, self._clock(), issuer=metadata.issuer, client_id=self._client_id, nonce=nonce
            )

        try:
            return read(await self._keys.get())
        except UnknownKey:
            keys = await self._keys.get(fresh=True)
        try:
            return read(keys)
        except UnknownKey as error:
            raise BadResponse(f"{self.origin} signed a proof of identity with a key that is not its own.") from error

    async def _completed(
        self, claims: dict[str, Any], tokens: Mapping[str, Any], metadata: Metadata, needs: frozenset[str]
    ) -> dict[str, Any]:
        """The claims, with those that the ID token lacks from the provider's page about the person."""
        access = tokens.get("access_token")
        if needs <= claims.keys() or metadata.userinfo is None or not isinstance(access, str):
            return claims
        try:
            reply = await self._http.get(metadata.userinfo, headers=_JSON | {"Authorization": f"Bearer {access}"})
            more = reply.json()
        except SourceError as error:
            raise type(error)(f"{self.origin} did not say who signed in.", transient=error.transient) from error
        if not isinstance(more, dict) or more.get("sub") != claims["sub"]:
            raise BadResponse(f"{self.origin} spoke of another person than the one who signed in.")
        return {**more, **claims}


def _code_in(answer: Mapping[str, str], begun: SignIn, metadata: Metadata) -> str:
    """The code of an answer to a sign-in. Raises LoginMistake."""
    if not secrets.compare_digest(answer.get("state", "").encode(), begun.state.encode()):
        raise LoginMistake("This sign-in was begun in another browser, or too long ago. Begin again.")
    issuer = answer.get("iss")
    if issuer != metadata.issuer and (issuer is not None or metadata.names_itself):
        raise LoginMistake("This answer comes from another provider than the sign-in was begun at. Begin again.")
    if not answer.get("code"):
        raise LoginMistake("The sign-in was cancelled or refused there. Begin again.")
    return answer["code"]
