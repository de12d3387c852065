"""What else a source can do. A source with the methods of a protocol has the capability; nothing is declared."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from bridge.upstream.credential import AccessToken, CredentialSlot


@dataclass(frozen=True, slots=True)
class Granted:
    """The tokens that an upstream gave for a password or a code, which are not stored.

    `secret` is stored, encrypted. `access` is an access token, if one came with it.
    """

    secret: str = field(repr=False)
    access: AccessToken | None = field(default=None, repr=False)


@runtime_checkable
class ExchangesSecret(Protocol):
    """A source that exchanges a password for a token."""

    async def exchange(self, identity: str | None, secret: str) -> Granted:
        """Exchange the password `secret` of `identity` for a token.

        Raises:
            ConfigError: something is missing, such as the identity.
            AuthFailed: the upstream refuses them.
            SourceError: the upstream could not be asked.
        """


@dataclass(frozen=True, slots=True)
class LoginAttempt:
    """A login that was begun: the person opens `address` and pastes the address that it leads to.

    `steps` are sentences for the person. `state` and `verifier` are secret and belong to this attempt.
    """

    address: str
    steps: tuple[str, ...]
    state: str = field(repr=False)
    verifier: str = field(repr=False)


@runtime_checkable
class OffersLogin(Protocol):
    """A source with a browser login (RFC 6749, 4.1; RFC 7636)."""

    def begin_login(self) -> LoginAttempt:
        """Begin a login."""

    async def finish_login(self, attempt: LoginAttempt, pasted: str) -> Granted:
        """Finish a login with what the person pasted.

        Raises:
            LoginMistake: what was pasted is not the answer. The same attempt can continue with another paste.
            AuthFailed: the code was used before, has expired or is refused.
            SourceError: the upstream could not be asked.
        """


@runtime_checkable
class Revokes(Protocol):
    """A source that can end a login at the upstream."""

    async def revoke(self, slot: CredentialSlot) -> None:
        """End a login. One that has ended already is no error. Raises SourceError."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person whom a source lists. `identity` is the one of their account; `groups` are the names of their groups."""

    identity: str
    title: str
    email: str = ""
    active: bool = True
    groups: tuple[str, ...] = ()


@runtime_checkable
class ListsPeople(Protocol):
    """A source that lists everybody of an institute."""

    async def people(self) -> Sequence[Person]:
        """Everybody, also people without an address or who are not active. Raises SourceError."""
