"""Which events a feed is known to lack: what the publisher has to make, and no more."""

from datetime import timedelta

import pytest

from bridge.model.event import Event, Kind, Part, Timed
from bridge.model.names import Names
from bridge.model.tracked import TrackedEvent
from bridge.store.account import State
from bridge.store.feed import Feed
from bridge.store.jobs import PartChange, Standing
from bridge.store.parts import KnownPart
from bridge.store.renderings import Rendering
from bridge.store.storage import Store
from tests.conftest import SettableClock
from tests.saving import save_refresh
from tests.store.conftest import add_account, add_feed


@pytest.fixture(autouse=True)
async def published(store: Store, clock: SettableClock) -> None:
    """Anna's account, and her feed, which shows what there is."""
    await store.users.add("anna", "Anna", clock())
    await add_account(store)
    await add_feed(store)
    await publish(store, await feed(store), clock)


async def feed(store: Store) -> Feed:
    (found,) = await store.feeds.all()
    return found


async def publish(store: Store, wanted: Feed, clock: SettableClock, **span: float) -> None:
    until = clock() + timedelta(**span) if span else None
    await store.renderings.publish([(wanted, Rendering.of(b"x", valid_until=until))], clock())


def entries(clock: SettableClock, *uids: str) -> list[TrackedEvent]:
    when = Timed(clock(), clock() + timedelta(hours=1), "Europe/Amsterdam")
    return [TrackedEvent(uid, "fortes", Event(uid, Kind.LESSON, when, ""), 0, clock(), clock()) for uid in uids]


async def save(store: Store, clock: SettableClock, *changes: PartChange) -> None:
    (account,) = await store.accounts.all()
    standing = Standing(State.OK, 0, clock(), None, clock() + timedelta(minutes=30))
    await save_refresh(store, account, changes, standing)


async def add(store: Store, clock: SettableClock, *uids: str) -> None:
    await save(store, clock, PartChange(Part.SCHEDULE, KnownPart(), added=entries(clock, *uids)))


async def test_what_was_never_rendered_lacks_anything(store: Store) -> None:
    await add_feed(store, name="other")
    assert (await store.feeds.get("anna", "other")).changes is None


async def test_events_that_are_new_different_or_gone_add_up_until_they_are_published(
    store: Store, clock: SettableClock
) -> None:
    assert (await feed(store)).changes == frozenset()
    await add(store, clock, "1", "2", "3")
    assert (await feed(store)).changes == frozenset("123")
    await publish(store, await feed(store), clock)
    assert (await feed(store)).changes == frozenset()
    await save(store, clock, PartChange(Part.SCHEDULE, KnownPart(), changed=entries(clock, "2"), removed={"3"}))
    await save(store, clock, PartChange(Part.HOMEWORK, KnownPart(), added=entries(clock, "4"), removed={"2"}))
    assert (await feed(store)).changes == frozenset("234")


async def test_a_rendering_that_is_overtaken_takes_no_change_away(store: Store, clock: SettableClock) -> None:
    await add(store, clock, "1")
    overtaken = await feed(store)
    await add(store, clock, "2")
    await publish(store, overtaken, clock)
    assert (await feed(store)).changes == frozenset("12")


async def test_what_time_changes_is_known_too(store: Store, clock: SettableClock) -> None:
    await add(store, clock, "1", "2")
    await publish(store, await feed(store), clock)
    (account,) = await store.accounts.all()
    async with store.locks.hold(account.lock) as lease:
        await store.events.age(account.id, entries(clock, "1"), {"2"}, lease=lease)
    assert (await feed(store)).changes == frozenset("12")


async def test_a_choice_of_the_owner_may_change_anything(store: Store, clock: SettableClock) -> None:
    await store.feeds.revise("anna", "default", {"language": "fr"}, clock())
    assert (await feed(store)).changes is None
    await add(store, clock, "1")
    assert (await feed(store)).changes is None


async def test_an_account_that_goes_and_a_school_that_is_renamed_may_change_anything(
    store: Store, clock: SettableClock
) -> None:
    await save(store, clock, PartChange(Part.NAMES, KnownPart(), names=Names("Fortes"), renames_school=True))
    assert (await feed(store)).changes is None
    await publish(store, await feed(store), clock)
    await store.accounts.remove("anna", "fortes", store.credentials.now())
    assert (await feed(store)).changes is None


async def test_another_renderer_may_change_anything(store: Store, clock: SettableClock) -> None:
    for renderer in (1, 2):
        await store.renderings.renew(renderer)
        assert (await feed(store)).changes is None
        (again,) = await store.renderings.to_render(limit=9, now=clock())
        await publish(store, again, clock)
        await store.renderings.renew(renderer)
        assert await store.renderings.to_render(limit=9, now=clock()) == []


async def test_a_day_that_goes_by_may_change_anything(store: Store, clock: SettableClock) -> None:
    await add(store, clock, "1")
    await publish(store, await feed(store), clock, hours=1)
    assert await store.renderings.to_render(limit=9, now=clock()) == []
    clock.forward(hours=1)
    (expired,) = await store.renderings.to_render(limit=9, now=clock())
    assert expired.changes is None


async def test_very_many_changes_are_any(store: Store, clock: SettableClock) -> None:
    for start in range(100, 200, 20):
        await add(store, clock, *(f"{number:036}" for number in range(start, start + 20)))
        assert len((await feed(store)).changes or ()) == start - 80
    for start in (200, 220):
        await add(store, clock, *(f"{number:036}" for number in range(start, start + 20)))
    assert (await feed(store)).changes is None
    await publish(store, await feed(store), clock)
    await add(store, clock, *(f"{number:036}" for number in range(500, 700)))
    assert (await feed(store)).changes is None
