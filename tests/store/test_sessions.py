from datetime import timedelta

import pytest

from bridge.store.sessions import PREFIX
from bridge.store.storage import Store
from bridge.store.users import User
from tests.conftest import SettableClock
from tests.tables import contents

MONTH = timedelta(days=30)


@pytest.fixture
async def anna(store: Store, clock: SettableClock) -> User:
    return await store.users.add("anna", "Anna", clock())


async def test_a_session_is_of_a_person_or_of_an_operator(store: Store, anna: User, clock: SettableClock) -> None:
    mine = await store.sessions.open(clock(), user=anna)
    theirs = await store.sessions.open(clock(), operator=True, opened_with="abc")
    assert mine.startswith(PREFIX)
    found = await store.sessions.find(mine, since=clock() - MONTH)
    assert found is not None
    assert (found.user, found.operator) == (anna, False)
    found = await store.sessions.find(theirs, since=clock() - MONTH)
    assert found is not None
    assert (found.user, found.operator, found.opened_with) == (None, True, "abc")
    assert await store.sessions.find("rs_wrong", since=clock() - MONTH) is None


async def test_a_session_that_is_used_goes_on_and_another_ends(store: Store, anna: User, clock: SettableClock) -> None:
    used, unused = [await store.sessions.open(clock(), user=anna) for _ in range(2)]
    clock.forward(days=20)
    await store.sessions.touch(used, clock())
    clock.forward(days=11)
    assert await store.sessions.find(used, since=clock() - MONTH)
    assert await store.sessions.find(unused, since=clock() - MONTH) is None
    await store.sessions.forget(clock() - MONTH)
    assert len(await store.sessions.of_user(anna)) == 1


async def test_one_or_all_other_sessions_of_a_person_can_be_ended(
    store: Store, anna: User, clock: SettableClock
) -> None:
    bram = await store.users.add("bram", "Bram", clock())
    here, there, lost = [await store.sessions.open(clock(), user=anna) for _ in range(3)]
    brams = await store.sessions.open(clock(), user=bram)
    await store.sessions.end(lost)
    assert await store.sessions.find(lost, since=clock() - MONTH) is None
    await store.sessions.end_all_of(anna, but=here)
    assert await store.sessions.find(there, since=clock() - MONTH) is None
    for token in (here, brams):
        assert await store.sessions.find(token, since=clock() - MONTH)


async def test_the_sessions_of_a_removed_person_go_and_tokens_are_not_kept(
    store: Store, anna: User, clock: SettableClock
) -> None:
    token = await store.sessions.open(clock(), user=anna)
    assert token not in str(await contents(store.database))
    await store.users.remove("anna", clock())
    assert await store.sessions.find(token, since=clock() - MONTH) is None
