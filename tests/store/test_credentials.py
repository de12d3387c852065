import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from bridge.store.account import State
from bridge.store.credentials import StoredCredential
from bridge.store.database import execute
from bridge.store.schema import accounts, credentials, leases
from bridge.store.storage import Store
from bridge.upstream.credential import AccessToken
from tests.conftest import SettableClock
from tests.program import PATIENCE, until
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


async def test_while_a_secret_is_out_another_host_waits_and_then_has_what_came_for_it(
    open_storage: OpenStorage, clock: SettableClock
) -> None:
    async with open_storage() as one, open_storage() as other:
        mine = await one.credentials.add("fortes", "refresh-1")
        theirs = await other.credentials.get(mine.id)
        assert await mine.claim()
        waiting = asyncio.create_task(theirs.claim())
        await asyncio.wait({waiting}, timeout=0.3)
        assert not waiting.done()
        await mine.replace("refresh-2", access(clock))
        assert not await waiting
        assert (theirs.secret, theirs.access, theirs.dead) == ("refresh-2", access(clock), False)
        assert await theirs.claim()
        await theirs.release()


async def test_an_answer_that_comes_after_another_host_was_refused_for_the_same_secret_revives_the_login(
    open_storage: OpenStorage, clock: SettableClock
) -> None:
    async with open_storage() as slow, open_storage() as other:
        await slow.users.add("anna", "Anna", clock())
        sleeping = await slow.credentials.add("fortes", "refresh-1")
        await add_account(slow, credential=sleeping.id)
        assert await sleeping.claim()
        await expire_leases(other)
        awake = await other.credentials.get(sleeping.id)
        assert await awake.claim()
        await awake.refuse()
        assert (await other.credentials.get(sleeping.id)).dead
        await other.database.write(execute, update(accounts).values(state="login-needed"))
        await sleeping.replace("refresh-2", access(clock))
        kept = await other.credentials.get(sleeping.id)
        assert (kept.secret, kept.dead) == ("refresh-2", False)
        (account,) = await other.accounts.all()
        assert account.state is State.NEW
        assert account.next_due < clock()


async def test_a_refusal_of_what_another_host_sent_again_ends_nothing(
    open_storage: OpenStorage, clock: SettableClock
) -> None:
    async with open_storage() as slow, open_storage() as other:
        sleeping, awake = await sent_twice(slow, other)
        await sleeping.refuse()
        assert not sleeping.dead
        async with asyncio.timeout(10):
            await awake.replace("refresh-2", access(clock))
        kept = await slow.credentials.get(sleeping.id)
        assert (kept.secret, kept.dead) == ("refresh-2", False)


async def test_a_secret_that_another_host_was_refused_is_not_sent_again(open_storage: OpenStorage) -> None:
    async with open_storage() as one, open_storage() as other:
        mine = await one.credentials.add("fortes", "refresh-1")
        theirs = await other.credentials.get(mine.id)
        assert await theirs.claim()
        await theirs.refuse()
        claimed = await mine.claim()
        await mine.release()
        assert not claimed
        assert mine.dead


async def test_of_two_answers_for_one_secret_the_first_is_kept(open_storage: OpenStorage, clock: SettableClock) -> None:
    async with open_storage() as slow, open_storage() as other:
        sleeping, awake = await sent_twice(slow, other)
        await awake.replace("refresh-2", access(clock))
        await sleeping.replace("refresh-3", access(clock))
        assert (await slow.credentials.get(sleeping.id)).secret == sleeping.secret == "refresh-2"


async def test_an_answer_is_kept_also_where_the_storage_has_no_place_for_it_for_a_while(
    store: Store, clock: SettableClock
) -> None:
    """As while an operator puts back a copy under a running service."""

    async def rename(name: str, to: str) -> None:
        await store.database.write(lambda connection: connection.exec_driver_sql(f"ALTER TABLE {name} RENAME TO {to}"))

    credential = await store.credentials.add("fortes", "refresh-1")
    assert await credential.claim()
    await rename("credentials", "away")
    with capture_logs() as told:
        keeping = asyncio.create_task(credential.replace("refresh-2", access(clock)))
        await until(lambda: keeping.done() or any(line["event"] == "login.kept_in_memory" for line in told))
    assert not keeping.done()
    await rename("away", "credentials")
    await keeping
    assert (await store.credentials.get(credential.id)).secret == "refresh-2"


async def test_a_secret_without_an_answer_can_be_sent_again(store: Store) -> None:
    credential = await store.credentials.add("fortes", "refresh-1")
    for _ in range(2):
        assert await credential.claim()
        await credential.release()
    assert not (await store.credentials.get(credential.id)).dead


async def test_a_refused_secret_is_dead_and_its_access_token_gone(store: Store, clock: SettableClock) -> None:
    credential = await store.credentials.add("fortes", "refresh-1")
    await credential.replace("refresh-2", access(clock))
    await credential.refuse()
    assert credential.dead
    kept = await store.credentials.get(credential.id)
    assert (kept.dead, kept.access) == (True, None)


async def test_no_secret_is_sent_once_the_process_stops_and_it_waits_for_those_that_are_out(
    store: Store, clock: SettableClock
) -> None:
    out, other = [await store.credentials.add("fortes", secret) for secret in ("out", "other")]
    assert await out.claim()
    assert store.credentials.stop() == 1
    with pytest.raises(asyncio.CancelledError):
        await other.claim()
    settling = asyncio.create_task(store.credentials.settle())
    await asyncio.wait({settling}, timeout=0.1)
    assert not settling.done()
    await out.replace("new", access(clock))
    await asyncio.wait_for(settling, PATIENCE)


async def sent_twice(slow: Store, other: Store) -> tuple[StoredCredential, StoredCredential]:
    """A secret that one host sent before it fell asleep, and another one again two minutes later."""
    sleeping = await slow.credentials.add("fortes", "refresh-1")
    assert await sleeping.claim()
    await expire_leases(other)
    awake = await other.credentials.get(sleeping.id)
    assert await awake.claim()
    return sleeping, awake


async def expire_leases(store: Store) -> None:
    """All leases have ended, as after two minutes."""
    await store.database.write(execute, update(leases).values(until=1.0))


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
    await store.accounts.remove("anna", "fortes", store.credentials.now())
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
