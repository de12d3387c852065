"""Feeds of which some events change: what they show is what all their events together give."""

import random
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import date, datetime, timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import update

from bridge.calendar.head import CalendarInfo
from bridge.calendar.options import FeedOptions
from bridge.calendar.render import VERSION, Rendered, render
from bridge.model.event import SHOWN_BY_DEFAULT, AllDay, Event, Kind, Part, Status, Timed
from bridge.model.names import Names
from bridge.model.tracked import TrackedEvent
from bridge.publishing.drafts import Drafts
from bridge.publishing.publisher import Publisher
from bridge.store.account import NewAccount, State
from bridge.store.cipher import Cipher
from bridge.store.feed import NewFeed
from bridge.store.jobs import PartChange, Standing
from bridge.store.parts import KnownPart
from bridge.store.schema import feed_bytes
from bridge.store.storage import Store, open_store
from tests.conftest import KEY, SettableClock
from tests.saving import save_refresh

FEEDS: dict[str, dict[str, str]] = {
    "default": {},
    "french": {"language": "fr", "cancelled": "hide", "alarms": "lesson:10m", "exclude": "frans"},
    "plain": {"compress": "off", "title": "{subject} {location}"},
    "busy": {"privacy": "busy"},
    "doubles": {"merge_double": "0"},
    "near": {"future": "30d"},
}
ALONE = {"default", "french", "plain"}
Chance = random.Random  # not secret


class Kitchen:
    """Renders, and remembers for how many events."""

    def __init__(self) -> None:
        self.rendered: list[int] = []

    def __call__(
        self, info: CalendarInfo, entries: Iterable[TrackedEvent], options: FeedOptions, *, now: datetime
    ) -> Rendered:
        every = list(entries)
        self.rendered.append(len(every))
        return render(info, every, options, now=now)


@pytest.fixture
async def store(storage_url: str, clock: SettableClock) -> AsyncIterator[Store]:
    """Anna with an account, another of nobody, and a feed of each sort."""
    async with open_store(storage_url, Cipher([KEY]), clock) as opened:
        await opened.users.add("anna", "Anna", clock())
        await opened.accounts.put(NewAccount("anna", "fortes", identity="7", person="7"), clock())
        await opened.accounts.ensure_shared("vrij", clock())
        for name, options in FEEDS.items():
            await opened.feeds.add("anna", NewFeed(name, options=options), clock())
        yield opened


def publisher(store: Store, clock: SettableClock, kitchen: Kitchen) -> Publisher:
    return Publisher(
        store, clock, Drafts(store, interval=timedelta(minutes=30), namers={"fortes": ["vrij"]}), render=kitchen
    )


def an_event(chance: random.Random, number: int, clock: SettableClock, kinds: Sequence[Kind]) -> TrackedEvent:
    day = date(2026, 11, 20) + timedelta(days=chance.randint(0, 60))
    start = clock().replace(hour=8) + timedelta(days=chance.randint(0, 60), minutes=50 * chance.randint(0, 6))
    zone = chance.choice(["Europe/Amsterdam"] * 5 + ["America/Curacao"])
    lesson, whole_day = Timed(start, start + timedelta(minutes=50), zone), AllDay(day, day + timedelta(days=1))
    event = Event(
        identity=str(number),
        kind=chance.choice(kinds),
        when=lesson if chance.randint(0, 1) else whole_day,
        title=chance.choice(["Wiskunde", "Frans", "Duits"]),
        locations=(chance.choice(["A1", "B2"]),),
        status=chance.choice([Status.CONFIRMED] * 4 + [Status.CANCELLED]),
    )
    return TrackedEvent(f"uid-{number}", "fortes", event, chance.randint(0, 9), clock(), clock())


async def save(store: Store, clock: SettableClock, source: str, change: PartChange) -> None:
    (account,) = await store.accounts.all(source=source)
    clock.forward(seconds=1)
    await save_refresh(store, account, [change], Standing(State.OK, 0, clock(), None, clock()))


async def calendars(store: Store) -> dict[str, bytes]:
    return {name: await store.renderings.calendar("anna", name) for name in FEEDS}


