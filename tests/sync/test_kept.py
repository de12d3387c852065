import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from msgspec import structs

from bridge.model.event import AllDay, Event, Kind, Part, Timed, When
from bridge.model.window import Window
from bridge.store.account import NewAccount, State, StoredAccount
from bridge.store.cipher import Cipher
from bridge.store.events import KeptEvents
from bridge.store.jobs import PartChange, Standing
from bridge.store.parts import KnownPart
from bridge.store.storage import Store, open_store
from bridge.sync.kept import events_of_answer
from bridge.sync.reconcile import Difference, reconcile
from bridge.sync.snapshot import Delivered
from bridge.upstream.contract import Unread
from tests.conftest import KEY, SettableClock
from tests.saving import save_refresh

ZONE = ZoneInfo("America/Curacao")  # whose days begin hours away from those of UTC
PAST, FUTURE = timedelta(days=12), timedelta(days=20)


@pytest.fixture
async def store(storage_url: str, clock: SettableClock) -> AsyncIterator[Store]:
    async with open_store(storage_url, Cipher([KEY]), clock) as opened:
        await opened.users.add("anna", "Anna", clock())
        await opened.accounts.put(NewAccount("anna", "fortes", identity="7", person="7"), clock())
        yield opened


async def the_account(store: Store) -> StoredAccount:
    (found,) = await store.accounts.all()
    return found


async def save(store: Store, difference: Difference, clock: SettableClock) -> None:
    change = PartChange(Part.SCHEDULE, KnownPart(), difference.added, difference.replaced, difference.dropped)
    standing = Standing(State.OK, 0, clock(), None, clock())
    await save_refresh(store, await the_account(store), [change], standing)


def compare(kept: KeptEvents, delivered: Delivered, now: datetime) -> Difference:
    return reconcile(kept, delivered, source="fortes", person="7", now=now, zone=ZONE)


def lesson(identity: str, when: When, title: str = "Wiskunde", kind: Kind = Kind.LESSON) -> Event:
    return Event(identity, kind, when, title)


def at(clock: SettableClock, hours: float) -> Timed:
    start = clock() + timedelta(hours=hours)
    return Timed(start, start + timedelta(hours=1), ZONE.key)


def answer(clock: SettableClock, events: Sequence[Event], *covered: Window) -> Delivered:
    window = Window.around(clock(), ZONE, past=PAST, future=FUTURE)
    return Delivered(tuple(events), window, {}, covered=covered or None)


def around(clock: SettableClock, event: Event) -> Window:
    """The day of an event."""
    assert isinstance(event.when, Timed)
    day = event.when.start.astimezone(ZONE).date()
    return Window(day, day + timedelta(days=1))


async def test_an_answer_for_a_day_loads_that_day_and_no_week_away(store: Store, clock: SettableClock) -> None:
    near, far = lesson("near", at(clock, 24)), lesson("far", at(clock, 24 * 9))
    await save(store, compare(KeptEvents(), answer(clock, [near, far]), clock()), clock)
    moved = answer(clock, [structs.replace(near, title="Frans")], around(clock, near))
    kept = await events_of_answer(store.events, await the_account(store), Part.SCHEDULE, moved, person="7", now=clock())
    assert [entry.event for entry in kept.entries] == [near]
    assert (kept.others, kept.more) == (1, True)
    assert compare(kept, moved, clock()).events == 2


async def test_a_lesson_that_comes_from_days_that_are_not_loaded_is_still_the_same(
    store: Store, clock: SettableClock
) -> None:
    near, far = lesson("near", at(clock, 24)), lesson("far", at(clock, 24 * 9))
    await save(store, compare(KeptEvents(), answer(clock, [near, far]), clock()), clock)
    (uid,) = [e.uid for e in await store.events.of_part((await the_account(store)).id, Part.SCHEDULE) if e.event == far]
    here = answer(clock, [near, lesson("far", at(clock, 25))], around(clock, near))
    kept = await events_of_answer(store.events, await the_account(store), Part.SCHEDULE, here, person="7", now=clock())
    difference = compare(kept, here, clock())
    assert [(entry.uid, entry.sequence) for entry in difference.replaced] == [(uid, 1)]
    assert (difference.added, difference.events) == ((), 2)


