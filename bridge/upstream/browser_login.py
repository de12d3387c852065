"""Browser logins with an authorization code (RFC 6749, 4.1) and PKCE (RFC 7636).

A browser cannot open the redirect to an app: the person copies the address that the login leads to, and pastes it.
"""

import re
import secrets
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qs, urlsplit

from oauthlib.common import add_params_to_uri, urlencode
from oauthlib.oauth2 import WebApplicationClient
from oauthlib.oauth2.rfc6749.parameters import prepare_token_request
from yarl import URL

from bridge.errors import AuthFailed, BadResponse, LoginMistake
from bridge.model.clock import Clock
from bridge.upstream.capabilities import Granted, LoginAttempt
from bridge.upstream.credential import CredentialSlot
from bridge.upstream.http import HttpClient, Query
from bridge.upstream.oauth import client_authorization, read_token

_VERIFIER_LENGTH = 64
_BARE_CODE = re.compile(r"[A-Za-z0-9._~+=%-]{16,4000}")  # nobody may guess one (RFC 6749, 10.10): a word is none
_ANSWER = re.compile(r"[?#&]?(?:code|state|error|iss)=\S*")
_HEADER = re.compile(r"location:\s*", re.IGNORECASE)
_PAGE = re.compile(r"\s*<(?:!doctype|html|head|body|\?xml)", re.IGNORECASE)
_JSON = {"Accept": "application/json"}


@dataclass(frozen=True, slots=True)
class App:
    """An app that is registered at the upstream, with the addresses where its logins begin and end.

    `client_secret` is that of an app on a server. `keeps_access` is whether an access token that comes without a
    refresh token becomes the secret. `extra` are further parameters of the authorize address.
    """

    client_id: str
    redirect_uri: str
    scope: str
    authorize_url: str
    token_url: str
    revoke_url: str = ""
    client_secret: str = field(default="", repr=False)
    keeps_access: bool = False
    extra: Query = ()


class CodeLogin:
    """Begins and finishes logins. It keeps no state."""

    def __init__(self, http: HttpClient, app: App, clock: Clock, *, steps: tuple[str, ...]) -> None:
        """Create a login at `app`. `steps` are sentences for the person."""
        self._http = http
        self._app = app
        self._clock = clock
        self._steps = steps

    def begin(self) -> LoginAttempt:
        """Begin a login. Its address may be opened several times."""
        client = WebApplicationClient(self._app.client_id)
        verifier = client.create_code_verifier(_VERIFIER_LENGTH)
        state = secrets.token_urlsafe(24)
        words = [
            ("client_id", self._app.client_id),
            ("redirect_uri", self._app.redirect_uri),
            ("response_type", "code"),
            *([("scope", self._app.scope)] if self._app.scope else []),
            *self._app.extra,
            ("state", state),
            ("code_challenge", client.create_code_challenge(verifier, "S256")),
            ("code_challenge_method", "S256"),
        ]
        return LoginAttempt(add_params_to_uri(self._app.authorize_url, words), self._steps, state, verifier)

    async def finish(self, attempt: LoginAttempt, pasted: str) -> Granted:
        """Exchange the code of a login for a refresh token and an access token.

        Args:
            attempt: what `begin` returned.
            pasted: the address that the login led to, a `location:` line with it, or the code alone.

        Raises:
            LoginMistake: it is none of these, or belongs to another login.
            AuthFailed: the code was used before or has expired. The same address gives another.
            SourceError: the upstream could not be asked.
        """
        origin = self._http.origin
        body = prepare_token_request(
            "authorization_code",
            code=self._code(attempt, pasted),
            code_verifier=attempt.verifier,
            redirect_uri=self._app.redirect_uri,
            client_id=self._app.client_id,
            include_client_id=True,
        )
        headers = _JSON | client_authorization(self._app.client_id, self._app.client_secret)
        reply = await self._http.post_form(URL(self._app.token_url), body, headers=headers, accept=(200, 400, 401, 403))
        try:
            secret, access = read_token(reply, self._clock())
        except AuthFailed as error:
            raise AuthFailed(
                "This code has been used already or has expired; open the address once more for another."
            ) from error
        if not secret and self._app.keeps_access:
            return Granted(access.token)
        if not secret:
            raise BadResponse(f"{origin} gave no refresh token for this login.")
        return Granted(secret, access)

    async def revoke(self, slot: CredentialSlot) -> None:
        """End a login (RFC 7009) unless it has ended already. Raises SourceError."""
        if slot.dead or slot.secret is None:
            return
        words = [("token", slot.secret), ("token_type_hint", "refresh_token"), ("client_id", self._app.client_id)]
        await self._http.post_form(URL(self._app.revoke_url), urlencode(words), headers=_JSON)

    def _code(self, attempt: LoginAttempt, pasted: str) -> str:
        """The code in `pasted`. Raises LoginMistake."""
        text = _line(pasted)
        if not text:
            raise LoginMistake("Nothing was pasted.")
        if _PAGE.match(text):
            raise LoginMistake("This is the text of a page; paste the address that the login leads to.")
        if "://" in text:
            try:
                parts = urlsplit(text)
            except ValueError:
                raise LoginMistake("This is neither an address nor a code.") from None
            self._expect_redirect(parts)
            return _code_in(f"{parts.query}&{parts.fragment}", attempt)
        if _ANSWER.fullmatch(text):
            return _code_in(text.lstrip("?#&"), attempt)
        if _BARE_CODE.fullmatch(text):
            return text
        raise LoginMistake("This is neither an address nor a code.")

    def _expect_redirect(self, found: SplitResult) -> None:
        """Raise LoginMistake for any address other than the redirect's."""
        wanted, login = urlsplit(self._app.redirect_uri), urlsplit(self._app.authorize_url)
        if _place(found) == _place(wanted):
            return
        if _is_web(found) and "code=" not in f"{found.query}&{found.fragment}":
            if found.netloc.lower() == login.netloc.lower():
                raise LoginMistake(
                    "This is the address of the login page; log in there, and paste the address that comes after it."
                )
            beginning = self._app.redirect_uri if _is_web(wanted) else f"{wanted.scheme}:"
            raise LoginMistake(f"This is the address of another page; the right one begins with {beginning}.")
        raise LoginMistake(
            "This login leads to another program than it should; open the address that was given, as it is."
        )


def _line(pasted: str) -> str:
    """The line with the address: a `location:` header if there is one, without its name, quotes and brackets."""
    lines = [line.strip() for line in pasted.strip().splitlines()]
    headers = [line for line in lines if _HEADER.match(line)]
    text = _HEADER.sub("", headers[0], count=1) if headers else pasted
    return text.strip().strip("\"'<>" if not _PAGE.match(text) else None).strip()


def _is_web(parts: SplitResult) -> bool:
    return parts.scheme.lower() in {"http", "https"}


def _place(parts: SplitResult) -> tuple[str, str, str]:
    return parts.scheme.lower(), parts.netloc.lower(), parts.path.rstrip("/")


def _code_in(query: str, attempt: LoginAttempt) -> str:
    words = parse_qs(query)
    if not secrets.compare_digest(words.get("state", [""])[0].encode(), attempt.state.encode()):
        raise LoginMistake("This belongs to another login; open the address that was printed last.")
    if "error" in words:
        raise LoginMistake("The login was cancelled or refused there; open the address again.")
    if "code" not in words:
        raise LoginMistake("There is no code in this address; log in first, and paste the whole address.")
    return words["code"][0]
