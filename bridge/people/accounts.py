"""Add and remove accounts. The upstream is asked first; only what it accepts is stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bridge.errors import (
    AuthFailed,
    BadResponse,
    BridgeError,
    ConfigError,
    RateLimited,
    SourceError,
    Unavailable,
    UnknownName,
)
from bridge.model.clock import Clock
from bridge.store.accounts import StoredAccount
from bridge.store.credentials import NoCredential, StoredCredential
from bridge.store.locks import for_login
from bridge.store.storage import Store
from bridge.upstream.capabilities import ExchangesSecret, Granted, Revokes
from bridge.upstream.configured import ConfiguredSource
from bridge.upstream.contract import Account
from bridge.upstream.credential import CredentialSlot


@dataclass(frozen=True, slots=True)
class AddedAccount:
    """An account as it is stored.

    `warning` is a sentence if the upstream could not be asked. `found` are the names of what it found.
    """

    account: StoredAccount
    warning: str | None = None
    found: tuple[str, ...] = ()


async def add_account(
    store: Store,
    at: ConfiguredSource,
    user: str,
    *,
    identity: str | None,
    secret: str | None,
    options: Mapping[str, str],
    clock: Clock,
    login_of: str | None = None,
) -> AddedAccount:
    """Add the account of `user` at a source, or replace it and wake it.

    Without `secret`, the account shares the login of `login_of`'s account at the source: one family of tokens and one
    lock for both. Without either, an existing account keeps its login. A source that exchanges passwords does so
    first; the password is never stored.

    Raises:
        ConfigError: the source takes no accounts, or an option or secret is missing.
        UnknownName: the user does not exist, or `login_of` has no login at the source.
        UnknownPerson, ChoiceNeeded: the upstream knows no such person, or several.
        AuthFailed, Forbidden: the upstream refuses the credentials. Nothing is stored.
        SourceError: a password could not be exchanged. Nothing is stored.
    """
    if not at.type.accounts:
        raise ConfigError(f"{at.title} takes no accounts: every feed includes it.")
    at.type.options.parse(options, at.title)
    await store.users.get(user)
    await store.credentials.drop_unused()
    credential = await _credential(store, at, user, identity, secret, login_of)
    slot: CredentialSlot = credential or NoCredential()
    if credential is None:
        return await connect_account(store, at, user, identity, options, slot, None, clock)
    async with store.locks.hold(for_login(credential.id)):
        credential = await store.credentials.get(credential.id)
        if secret is not None and credential.dead:
            raise AuthFailed(f"This secret for {at.title} was used before and has ended; log in again.")
        try:
            return await connect_account(store, at, user, identity, options, credential, credential.id, clock)
        except BridgeError as error:
            exchanged = secret is not None and isinstance(at.source, ExchangesSecret)
            if exchanged and not await _users(store, at, credential.id):
                await revoke_login(at, credential)
            if exchanged or isinstance(error, AuthFailed):
                await store.credentials.forget(credential.id)
            raise


async def keep_granted(store: Store, source: str, granted: Granted) -> StoredCredential:
    """Store a login with its tokens durably."""
    credential = await store.credentials.add(source, granted.secret)
    if granted.access is not None:
        await credential.replace(granted.secret, granted.access)
    return credential


async def remove_account(store: Store, at: ConfiguredSource | None, user: str, source: str) -> str | None:
    """Remove the account of `user` at `source` with its events and its login.

    The login is ended at the upstream too if the source can do that and no other account uses it. `at` is `None` if
    the settings no longer have the source. Feeds change with the next `publish_wanted`.

    Returns:
        A sentence if the login could not be ended at the upstream. The account is removed all the same.

    Raises:
        UnknownName: the account does not exist.
    """
    found = await store.accounts.all(user=user, source=source)
    login = found[0].credential_id if found else None
    if at is None or login is None or not found[0].fits(at.type.name):
        await store.accounts.remove(user, source)
        return None
    async with store.locks.hold(found[0].lock):
        warning = await _end_login(store, at, login, user)
        await store.accounts.remove(user, source)
    return warning


async def remove_user(store: Store, sources: Mapping[str, ConfiguredSource], user: str, now: datetime) -> list[str]:
    """Remove a user with all accounts and feeds. Logins are ended as in `remove_account`.

    Returns:
        A sentence for each login that could not be ended at its upstream.

    Raises:
        UnknownName: the user does not exist.
    """
    warnings = []
    for account in await store.accounts.all(user=user):
        at = sources.get(account.source)
        if at is not None and account.credential_id is not None and account.fits(at.type.name):
            async with store.locks.hold(account.lock):
                warnings.append(await _end_login(store, at, account.credential_id, user))
    await store.users.remove(user, now)
    return [warning for warning in warnings if warning]


async def _end_login(store: Store, at: ConfiguredSource, login: int, user: str) -> str | None:
    """End the login of `user` at the upstream unless another account uses it; a sentence if that failed."""
    if await _users(store, at, login) != [user]:
        return None
    return await revoke_login(at, await store.credentials.get(login))


async def _users(store: Store, at: ConfiguredSource, login: int) -> list[str | None]:
    """The users whose accounts use a login."""
    return [account.user for account in await store.accounts.all(source=at.name) if account.credential_id == login]


async def revoke_login(at: ConfiguredSource, slot: CredentialSlot) -> str | None:
    """End a login at the upstream if the source can do that; a sentence if it failed."""
    if not isinstance(at.source, Revokes):
        return None
    try:
        await at.source.revoke(slot)
    except SourceError as error:
        return f"{error.sentence} The login may still be valid there."
    return None


async def _credential(
    store: Store, at: ConfiguredSource, user: str, identity: str | None, secret: str | None, login_of: str | None
) -> StoredCredential | None:
    if secret is not None:
        if isinstance(at.source, ExchangesSecret):
            return await keep_granted(store, at.name, await _exchanged(at.source, identity, secret))
        return await store.credentials.add(at.name, secret)
    before = await store.accounts.all(user=login_of or user, source=at.name)
    if before and before[0].credential_id is not None and before[0].fits(at.type.name):
        return await store.credentials.get(before[0].credential_id)
    if login_of is not None:
        raise UnknownName(f"{login_of} has no login at {at.name}.")
    return None


async def _exchanged(source: ExchangesSecret, identity: str | None, secret: str) -> Granted:
    try:
        return await source.exchange(identity, secret)
    except (Unavailable, RateLimited, BadResponse) as error:
        sentence = f"{error.sentence} Passwords are not kept, so nothing is stored: add the account again later."
        raise type(error)(sentence, transient=error.transient, retry_after=error.retry_after) from error


async def connect_account(
    store: Store,
    at: ConfiguredSource,
    user: str,
    identity: str | None,
    options: Mapping[str, str],
    slot: CredentialSlot,
    credential_id: int | None,
    clock: Clock,
) -> AddedAccount:
    """Store the account of `user` with the person that the upstream names for a login. The caller holds its lock.

    If the upstream cannot be asked, the account is stored with a warning. Raises what `Source.connect` raises.
    """
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
        source_type=at.type.name,
    )
    return AddedAccount(stored, warning, connected.found)
