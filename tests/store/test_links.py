from datetime import timedelta

import pytest

from bridge.errors import UnknownName
from bridge.store.account import NewAccount
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
    assert await store.links.find(first, clock()) == Replaced()
    assert await store.links.find(second, clock()) == await store.users.get(anna)


async def test_an_address_that_never_was_is_nobodys(store: Store, anna: str, clock: SettableClock) -> None:
    await store.links.token(anna, clock())
    assert await store.links.find("rm_wrong", clock()) is None
    for ask in (store.links.token("bram", clock()), store.links.renew("bram", clock())):
        with pytest.raises(UnknownName, match='No user is called "bram"'):
            await ask


async def test_the_page_of_a_removed_user_is_gone_and_stays_so_for_the_next_of_that_name(
    store: Store, anna: str, clock: SettableClock
) -> None:
    token = await store.links.token(anna, clock())
    await store.users.remove(anna, clock())
    await store.users.add(anna, "Another", clock())
    assert await store.links.find(token, clock()) == Replaced()
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


async def test_an_invitation_is_good_for_a_while_and_for_good_once_it_is_taken_up(
    store: Store, anna: str, clock: SettableClock
) -> None:
    bram = await store.users.add("bram", "Bram", clock())
    until = clock() + timedelta(days=14)
    first, second = await store.links.invite([anna, "bram"], clock(), until)
    assert [one.user.name for one in (first, second)] == [anna, "bram"]
    clock.forward(days=7)
    assert await store.links.find(second.token, clock()) == bram
    later = until + timedelta(days=7)
    assert await store.links.invite([anna, "bram"], clock(), later) == [first]  # still good, and Bram has his page
    clock.forward(days=14)
    assert await store.links.find(first.token, clock()) == Replaced()
    assert await store.links.find(second.token, clock()) == bram
    (again,) = await store.links.invite([anna], clock(), clock() + timedelta(days=14))
    assert again.token != first.token
    assert await store.links.find(first.token, clock()) == Replaced()
    assert await store.links.token(anna, clock()) == again.token  # asked for by an operator, it does not end
    clock.forward(days=15)
    assert await store.links.find(again.token, clock()) == await store.users.get(anna)


async def test_who_is_unknown_has_been_so_since_it_was_first_noticed(store: Store, clock: SettableClock) -> None:
    numbers = []
    for name in ("anna", "bram"):
        await store.users.add(name, name, clock())
        account = await store.accounts.put(
            NewAccount(name, "school", identity=name, person=name, source_type="club"), clock()
        )
        numbers.append(account.id)
    anna, bram = numbers
    first = clock()
    await store.leavers.note("school", [anna, bram], first)
    clock.forward(days=1)
    await store.leavers.note("other", [], clock())
    await store.leavers.note("school", [anna], clock())
    assert await store.leavers.since("school") == {anna: first}
    await store.leavers.note("school", [anna, bram], clock())
    assert await store.leavers.since("school") == {anna: first, bram: clock()}
    await store.users.remove("anna", clock())
    assert await store.leavers.since("school") == {bram: clock()}
