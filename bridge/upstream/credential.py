"""The login of an account, as sources see it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class AccessToken:
    """An access token, valid until `expires_at` (UTC). `extra` has the other strings of the token answer."""

    token: str = field(repr=False)
    expires_at: datetime
    extra: Mapping[str, str] = field(default_factory=dict)

    def fresh(self, now: datetime) -> bool:
        """Whether it is still valid. `expires_at` is a tenth of the lifetime, at most 5 minutes, before the end."""
        return now < self.expires_at


class CredentialSlot(Protocol):
    """The durable place of a login. A write is on disk when it returns."""

    @property
    def secret(self) -> str | None:
        """The refresh or access token that the person gave, or its successor; `None` if there is none."""

    @property
    def access(self) -> AccessToken | None:
        """The last access token, if any."""

    @property
    def spent(self) -> bool:
        """Whether the secret must not be sent again: it was refused, or it was in use when the process ended."""

    async def sending(self) -> None:
        """Record that the secret is about to be sent and may be spent from now on."""

    async def returned(self) -> None:
        """Record that the secret was not spent after all."""

    async def replace(self, secret: str, access: AccessToken) -> None:
        """Store the new secret and the access token that came with it."""

    async def refuse(self) -> None:
        """Record that the upstream has refused the secret for good."""
