from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.model.event import Event, Kind, Part, Timed
from bridge.model.tracked import TrackedEvent
from bridge.model.window import Window
from bridge.store.account import State, StoredAccount
from bridge.store.columns import uid_from_bytes, uid_to_bytes
from bridge.store.jobs import PartChange, Standing
from bridge.store.parts import Held, KnownAnswer, KnownPart
from bridge.store.storage import Store
from tests.conftest import SettableClock
from tests.saving import save_refresh
from tests.store.conftest import add_account, add_feed


@pytest.fixture
async def account(store: Store, clock: SettableClock) -> StoredAccount:
    await store.users.add("anna", "Anna", clock())
    await add_account(store)
    return await now(store)


async def now(store: Store) -> StoredAccount:
    (found,) = await store.accounts.all()
    return found


async def known(store: Store) -> Mapping[Part, KnownPart]:
    job = await store.jobs.get((await now(store)).id)
    assert job is not None
    return job.known


def entry(uid: str, clock: SettableClock, title: str = "Wiskunde", kind: Kind = Kind.LESSON) -> TrackedEvent:
    when = Timed(clock(), clock() + timedelta(hours=1), "Europe/Amsterdam")
    return TrackedEvent(uid, "fortes", Event(uid, kind, when, title), 0, clock(), clock())


def known_as(digest: str, events: int, held: Held | None = None) -> KnownPart:
    came = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
    days = Window(date(2026, 9, 23), date(2027, 11, 23))
    return KnownPart(
        {"": KnownAnswer(digest, came), "2026-W48": KnownAnswer(f"{digest} too", came)}, events, held, days
    )


def standing(clock: SettableClock) -> Standing:
    return Standing(State.OK, 0, clock(), None, clock() + timedelta(minutes=30))


async def test_what_is_saved_is_read_again(store: Store, clock: SettableClock, account: StoredAccount) -> None:
    entries = [entry("1", clock), entry("2", clock, "Frans 🥐"), entry("3", clock)]
    await save_refresh(
        store, account, [PartChange(Part.SCHEDULE, known_as("digest", 3), added=entries)], standing(clock)
    )
    moved = entry("2", clock, "Duits", Kind.EXAM)
    change = PartChange(Part.SCHEDULE, known_as("other", 2), changed=[moved], removed={"3"})
    await save_refresh(store, await now(store), [change], standing(clock))
    kept = await store.events.of_part(account.id, Part.SCHEDULE)
    assert sorted(kept, key=lambda one: one.uid) == [entries[0], moved]
    assert await known(store) == {Part.SCHEDULE: known_as("other", 2)}
    assert await store.events.of_user("anna", [Kind.EXAM], ["fortes"]) == [moved]
    assert await store.events.of_user("anna", [Kind.EXAM], ["uva"]) == []


async def test_what_a_source_without_accounts_has_is_told_from_a_person_s_own(
    store: Store, clock: SettableClock, account: StoredAccount
) -> None:
    await store.accounts.ensure_shared("vrij", clock())
    (everybody,) = [one for one in await store.accounts.all() if one.user is None]
    for owner, uid in ((account, "own"), (everybody, "shared")):
        change = PartChange(Part.HOLIDAYS, known_as("x", 1), added=[entry(uid, clock, "Vrij", Kind.HOLIDAY)])
        await save_refresh(store, owner, [change], standing(clock))
    found = await store.events.of_user("anna", [Kind.HOLIDAY], None)
    assert {one.uid: one.shared for one in found} == {"own": False, "shared": True}


async def test_what_is_held_is_kept_with_its_moment(store: Store, clock: SettableClock, account: StoredAccount) -> None:
    held = Held(frozenset({"1", "2"}), clock())
    await save_refresh(store, account, [PartChange(Part.SCHEDULE, known_as("digest", 7, held))], standing(clock))
    assert (await known(store))[Part.SCHEDULE] == known_as("digest", 7, held)


async def test_only_a_change_of_events_makes_feeds_anew(
    store: Store, clock: SettableClock, account: StoredAccount
) -> None:
    await add_feed(store)
    (feed,) = await store.feeds.all()
    await save_refresh(store, account, [PartChange(Part.SCHEDULE, known_as("digest", 0))], standing(clock))
    assert [found.wanted for found in await store.feeds.all()] == [feed.wanted]
    change = PartChange(Part.SCHEDULE, known_as("digest", 1), added=[entry("1", clock)])
    await save_refresh(store, await now(store), [change], standing(clock))
    assert [found.wanted for found in await store.feeds.all()] == [feed.wanted + 1]


async def test_nothing_is_saved_for_an_account_that_was_added_again_meanwhile(
    store: Store, clock: SettableClock, account: StoredAccount
) -> None:
    clock.forward(seconds=1)
    await add_account(store, person="8")
    change = PartChange(Part.SCHEDULE, known_as("digest", 1), added=[entry("1", clock)])
    await save_refresh(store, account, [change], standing(clock))
    assert (await now(store)).state is State.NEW
    assert await store.events.of_part(account.id, Part.SCHEDULE) == []
    assert await known(store) == {}


async def test_a_thousand_events_may_go_at_once(store: Store, clock: SettableClock, account: StoredAccount) -> None:
    entries = [entry(str(number), clock) for number in range(1000)]
    await save_refresh(
        store, account, [PartChange(Part.SCHEDULE, known_as("digest", 1000), added=entries)], standing(clock)
    )
    uids = {found.uid for found in entries}
    await save_refresh(
        store, await now(store), [PartChange(Part.SCHEDULE, known_as("other", 0), removed=uids)], standing(clock)
    )
    assert await store.events.of_part(account.id, Part.SCHEDULE) == []


async def test_what_one_part_drops_another_may_have_at_once(
    store: Store, clock: SettableClock, account: StoredAccount
) -> None:
    one = entry("1", clock)
    await save_refresh(store, account, [PartChange(Part.SCHEDULE, known_as("digest", 1), added=[one])], standing(clock))
    moved = [
        PartChange(Part.HOMEWORK, known_as("digest", 1), added=[one]),
        PartChange(Part.SCHEDULE, known_as("other", 0), removed={"1"}),
    ]
    await save_refresh(store, await now(store), moved, standing(clock))
    assert await store.events.of_part(account.id, Part.SCHEDULE) == []
    assert await store.events.of_part(account.id, Part.HOMEWORK) == [one]


async def test_an_event_that_two_parts_tell_is_kept_once(
    store: Store, clock: SettableClock, account: StoredAccount
) -> None:
    both = [
        PartChange(Part.SCHEDULE, known_as("digest", 1), added=[entry("1", clock)]),
        PartChange(Part.HOMEWORK, known_as("digest", 2), added=[entry("1", clock), entry("2", clock)]),
    ]
    await save_refresh(store, account, both, standing(clock))
    assert await store.events.of_part(account.id, Part.SCHEDULE) == [entry("1", clock)]
    assert await store.events.of_part(account.id, Part.HOMEWORK) == [entry("2", clock)]


@given(st.uuids().map(str) | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1))
def test_a_uid_comes_back_as_it_was(uid: str) -> None:
    assert uid_from_bytes(uid_to_bytes(uid)) == uid


def test_a_uuid_takes_sixteen_bytes() -> None:
    uid = "5b0c1c4e-6a52-5d0f-9d4b-6f1f3f0f7e21"
    assert len(uid_to_bytes(uid)) == 16
    assert 16 not in {
        len(uid_to_bytes(other)) for other in (uid.upper(), uid.replace("-", ""), *("a" * n for n in range(20)))
    }
