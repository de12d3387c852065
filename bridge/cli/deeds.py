"""What commands do is recorded."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bridge.app import Bridge


def recorded(
    bridge: Bridge, action: str, *, user: str | None = None, thing: str | None = None
) -> AbstractAsyncContextManager[None]:
    """Record that a command does this to a user, a source or a feed; see `bridge.people.audit.recorded`."""
    from bridge.people import audit
    from bridge.store.audit import Via

    return audit.recorded(bridge.store, bridge.clock, Via.COMMAND, action, user=user, thing=thing)