@pytest.mark.parametrize("seed", range(3))
async def test_after_any_changes_a_feed_is_what_rendering_all_of_it_gives(
    store: Store, clock: SettableClock, seed: int
) -> None:
    chance, kitchen = Chance(seed), Kitchen()
    publishing = publisher(store, clock, kitchen)
    kept: set[int] = set()
    await publishing.publish_wanted()
    for turn in range(12):
        kinds = SHOWN_BY_DEFAULT if turn % 4 == 3 else [Kind.LESSON, Kind.EXAM, Kind.HOMEWORK, Kind.NOTICE]
        some = {number: an_event(chance, number, clock, kinds) for number in chance.sample(range(20), 3)}
        gone = set(chance.sample(sorted(kept - some.keys()), min(1, len(kept - some.keys()))))
        change = PartChange(
            Part.SCHEDULE,
            KnownPart(),
            added=[one for number, one in some.items() if number not in kept],
            changed=[one for number, one in some.items() if number in kept],
            removed={f"uid-{number}" for number in gone},
        )
        await save(store, clock, "fortes", change)
        kept = (kept | some.keys()) - gone
        await publishing.publish_wanted()
        found = await calendars(store)
        await store.feeds.want()
        await publishing.publish_wanted()
        assert await calendars(store) == found


async def test_a_change_takes_no_other_event_where_events_stand_alone(store: Store, clock: SettableClock) -> None:
    chance, kitchen = Chance(7), Kitchen()
    publishing = publisher(store, clock, kitchen)
    entries = [an_event(chance, number, clock, [Kind.LESSON]) for number in range(30)]
    await save(store, clock, "fortes", PartChange(Part.SCHEDULE, KnownPart(), added=entries))
    await publishing.publish_wanted()
    assert kitchen.rendered == [30] * len(FEEDS)
    kitchen.rendered.clear()
    before = await calendars(store)
    changed = replace(entries[3], event=replace(entries[3].event, title="Natuurkunde", status=Status.CONFIRMED))
    await save(store, clock, "fortes", PartChange(Part.SCHEDULE, KnownPart(), changed=[changed]))
    await publishing.publish_wanted()
    assert kitchen.rendered == [30] * len(FEEDS.keys() - ALONE)
    assert all(b"Natuurkunde" in calendar for name, calendar in (await calendars(store)).items() if name in ALONE)
    assert {name for name, calendar in (await calendars(store)).items() if calendar == before[name]} <= {"busy", "near"}


async def test_a_holiday_of_everybody_shows_once_whatever_came_first(store: Store, clock: SettableClock) -> None:
    kitchen = Kitchen()
    publishing = publisher(store, clock, kitchen)
    days = AllDay(date(2026, 12, 19), date(2027, 1, 4))
    for source in ("fortes", "vrij"):
        event = Event(identity=source, kind=Kind.HOLIDAY, when=days, title="Kerst")
        holiday = TrackedEvent(f"uid-{source}", source, event, 0, clock(), clock())
        await save(store, clock, source, PartChange(Part.HOLIDAYS, KnownPart(), added=[holiday]))
        await publishing.publish_wanted()
    assert (await calendars(store))["default"].count(b"SUMMARY:Kerst") == 1
    await save(store, clock, "fortes", PartChange(Part.HOLIDAYS, KnownPart(), removed={"uid-fortes"}))
    await publishing.publish_wanted()
    assert (await calendars(store))["default"].count(b"SUMMARY:Kerst") == 1


async def test_a_schools_new_name_shows_whatever_else_changes(store: Store, clock: SettableClock) -> None:
    chance = Chance(7)
    publishing = publisher(store, clock, Kitchen())
    for number, name in enumerate(["Fortes", "Fortes Lyceum"]):
        lesson = an_event(chance, number, clock, [Kind.LESSON])
        named = PartChange(Part.NAMES, KnownPart(), names=Names(name), renames_school=True)
        await save(store, clock, "vrij", named)
        await save(store, clock, "fortes", PartChange(Part.SCHEDULE, KnownPart(), added=[lesson]))
        await publishing.publish_wanted()
        assert f"NAME:Anna · {name}\r\n".encode() in (await calendars(store))["default"]


async def test_a_new_version_makes_every_feed_again_once(store: Store, clock: SettableClock) -> None:
    kitchen = Kitchen()
    await publisher(store, clock, kitchen).publish_wanted()
    await store.renderings.renew(VERSION - 1)
    kitchen.rendered.clear()
    for _ in range(2):
        await publisher(store, clock, kitchen).publish_wanted()
    assert len(kitchen.rendered) == len(FEEDS)


async def test_a_calendar_that_cannot_be_read_any_more_is_made_again(store: Store, clock: SettableClock) -> None:
    chance = Chance(7)
    publishing = publisher(store, clock, Kitchen())
    await publishing.publish_wanted()
    await store.database.write(lambda connection: connection.execute(update(feed_bytes).values(gzip=b"spoilt")))
    lesson = an_event(chance, 1, clock, [Kind.LESSON])
    await save(store, clock, "fortes", PartChange(Part.SCHEDULE, KnownPart(), added=[lesson]))
    await publishing.publish_wanted()
    assert b"UID:uid-1" in (await calendars(store))["default"]
