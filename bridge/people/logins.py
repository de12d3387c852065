"""Log in with a browser, on behalf of a command or a page."""

from contextlib import AsyncExitStack
from dataclasses import replace

from bridge.errors import BridgeError, ChoiceNeeded, ConfigError, UnknownPerson
from bridge.model.clock import Clock
from bridge.people.accounts import AddedAccount, Wanted, add_account, connect_account, keep_granted, revoke_login
from bridge.store.account import NewAccount, StoredAccount
from bridge.store.credentials import StoredCredential
from bridge.store.lock import for_login
from bridge.store.storage import Store
from bridge.upstream.capabilities import LoginAttempt, OffersLogin
from bridge.upstream.configured import ConfiguredSource


async def begin_login(store: Store, at: ConfiguredSource, user: str) -> LoginAttempt:
    """Start a login of `user` at a source.

    Raises:
        ConfigError: the source has no browser login.
        UnknownName: the user does not exist.
    """
    source = _offering(at)
    await store.users.get(user)
    return source.begin_login()


async def resume_login(
    store: Store, at: ConfiguredSource, user: str, *, identity: str, clock: Clock, name: str = ""
) -> AddedAccount | None:
    """Choose a person for a login that is kept from `finish_login`; `None` if there is no such login.

    Raises:
        UnknownPerson: the login has no such person.
        SourceError: the upstream could not be asked.
    """
    kept = await find_account(store, user, at.name, name)
    if kept is None or kept.identity or kept.credential_id is None:
        return None
    if (await store.credentials.get(kept.credential_id)).dead:
        return None
    return await add_account(store, at, Wanted(user, name=name, identity=identity, options=kept.options), clock)


async def finish_login(
    store: Store, at: ConfiguredSource, wanted: Wanted, attempt: LoginAttempt, pasted: str, clock: Clock
) -> AddedAccount:
    """Add the account of that name with the login that an attempt led to, or give it the new login and wake it.

    Without `identity` and `options`, an existing account keeps its own. Accounts that shared the old login share the
    new one if it has their persons. A login that no account uses is ended at the upstream.

    Raises:
        LoginMistake: what was pasted is not the answer. The same attempt can continue with another paste.
        AuthFailed: the code was used before or has expired. The attempt's address gives another.
        ChoiceNeeded: the login has several persons. The account keeps the login; continue with `resume_login`.
        UnknownPerson: the login has no such person. An existing account stays as it was.
        SourceError: the upstream could not be asked.
    """
    at.type.options.parse(wanted.options, at.title)
    granted = await _offering(at).finish_login(attempt, pasted)
    credential = await keep_granted(store, at.name, granted)
    found = await find_account(store, wanted.user, at.name, wanted.name)
    before = found if found is not None and found.fits(at.type.name) else None
    identity = wanted.identity or (before.identity if before else "") or None
    options = wanted.options or (before.options if before else {})
    wanted = replace(wanted, identity=identity, options=options)
    async with AsyncExitStack() as locks:
        await locks.enter_async_context(store.locks.hold(for_login(credential.id)))
        if before is not None and before.credential_id != credential.id:
            await locks.enter_async_context(store.locks.hold(before.lock))
        old = await store.credentials.get(before.credential_id) if before and before.credential_id else None
        try:
            added = await connect_account(store, at, wanted, credential, clock)
        except ChoiceNeeded:
            await store.accounts.put(
                NewAccount(
                    wanted.user,
                    at.name,
                    name=wanted.name,
                    identity="",
                    person=None,
                    options=wanted.options,
                    credential_id=credential.id,
                    source_type=at.type.name,
                ),
                clock(),
            )
            await _let_go(store, at, old)
            raise
        except BridgeError:
            await revoke_login(at, credential)
            await store.credentials.forget(credential.id)
            raise
        if before is not None:
            await _share(store, at, before, credential, clock)
        await _let_go(store, at, old)
    return added


async def _share(
    store: Store, at: ConfiguredSource, before: StoredAccount, credential: StoredCredential, clock: Clock
) -> None:
    """Give the new login to the other accounts that shared the login of `before`."""
    for other in await store.accounts.all(source=at.name):
        shared = before.credential_id is not None and other.credential_id == before.credential_id
        if shared and other.user is not None and other.identity and other.id != before.id:
            try:
                wanted = Wanted(other.user, other.name, other.identity, other.options)
                await connect_account(store, at, wanted, credential, clock)
            except UnknownPerson:
                continue


async def find_account(store: Store, user: str, source: str, name: str) -> StoredAccount | None:
    """The account of that name of a user at a source, if there is one."""
    return next((one for one in await store.accounts.all(user=user, source=source) if one.name == name), None)


async def _let_go(store: Store, at: ConfiguredSource, old: StoredCredential | None) -> None:
    """End a replaced login unless another account uses it."""
    if old is not None and all(found.credential_id != old.id for found in await store.accounts.all(source=at.name)):
        await revoke_login(at, old)


def _offering(at: ConfiguredSource) -> OffersLogin:
    if not isinstance(at.source, OffersLogin):
        raise ConfigError(f"{at.title} has no browser login; use `account add`.")
    return at.source
