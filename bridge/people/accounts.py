"""Add and remove accounts. The upstream is asked first; only what it accepts is stored."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bridge.errors import (
    AuthFailed,
    BadResponse,
    BridgeError,
    ConfigError,
    NameTaken,
    RateLimited,
    SourceError,
    Unavailable,
    UnknownName,
)
from bridge.model.clock import Clock
from bridge.people.names import tidy_account_name
from bridge.store.account import NewAccount, StoredAccount
from bridge.store.credentials import NoCredential, StoredCredential
from bridge.store.lock import for_login
from bridge.store.storage import Store
from bridge.upstream.capabilities import ExchangesSecret, Granted, Revokes
from bridge.upstream.configured import ConfiguredSource
from bridge.upstream.contract import Account
from bridge.upstream.credential import CredentialSlot


@dataclass(frozen=True, slots=True)
class Wanted:
    """An account to connect: whose it is, its name, and whom and what it reads."""

    user: str
    name: str = ""
    identity: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)


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
    wanted: Wanted,
    clock: Clock,
    *,
    secret: str | None = None,
    login_of: str | None = None,
) -> AddedAccount:
    """Add an account of a user at a source, or replace the one of that name and wake it.

    Without `secret`, the account shares the login of `login_of` at the source, who may be the user too: one family of
    tokens and one lock for all. Without either, an existing account keeps its login. A source that exchanges passwords
    does so first; the password is never stored.

    Raises:
        ConfigError: the source takes no accounts, the name is not valid, or an option or secret is missing.
        UnknownName: the user does not exist, or `login_of` has no login at the source.
        NameTaken: the user has another account for this person.
        UnknownPerson, ChoiceNeeded: the upstream knows no such person, or several.
        AuthFailed, Forbidden: the upstream refuses the credentials. Nothing is stored.
        SourceError: a password could not be exchanged. Nothing is stored.
    """
    if not at.type.accounts:
        raise ConfigError(f"{at.title} takes no accounts: every feed includes it.")
    at.type.options.parse(wanted.options, at.title)
    wanted = replace(wanted, name=_account_name(wanted.name))
    await store.users.get(wanted.user)
    await store.credentials.drop_unused()
    credential = await _credential(store, at, wanted, secret, login_of)
    if credential is None:
        return await connect_account(store, at, wanted, NoCredential(), clock)
    async with store.locks.hold(for_login(credential.id)):
        credential = await store.credentials.get(credential.id)
        if secret is not None and credential.dead:
            raise AuthFailed(f"This secret for {at.title} was used before and has ended; log in again.")
        try:
            return await connect_account(store, at, wanted, credential, clock)
        except BridgeError as error:
            exchanged = secret is not None and isinstance(at.source, ExchangesSecret)
            if exchanged and not await _with_login(store, at.name, credential.id):
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


async def remove_account(
    store: Store, at: ConfiguredSource | None, user: str, source: str, clock: Clock, name: str = ""
) -> str | None:
    """Remove the account of that name of `user` at `source` with its events and its login.

    The login is ended at the upstream too if the source can do that and no other account uses it. `at` is `None` if
    the settings no longer have the source. Feeds change when they are published next.

    Returns:
        A sentence if the login could not be ended at the upstream. The account is removed all the same.

    Raises:
        UnknownName: the account does not exist.
    """
    account = await store.accounts.find(user, source, name)
    if at is None or account.credential_id is None or not account.fits(at.type.name):
        await store.accounts.remove(user, source, clock(), name)
        return None
    async with store.locks.hold(account.lock):
        warning = await _end_login(store, at, account.credential_id, {account.id})
        await store.accounts.remove(user, source, clock(), name)
    return warning


async def remove_user(store: Store, sources: Mapping[str, ConfiguredSource], user: str, now: datetime) -> list[str]:
    """Remove a user with all accounts and feeds. Logins are ended as in `remove_account`.

    Returns:
        A sentence for each login that could not be ended at its upstream.

    Raises:
        UnknownName: the user does not exist.
    """
    warnings = []
    leaving = await store.accounts.all(user=user)
    for login, account in {one.credential_id: one for one in leaving}.items():
        at = sources.get(account.source)
        if at is not None and login is not None and account.fits(at.type.name):
            async with store.locks.hold(account.lock):
                warnings.append(await _end_login(store, at, login, {one.id for one in leaving}))
    await store.users.remove(user, now)
    return [warning for warning in warnings if warning]


async def _end_login(store: Store, at: ConfiguredSource, login: int, leaving: Collection[int]) -> str | None:
    """End a login at the upstream if only the `leaving` accounts use it; a sentence if that failed."""
    if await _with_login(store, at.name, login) - set(leaving):
        return None
    return await revoke_login(at, await store.credentials.get(login))


async def _with_login(store: Store, source: str, login: int) -> set[int]:
    """The ids of the accounts that use a login."""
    return {account.id for account in await store.accounts.all(source=source) if account.credential_id == login}


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
    store: Store, at: ConfiguredSource, account: Wanted, secret: str | None, login_of: str | None
) -> StoredCredential | None:
    if secret is not None:
        if isinstance(at.source, ExchangesSecret):
            return await keep_granted(store, at.name, await _exchanged(at.source, account.identity, secret))
        return await store.credentials.add(at.name, secret)
    for before in await store.accounts.all(user=login_of or account.user, source=at.name):
        is_it = login_of is not None or before.name == account.name
        if is_it and before.credential_id is not None and before.fits(at.type.name):
            return await store.credentials.get(before.credential_id)
    if login_of is not None:
        raise UnknownName(f"{login_of} has no login at {at.name}.")
    return None


def _account_name(text: str) -> str:
    """The name of an account; empty for the usual one. Raises ConfigError if it is not valid."""
    try:
        return tidy_account_name(text)
    except ValueError as error:
        raise ConfigError(f"This account cannot be called that: {error}.") from None


async def _exchanged(source: ExchangesSecret, identity: str | None, secret: str) -> Granted:
    try:
        return await source.exchange(identity, secret)
    except (Unavailable, RateLimited, BadResponse) as error:
        sentence = f"{error.sentence} Passwords are not kept, so nothing is stored: add the account again later."
        raise type(error)(sentence, transient=error.transient, retry_after=error.retry_after) from error


async def connect_account(
    store: Store,
    at: ConfiguredSource,
    wanted: Wanted,
    slot: StoredCredential | NoCredential,
    clock: Clock,
) -> AddedAccount:
    """Store an account with the person that the upstream names for a login. The caller holds its lock.

    If the upstream cannot be asked, the account is stored with a warning.

    Raises:
        NameTaken: the user has another account for this person.
        BridgeError: what `Source.connect` raises.
    """
    connected = Account(options=wanted.options)
    person: str | None = None
    warning: str | None = None
    try:
        connected = await at.source.connect(wanted.identity, connected, slot)
        person = connected.person
    except (Unavailable, RateLimited, BadResponse) as error:
        warning = f"{error.sentence} The account is stored and will be tried again."
    if person:
        await _expect_other_person(store, at, wanted, person, connected.options)
    stored = await store.accounts.put(
        NewAccount(
            wanted.user,
            at.name,
            name=wanted.name,
            identity=wanted.identity or person or connected.called,
            person=person,
            first_name=connected.first_name,
            several=None if person is None else connected.several,
            options=connected.options,
            credential_id=slot.id if isinstance(slot, StoredCredential) else None,
            source_type=at.type.name,
        ),
        clock(),
    )
    return AddedAccount(stored, warning, connected.found)


async def _expect_other_person(
    store: Store, at: ConfiguredSource, wanted: Wanted, person: str, options: Mapping[str, str]
) -> None:
    """Raise NameTaken if another account of the user reads the same."""
    for other in await store.accounts.all(user=wanted.user, source=at.name):
        if other.name != wanted.name and (other.person, dict(other.options)) == (person, dict(options)):
            there = f' as "{other.name}"' if other.name else ""
            raise NameTaken(f"{wanted.user} has an account for this person at {at.title} already{there}.")
