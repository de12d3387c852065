import asyncio
import time

import pytest
from sqlalchemy import Connection, text, update

from bridge.errors import NameTaken, UnknownName
from bridge.store.database import execute
from bridge.store.renderings import Gone
from bridge.store.schema import accounts, revoked_tokens, users
from bridge.store.storage import Store
from bridge.store.tokens import hash_token
from bridge.store.wanted import want_feeds
from tests.conftest import SettableClock
from tests.store.conftest import add_account, add_feed
from tests.tables import contents


async def test_a_name_is_one_users(store: Store, clock: SettableClock) -> None:
    anna = await store.users.add("anna", "Anna", clock())
    with pytest.raises(UnknownName, match='A user called "anna" exists already'):
        await store.users.add("anna", "Another", clock())
    assert await store.users.get("anna") == anna


@pytest.mark.parametrize(("name", "other"), [("anna", "ANNA"), ("élin", "ÉLIN"), ("straße", "STRASSE")])
async def test_no_two_names_differ_in_case_alone(store: Store, clock: SettableClock, name: str, other: str) -> None:
    await store.users.add(name, "", clock())
    assert await store.users.like(other) == name
    with pytest.raises(NameTaken):
        await store.users.add(other, "", clock())
    assert [user.name for user in await store.users.all()] == [name]


async def test_users_whom_a_host_of_before_adds_beside_this_one_are_known_by_their_names_too(
    store: Store, clock: SettableClock
) -> None:
    for name in ("Anna", "bram", "Cas"):
        await store.users.add(name, "", clock())
    before = update(users).values(folded=None)
    await store.database.write(execute, before)
    assert [await store.users.like(name) for name in ("Anna", "BRAM", "cas", "dirk")] == ["Anna", "bram", "Cas", None]
    found = await store.surveys.people("cas", offset=0, limit=5)
    assert [one.user.name for one in found.people] == ["Cas"]


async def test_of_two_users_of_before_whose_names_differ_in_case_alone_each_is_like_themselves(
    store: Store, clock: SettableClock
) -> None:
    await store.users.add("other", "", clock())
    await store.database.write(execute, update(users).values(name="anna", folded=None))
    await store.users.add("Anna", "", clock())
    assert [await store.users.like(name) for name in ("anna", "Anna")] == ["anna", "Anna"]


async def test_users_are_listed_by_name(store: Store, clock: SettableClock) -> None:
    for name in ("cas", "anna", "bram"):
        await store.users.add(name, name.title(), clock())
    assert [(user.name, user.title) for user in await store.users.all()] == [
        ("anna", "Anna"),
        ("bram", "Bram"),
        ("cas", "Cas"),
    ]


async def test_nobody_is_removed_by_a_wrong_name(store: Store, clock: SettableClock) -> None:
    await store.users.add("anna", "Anna", clock())
    for ask in (store.users.get("ann"), store.users.remove("ann", clock())):
        with pytest.raises(UnknownName, match='No user is called "ann"'):
            await ask
    assert [user.name for user in await store.users.all()] == ["anna"]


async def test_of_a_removed_user_nothing_stays_but_that_the_addresses_were_good(
    store: Store, clock: SettableClock
) -> None:
    await store.users.add("anna", "Anna", clock())
    credential = await store.credentials.add("fortes", "refresh-1")
    await add_account(store, credential=credential.id)
    tokens = [await add_feed(store, name=name) for name in ("default", "work")]
    await store.users.remove("anna", clock())
    assert [await store.renderings.head(hash_token(token)) for token in tokens] == [Gone(), Gone()]
    rows = await contents(store.database)
    assert {name for name, found in rows.items() if found} == {"meta", revoked_tokens.name}


async def test_others_keep_what_is_theirs(store: Store, clock: SettableClock) -> None:
    for user in ("anna", "bram"):
        await store.users.add(user, "", clock())
        await add_account(store, user, (await store.credentials.add("fortes", user)).id)
        await add_feed(store, user)
    await store.users.remove("anna", clock())
    assert [account.user for account in await store.accounts.all()] == ["bram"]
    assert [feed.user for feed in await store.feeds.all()] == ["bram"]
    (account,) = await store.accounts.all()
    assert account.credential_id is not None
    assert (await store.credentials.get(account.credential_id)).secret == "bram"


async def test_a_user_can_be_removed_while_a_refresh_is_being_written(store: Store, clock: SettableClock) -> None:
    user = await store.users.add("anna", "Anna", clock())
    number = await add_account(store)
    await add_feed(store)
    begun, loop = asyncio.Event(), asyncio.get_running_loop()

    def write_slowly(connection: Connection) -> None:
        connection.execute(update(accounts).where(accounts.c.id == number).values(failures=1))
        loop.call_soon_threadsafe(begun.set)
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_sleep(0.2)"))  # in the event loop, which goes on meanwhile
        else:
            time.sleep(0.2)  # in a thread of its own
        want_feeds(connection, user.id)

    writing = asyncio.create_task(store.database.write(write_slowly))
    await begun.wait()
    await asyncio.gather(writing, store.users.remove("anna", clock()))
    assert await store.users.all() == []
