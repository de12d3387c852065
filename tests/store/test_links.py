import pytest

from bridge.errors import UnknownName
from bridge.store.cipher import Cipher
from bridge.store.encryption import encrypt_again
from bridge.store.links import PREFIX, Replaced
from bridge.store.storage import Store
from tests.conftest import KEY, SettableClock
from tests.store.conftest import OpenStorage
from tests.tables import contents


@pytest.fixture
async def anna(store: Store, clock: SettableClock) -> str:
    return (await store.users.add("anna", "Anna", clock())).name


async def test_a_page_keeps_its_address_until_it_gets_a_new_one(store: Store, anna: str, clock: SettableClock) -> None:
    first = await store.links.token(anna, clock())
    assert first.startswith(PREFIX)
    assert len(first) == len(PREFIX) + 43
    assert await store.links.token(anna, clock()) == first
    second = await store.links.renew(anna, clock())
    assert second != first
    assert await store.links.token(anna, clock()) == second
    assert await store.links.find(first) == Replaced()
    assert await store.links.find(second) == await store.users.get(anna)


async def test_an_address_that_never_was_is_nobodys(store: Store, anna: str, clock: SettableClock) -> None:
    await store.links.token(anna, clock())
    assert await store.links.find("rm_wrong") is None
    for ask in (store.links.token("bram", clock()), store.links.renew("bram", clock())):
        with pytest.raises(UnknownName, match='No user is called "bram"'):
            await ask


async def test_the_page_of_a_removed_user_is_gone_and_stays_so_for_the_next_of_that_name(
    store: Store, anna: str, clock: SettableClock
) -> None:
    token = await store.links.token(anna, clock())
    await store.users.remove(anna, clock())
    await store.users.add(anna, "Another", clock())
    assert await store.links.find(token) == Replaced()
    assert await store.links.token(anna, clock()) != token


async def test_a_token_is_stored_encrypted_and_read_with_a_new_key(
    store: Store, anna: str, clock: SettableClock, open_storage: OpenStorage
) -> None:
    token = await store.links.token(anna, clock())
    assert token not in str(await contents(store.database))
    other = "bmV3LXJvb3N0ZXJicmlkZ2UtdGVzdC1rZXktMzItYnk="
    async with open_storage(other, KEY) as both:
        await encrypt_again(both.database, Cipher([other, KEY]))
    async with open_storage(other) as rotated:
        assert await rotated.links.token(anna, clock()) == token
