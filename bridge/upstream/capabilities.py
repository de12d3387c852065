"""What a source may offer besides snapshots. It does so by having the methods; nothing has to be declared."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from bridge.upstream.oauth import AccessToken, CredentialSlot


@dataclass(frozen=True, slots=True)
class Granted:
    """What an upstream gave for what a person brought: this is kept, that is not.

    `secret` is kept encrypted; `access` opens the API at once, where such a token came along.
    """

    secret: str = field(repr=False)
    access: AccessToken | None = field(default=None, repr=False)


@runtime_checkable
class ExchangesSecret(Protocol):
    """A source whose persons have a password, which is exchanged for a token and not kept."""

    async def exchange(self, identity: str | None, secret: str) -> Granted:
        """The token for `identity` and the password `secret`.

        Raises:
            ConfigError: something is missing, such as the identity.
            AuthFailed: the upstream refuses them.
            SourceError: it could not be asked.
        """


@dataclass(frozen=True, slots=True)
class LoginAttempt:
    """A login that has begun: the person opens `address` and brings back what it leads to.

    `steps` are sentences that tell how. `state` and `verifier` are secret and belong to this attempt alone.
    """

    address: str
    steps: tuple[str, ...]
    state: str = field(repr=False)
    verifier: str = field(repr=False)


@runtime_checkable
class OffersLogin(Protocol):
    """A source where a person logs in with a browser (RFC 6749, 4.1; RFC 7636)."""

    def begin_login(self) -> LoginAttempt:
        """A new attempt, with an address to open."""

    async def finish_login(self, attempt: LoginAttempt, pasted: str) -> Granted:
        """What `attempt` leads to, given what the person pasted.

        Raises:
            LoginMistake: what was pasted is not the answer; the same attempt can go on with another paste.
            AuthFailed: the code is spent or expired, or is refused; a new attempt is needed.
            SourceError: the upstream could not be asked.
        """


@runtime_checkable
class Revokes(Protocol):
    """A source that can end a login at the upstream."""

    async def revoke(self, slot: CredentialSlot) -> None:
        """End the login; one that has ended already is no error. Raises SourceError."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom a source knows. `identity` is what an account there is added with; `groups` are their names."""

    identity: str
    title: str
    email: str = ""
    active: bool = True
    groups: tuple[str, ...] = ()


@runtime_checkable
class ListsPeople(Protocol):
    """A source that knows everybody of an institute."""

    async def people(self) -> Sequence[Person]:
        """All of them, also those without an address or no longer active. Raises SourceError."""
