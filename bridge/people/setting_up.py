"""Set up an empty installation: a page that the first operator opens, and the admin token that it makes."""

import secrets
from datetime import timedelta

from bridge.model.clock import Clock
from bridge.settings.schema import Settings
from bridge.store.storage import Store

LASTS = timedelta(hours=1)
_BYTES = 32


async def offer_setup(store: Store, settings: Settings, clock: Clock) -> str | None:
    """The address of a set-up page, good once and for an hour; it ends the one before.

    `None` where the settings have an operator, or the storage has a user, a source or an admin token.
    """
    there = settings.security.admin_token is not None or settings.oidc.admins_hash is not None
    if there or not await store.installation.is_empty():
        return None
    token = f"su_{secrets.token_urlsafe(_BYTES)}"
    await store.installation.offer(token, clock() + LASTS)
    return settings.server.setup_address(token)


async def set_up(store: Store, token: str, clock: Clock) -> str | None:
    """The new admin token, for the set-up page with this token; `None` if that page is over."""
    admin_token = f"ra_{secrets.token_urlsafe(_BYTES)}"
    return admin_token if await store.installation.claim(token, admin_token, clock()) else None