async def test_a_lesson_that_has_another_identity_in_days_that_are_not_loaded_is_still_the_same(
    store: Store, clock: SettableClock
) -> None:
    near, far = lesson("near", at(clock, 24)), lesson("far", at(clock, 24 * 9))
    await save(store, compare(KeptEvents(), answer(clock, [near, far]), clock()), clock)
    (uid,) = [e.uid for e in await store.events.of_part((await the_account(store)).id, Part.SCHEDULE) if e.event == far]
    here = answer(clock, [near, lesson("new", at(clock, 25))], around(clock, near))
    here = replace(here, also={"new": ("far",)})
    kept = await events_of_answer(store.events, await the_account(store), Part.SCHEDULE, here, person="7", now=clock())
    difference = compare(kept, here, clock())
    assert [(entry.uid, entry.event.identity) for entry in difference.replaced] == [(uid, "new")]
    assert (difference.added, difference.events) == ((), 2)


async def test_the_uid_of_a_lesson_that_is_not_loaded_is_not_given_away(store: Store, clock: SettableClock) -> None:
    await save(store, compare(KeptEvents(), answer(clock, [lesson("1", at(clock, 24 * 9))]), clock()), clock)
    renamed = answer(clock, [lesson("2", at(clock, 24 * 9))])
    account = await the_account(store)
    kept = await events_of_answer(store.events, account, Part.SCHEDULE, renamed, person="7", now=clock())
    await save(store, compare(kept, renamed, clock()), clock)
    again = answer(clock, [lesson("1", at(clock, 24))], around(clock, lesson("1", at(clock, 24))))
    kept = await events_of_answer(store.events, await the_account(store), Part.SCHEDULE, again, person="7", now=clock())
    await save(store, compare(kept, again, clock()), clock)
    uids = {entry.uid for entry in await store.events.of_part(account.id, Part.SCHEDULE)}
    assert len(uids) == 2


def some_event(chance: random.Random, identity: str, clock: SettableClock) -> Event:
    hours = chance.randint(-24 * 10, 24 * 16)
    when: When = at(clock, hours)
    if chance.random() < 0.2:
        day = (clock() + timedelta(hours=hours)).date()
        when = AllDay(day, day + timedelta(days=chance.randint(1, 3)))
    return lesson(identity, when, chance.choice("xyz"), chance.choice([Kind.LESSON, Kind.EXAM, Kind.NOTICE]))


def some_answer(chance: random.Random, known: dict[str, Event], clock: SettableClock) -> Delivered:
    """Most of what was there is as it was; some is new, moved, gone, or called otherwise."""
    events = {}
    for identity in chance.sample("abcdefghijklmnopqrst", chance.randint(0, 20)):
        as_before = identity in known and chance.random() < 0.8
        event = known[identity] if as_before else some_event(chance, identity, clock)
        event = structs.replace(event, identity=identity.upper()) if chance.random() < 0.1 else event
        events[event.kind, event.identity] = event
    whole = answer(clock, ())
    if chance.random() < 0.7:
        first = whole.window.start + timedelta(days=chance.randint(0, 25))
        covered = (
            Window(first, first + timedelta(days=1)),
            Window(first + timedelta(days=3), first + timedelta(days=5)),
        )
        whole = answer(clock, (), *covered[: chance.randint(1, 2)])
    inside = tuple(event for event in events.values() if whole.window.overlaps(event.when, ZONE))
    return replace(whole, events=inside, unread=(Unread(),) * chance.choice([0, 0, 0, 1]))


@pytest.mark.parametrize("seed", range(4))
async def test_what_is_loaded_gives_the_difference_that_all_would(
    seed: int, store: Store, clock: SettableClock
) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same each time
    known: dict[str, Event] = {}
    for _ in range(25):
        clock.forward(hours=chance.choice([1, 5, 24, 24 * 6]))
        delivered = some_answer(chance, known, clock)
        account = await the_account(store)
        kept = await events_of_answer(store.events, account, Part.SCHEDULE, delivered, person="7", now=clock())
        every = KeptEvents(tuple(await store.events.of_part(account.id, Part.SCHEDULE)))
        difference, expected = compare(kept, delivered, clock()), compare(every, delivered, clock())
        assert in_order(difference) == in_order(expected)
        await save(store, difference, clock)
        known |= {event.identity.lower(): event for event in delivered.events}
    assert known


def in_order(difference: Difference) -> Difference:
    return replace(
        difference,
        added=tuple(sorted(difference.added, key=lambda entry: entry.uid)),
        replaced=tuple(sorted(difference.replaced, key=lambda entry: entry.uid)),
    )
