import asyncio
from datetime import timedelta

import pytest

from bridge.store.schema import credentials
from bridge.store.storage import Store
from bridge.upstream.credential import AccessToken
from tests.conftest import SettableClock
from tests.store.conftest import OpenStorage, add_account
from tests.tables import contents


def access(clock: SettableClock) -> AccessToken:
    return AccessToken("opens-everything", clock() + timedelta(hours=1), {"api_url": "https://api.example.nl"})


async def test_what_took_a_secrets_place_is_used_when_the_secret_is_given_again(
    store: Store, clock: SettableClock
) -> None:
    first = await store.credentials.add("fortes", "refresh-1")
    await first.replace("refresh-2", access(clock))
    again = await store.credentials.add("fortes", "refresh-1")
    assert (again.id, again.secret, again.access) == (first.id, "refresh-2", access(clock))


async def test_two_that_bring_one_secret_at_once_get_one_login(open_storage: OpenStorage) -> None:
    async with open_storage() as one, open_storage() as other:
        found = await asyncio.gather(*(store.credentials.add("fortes", "refresh-1") for store in (one, other) * 4))
    assert len({credential.id for credential in found}) == 1


async def test_the_same_secret_at_another_source_is_another_login(store: Store) -> None:
    one, other = [await store.credentials.add(source, "refresh-1") for source in ("fortes", "lyceum")]
    assert one.id != other.id


async def test_a_secret_that_is_out_counts_as_spent_until_it_is_known_not_to_be(store: Store) -> None:
    credential = await store.credentials.add("fortes", "refresh-1")
    assert not credential.spent
    await credential.sending()
    assert (await store.credentials.get(credential.id)).spent
    await credential.returned()
    assert not (await store.credentials.get(credential.id)).spent


async def test_a_new_secret_is_not_spent(store: Store, clock: SettableClock) -> None:
    credential = await store.credentials.add("fortes", "refresh-1")
    await credential.sending()
    await credential.replace("refresh-2", access(clock))
    kept = await store.credentials.get(credential.id)
    assert (kept.secret, kept.spent) == ("refresh-2", False)


async def test_a_refused_secret_is_spent_for_good_and_its_access_token_gone(store: Store, clock: SettableClock) -> None:
    credential = await store.credentials.add("fortes", "refresh-1")
    await credential.replace("refresh-2", access(clock))
    await credential.refuse()
    assert credential.spent
    kept = await store.credentials.get(credential.id)
    assert (kept.spent, kept.access) == (True, None)


async def test_a_login_that_nobody_came_to_use_is_dropped_after_an_hour(store: Store, clock: SettableClock) -> None:
    await store.users.add("anna", "Anna", clock())
    used = await store.credentials.add("fortes", "used")
    await add_account(store, credential=used.id)
    await store.credentials.add("fortes", "unused")
    clock.forward(minutes=59)
    await store.credentials.drop_unused()
    assert await numbers(store) != [used.id]
    clock.forward(minutes=2)
    await store.credentials.drop_unused()
    assert await numbers(store) == [used.id]


async def test_a_login_is_forgotten_only_while_no_account_uses_it(store: Store, clock: SettableClock) -> None:
    await store.users.add("anna", "Anna", clock())
    used, unused = [await store.credentials.add("fortes", secret) for secret in ("used", "unused")]
    await add_account(store, credential=used.id)
    for credential in (used, unused):
        await store.credentials.forget(credential.id)
    assert await numbers(store) == [used.id]


async def test_a_login_lasts_as_long_as_an_account_uses_it(store: Store, clock: SettableClock) -> None:
    for user in ("anna", "bram"):
        await store.users.add(user, "", clock())
    shared = await store.credentials.add("fortes", "parent")
    for user in ("anna", "bram"):
        await add_account(store, user, shared.id)
    await store.accounts.remove("anna", "fortes")
    assert await numbers(store) == [shared.id]
    await store.users.remove("bram", clock())
    assert await numbers(store) == []


async def test_the_login_that_another_one_replaces_is_dropped(store: Store, clock: SettableClock) -> None:
    await store.users.add("anna", "Anna", clock())
    old, new = [await store.credentials.add("fortes", secret) for secret in ("old", "new")]
    for credential in (old, new):
        await add_account(store, credential=credential.id)
    assert await numbers(store) == [new.id]


async def test_neither_secret_nor_access_token_shows_in_a_representation(store: Store, clock: SettableClock) -> None:
    credential = await store.credentials.add("fortes", "refresh-1")
    await credential.replace("refresh-2", access(clock))
    for shown in (repr(credential), repr(credential.access)):
        assert "refresh-" not in shown
        assert "opens-everything" not in shown


@pytest.mark.parametrize("secret", ["ü☃", "with\nlines", "x" * 5000])
async def test_any_secret_comes_back_as_it_was(store: Store, secret: str) -> None:
    assert (await store.credentials.add("fortes", secret)).secret == secret


async def numbers(store: Store) -> list[int]:
    return [row[0] for row in (await contents(store.database, credentials))["credentials"]]
