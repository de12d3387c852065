"""Adding an account: ask the upstream first, store only what it accepts."""

from collections.abc import Mapping
from dataclasses import dataclass

from bridge.errors import AuthFailed, BadResponse, ConfigError, RateLimited, Unavailable
from bridge.oauth import Clock, CredentialSlot
from bridge.refresh import ConfiguredSource
from bridge.source import Account
from bridge.store import Store
from bridge.store.accounts import StoredAccount
from bridge.store.credentials import NoCredential, StoredCredential


@dataclass(frozen=True, slots=True)
class AddedAccount:
    """The account as it is stored; `warning` is a sentence where the upstream could not be asked."""

    account: StoredAccount
    warning: str | None = None


async def add_account(
    store: Store,
    at: ConfiguredSource,
    user: str,
    *,
    identity: str | None,
    secret: str | None,
    options: Mapping[str, str],
    clock: Clock,
) -> AddedAccount:
    """Add `user`'s account at a source, or replace and wake the one that is there.

    Without `secret`, the login of the account that is there goes on.

    Raises:
        ConfigError: the source takes no accounts, or this one lacks something.
        UnknownName: there is no such user.
        UnknownPerson, ChoiceNeeded: the upstream knows no such person, or several.
        AuthFailed, Forbidden: it refuses the credentials. Nothing is stored then.
    """
    if not at.type.accounts:
        raise ConfigError(f"{at.title} takes no accounts: it is part of every feed by itself.")
    await store.users.get(user)
    await store.credentials.drop_unused()
    credential = await _credential(store, at, user, secret)
    slot: CredentialSlot = credential or NoCredential()
    if credential is None:
        return await _connect(store, at, user, identity, options, slot, None, clock)
    async with store.locks.hold(credential.id * 2):
        credential = await store.credentials.get(credential.id)
        if secret is not None and credential.spent:
            raise AuthFailed(f"This secret for {at.title} was used before and has ended; log in again.")
        try:
            return await _connect(store, at, user, identity, options, credential, credential.id, clock)
        except AuthFailed:
            await store.credentials.forget(credential.id)
            raise


async def _credential(store: Store, at: ConfiguredSource, user: str, secret: str | None) -> StoredCredential | None:
    if secret is not None:
        return await store.credentials.add(at.name, secret)
    before = await store.accounts.all(user=user, source=at.name)
    if before and before[0].credential_id is not None:
        return await store.credentials.get(before[0].credential_id)
    return None


async def _connect(
    store: Store,
    at: ConfiguredSource,
    user: str,
    identity: str | None,
    options: Mapping[str, str],
    slot: CredentialSlot,
    credential_id: int | None,
    clock: Clock,
) -> AddedAccount:
    connected = Account(options=options)
    person: str | None = None
    warning: str | None = None
    try:
        connected = await at.source.connect(identity, connected, slot)
        person = connected.person
    except (Unavailable, RateLimited, BadResponse) as error:
        warning = f"{error.sentence} The account is stored and will be tried again."
    stored = await store.accounts.put(
        user,
        at.name,
        identity=identity or person or connected.called,
        person=person,
        options=connected.options,
        credential_id=credential_id,
        now=clock(),
    )
    return AddedAccount(stored, warning)
