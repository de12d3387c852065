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
    def dead(self) -> bool:
        """Whether the upstream has refused the secret for good."""

    async def claim(self) -> bool:
        """Begin to send the secret: others wait until `release`, `replace` or `refuse`, or until a lease of 2 min ends.

        Returns:
            False if the secret has a successor or was refused meanwhile, which the slot has then; nothing has begun.

        Raises:
            CancelledError: nothing is sent any more, since the process stops.
        """

    def may_send(self) -> bool:
        """Whether the lease of `claim` surely lasts, also if this process stood still: asked as the secret is sent."""

    async def release(self) -> None:
        """End what `claim` began, without an answer. The secret may be sent again: only a refusal ends a login."""

    async def replace(self, secret: str, access: AccessToken) -> None:
        """Keep the new secret and the access token that came with it. It waits until the storage takes them."""

    async def refuse(self) -> None:
        """Note that the upstream has refused the secret for good, unless a successor was kept meanwhile: see `dead`."""
