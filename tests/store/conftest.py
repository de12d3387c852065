from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

import pytest

from bridge.model.event import Kind
from bridge.store.account import NewAccount, State
from bridge.store.cipher import Cipher
from bridge.store.feed import NewFeed
from bridge.store.jobs import Standing
from bridge.store.storage import Store, open_store
from tests.conftest import KEY, SettableClock
from tests.saving import save_refresh

OpenStorage = Callable[..., AbstractAsyncContextManager[Store]]


@pytest.fixture
def open_storage(storage_url: str, clock: SettableClock) -> OpenStorage:
    """Open the same storage, with the usual key or with others."""

    def opened(*keys: str) -> AbstractAsyncContextManager[Store]:
        return open_store(storage_url, Cipher(list(keys) or [KEY]), clock)

    return opened


@pytest.fixture
async def store(storage_url: str, open_storage: OpenStorage) -> AsyncIterator[Store]:
    async with open_storage() as opened:
        yield opened


async def add_feed(store: Store, user: str = "anna", name: str = "default", **options: str) -> str:
    """A feed of lessons; gives its token."""
    return await store.feeds.add(user, NewFeed(name, kinds=[Kind.LESSON], options=options), store.credentials.now())


async def add_account(store: Store, user: str = "anna", credential: int | None = None, person: str | None = "7") -> int:
    """An account of `user` at fortes; gives its number."""
    account = await store.accounts.put(
        NewAccount(user, "fortes", identity=person or "", person=person, credential_id=credential),
        store.credentials.now(),
    )
    return account.id


async def add_users(store: Store, clock: SettableClock, *users: str) -> list[int]:
    for user in users:
        await store.users.add(user, "", clock())
    return [await add_account(store, user) for user in users]


async def put_off(store: Store, user: str, clock: SettableClock, state: State = State.OK, **later: float) -> None:
    (account,) = await store.accounts.all(user=user)
    due = clock() + timedelta(**later)
    await save_refresh(store, account, [], Standing(state, 0, clock(), None, due))
