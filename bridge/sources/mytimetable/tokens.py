"""What opens the timetables of an account."""

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from bridge.upstream.credential import CredentialSlot

_VALUE = TypeVar("_VALUE")


class Tokens(Protocol):
    """What opens the timetables of an account."""

    async def use(self, slot: CredentialSlot, ask: Callable[[str | None], Awaitable[_VALUE]]) -> _VALUE:
        """What `ask` returns with the account's token, or `None` if it has none.

        Raises:
            AuthFailed: the login has ended. SourceError: what `ask` raises, or no token could be requested.
        """
