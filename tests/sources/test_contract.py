"""What every type of source keeps to, whoever wrote it: each one that is installed is tried with its own stand-in."""

import asyncio
import random
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bridge.errors import SourceError
from bridge.model.event import Part
from bridge.model.tracked import TrackedEvent
from bridge.model.window import Window
from bridge.store.account import State, StoredAccount
from bridge.store.credentials import NoCredential
from bridge.sync.outcome import Row
from bridge.upstream.contract import Account, Answer, Source
from bridge.upstream.credential import CredentialSlot
from bridge.upstream.discovery import discover
from bridge.upstream.source_type import SourceType
from bridge.upstream.standin import SamplePerson, StandIn
from tests.conftest import SLOW, OpenSchool, School, SettableClock
from tests.faults import Handler
from tests.sources.faults import FAULTS, MARK
from tests.sources.mutations import mutated, shortened, spoiled
from tests.sources.retold import Told, listen

EARLY = datetime(2026, 11, 21, 23, 10, tzinfo=UTC)
"""Shortly after midnight in the schools' zones, so that many hours can pass within one day."""
TOKENS_LAST = timedelta(minutes=65)
MOST_REQUESTS = 65
"""Of one sort for one person, in a first refresh: the usual window of 60 and 365 days touches 62 weeks."""
MOST_REQUESTS_IN_TROUBLE = 12
ON_SQLITE = pytest.mark.parametrize("storage_url", ["sqlite"], indirect=True)
"""A mark of tests of what is read, which another storage does not change."""
TEXT_LIKE_A_TOKEN = re.compile(r"[A-Za-z0-9_-]{24,}")


@pytest.fixture(params=sorted({*discover(), "club"}))
def kind(request: pytest.FixtureRequest, installed_club: None) -> SourceType[Any]:
    return discover()[request.param]


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(EARLY)


@asynccontextmanager
async def added(people: Iterable[SamplePerson], open_school: OpenSchool, stand_in: StandIn) -> AsyncIterator[School]:
    """A bridge that reads only this stand-in, with an account for each of these people."""
    async with open_school({"school": stand_in}) as school:
        for person in people:
            outcome = await school.add(person.user, "school")
            assert outcome.warning is None
        yield school


def one_of_each_sort(people: Iterable[SamplePerson]) -> list[SamplePerson]:
    """Of those who are added in the same way only one: it saves time."""
    sorts = {(bool(one.identity), bool(one.secret), tuple(one.options)): one for one in people}
    return list(sorts.values())


async def events_of(school: School) -> dict[int, list[TrackedEvent]]:
    """All events that are kept, by account."""
    kind = school.bridge.sources["school"].type
    return {
        account.id: [
            entry for part in kind.parts for entry in await school.bridge.store.events.of_part(account.id, part)
        ]
        for account in await school.bridge.store.accounts.all()
    }


def assert_fit_for_a_person(sentence: str | None, stand_in: StandIn) -> None:
    assert sentence
    assert sentence.endswith(".")
    assert sentence.isprintable(), "one line"
    assert MARK.casefold() not in sentence.casefold()
    assert "://" not in sentence
    chosen = "".join(value for person in stand_in.people for value in person.options.values())
    assert all(found in chosen for found in TEXT_LIKE_A_TOKEN.findall(sentence))
    for person in stand_in.people:
        for private in (person.user, person.title, person.identity, person.secret):
            assert not private or not re.search(rf"\b{re.escape(private)}\b", sentence, re.IGNORECASE)


def assert_good(rows: list[Row]) -> None:
    assert [row for row in rows if not row.ok and not row.forbidden] == []
    assert [row.error for row in rows if row.ok and row.error] == [], "no item may be left out"


def test_a_type_says_what_it_is_and_what_it_takes(kind: SourceType[Any]) -> None:
    assert re.fullmatch(r"[a-z0-9][a-z0-9_-]*", kind.name)
    assert kind.summary
    assert all(field.description for field in kind.settings.model_fields.values())
    assert all(field.description for field in kind.options.model_fields.values())
    assert len(set(kind.parts)) == len(kind.parts)
    assert not kind.accounts or kind.identity_help or kind.secret_help or kind.options.model_fields


async def test_a_stand_in_gives_settings_that_its_type_takes_and_answers_a_check(
    kind: SourceType[Any], open_school: OpenSchool, clock: SettableClock
) -> None:
    stand_in = kind.stand_in(clock)
    assert stand_in.source == kind.name
    assert bool(stand_in.people) == kind.accounts
    async with open_school({"school": stand_in}) as school:
        assert await school.bridge.sources["school"].source.check()
    for control in stand_in.controls.values():
        assert control()
    assert len(repr(stand_in)) < 5000, "not all of the school: asyncio writes it down for each test"


async def test_everybody_whom_a_stand_in_knows_can_be_added_and_read(
    kind: SourceType[Any], open_school: OpenSchool, clock: SettableClock
) -> None:
    stand_in = kind.stand_in(clock)
    async with added(stand_in.people, open_school, stand_in) as school:
        accounts = await school.bridge.store.accounts.all()
        assert len(accounts) == (len(stand_in.people) if kind.accounts else 1)
        for account in accounts:
            rows = await school.bridge.refresher.refresh(account)
            assert sorted(row.part or "" for row in rows) == sorted(kind.parts)
            assert_good(rows)
            assert any(row.events for row in rows) or not set(kind.parts) - {Part.NAMES}
        zone = school.bridge.sources["school"].settings.zone
        limits = school.bridge.settings.refresh
        window = Window.around(clock(), zone, past=limits.past, future=limits.future)
        for entries in (await events_of(school)).values():
            assert len({entry.uid for entry in entries}) == len(entries)
            assert all(window.overlaps(entry.event.when, zone) for entry in entries)
            assert all(entry.event.identity for entry in entries)
    assert all(count <= MOST_REQUESTS * max(1, len(accounts)) for count in stand_in.requests.values())


async def test_a_second_refresh_changes_nothing_and_asks_no_more_than_the_first(
    kind: SourceType[Any], open_school: OpenSchool, clock: SettableClock
) -> None:
    stand_in = kind.stand_in(clock)
    async with added(stand_in.people, open_school, stand_in) as school:
        stand_in.requests.clear()
        first_rows, first = await school.refresh(), stand_in.requests.total()
        kept = await events_of(school)
        stand_in.requests.clear()
        second_rows, second = await school.refresh(), stand_in.requests.total()
        assert second <= first
        assert [(row.added, row.changed, row.removed) for row in second_rows] == [(0, 0, 0)] * len(first_rows)
        assert [row.events for row in second_rows] == [row.events for row in first_rows]
        assert await events_of(school) == kept


@ON_SQLITE
async def test_the_same_upstream_gives_answers_with_the_same_fingerprints(
    kind: SourceType[Any], open_school: OpenSchool, clock: SettableClock
) -> None:
    stand_in = kind.stand_in(clock)
    async with added(one_of_each_sort(stand_in.people), open_school, stand_in) as school:
        at = school.bridge.sources["school"]
        window = Window.around(clock(), at.settings.zone, past=timedelta(days=60), future=timedelta(days=365))
        for account in await school.bridge.store.accounts.all():
            slot = await slot_of(account, school)
            first, second = [await fingerprints(at.source, account.at_source, slot, window) for _ in range(2)]
            assert first == second
            assert first


async def fingerprints(
    source: Source, account: Account, slot: CredentialSlot, window: Window
) -> dict[tuple[Part, str], str]:
    """Of every answer, by part and name."""
    return {
        (part, answer.name): answer.fingerprint
        for part, answered in (await source.fetch(account, slot, window)).items()
        if not isinstance(answered, SourceError)
        for answer in ([answered] if isinstance(answered, Answer) else answered)
    }


async def slot_of(account: StoredAccount, school: School) -> CredentialSlot:
    """The login of an account, as it is now, which is kept nowhere."""
    if account.credential_id is None:
        return NoCredential()
    kept = await school.bridge.store.credentials.get(account.credential_id)
    return NoCredential(kept.secret, kept.access)


@asynccontextmanager
async def in_trouble(
    kind: SourceType[Any], open_school: OpenSchool, clock: SettableClock
) -> AsyncIterator[tuple[School, StandIn, dict[int, list[TrackedEvent]]]]:
    """A school that was read once, the stand-in that is about to be in trouble, and the events that must stay."""
    stand_in = kind.stand_in(clock)
    if stand_in.routes is None:
        pytest.skip("it asks nobody")
    async with added(one_of_each_sort(stand_in.people), open_school, stand_in) as school:
        assert_good(await school.refresh())
        kept = await events_of(school)
        yield school, stand_in, kept
        assert await events_of(school) == kept


def faults_of(turn: int) -> list[tuple[str, Handler]]:
    """All faults, or the third of them whose turn it is."""
    every = list(FAULTS.items())
    return every if SLOW else every[turn % 3 :: 3]


async def test_an_upstream_in_trouble_costs_no_event_and_all_is_well_when_it_is_over(
    kind: SourceType[Any], open_school: OpenSchool, clock: SettableClock, subtests: pytest.Subtests
) -> None:
    async with in_trouble(kind, open_school, clock) as (school, stand_in, kept):
        for name, fault in faults_of(0):
            with subtests.test(name):
                await assert_harmless(fault, school, stand_in, kept)
                assert_good(await school.refresh())
                assert await events_of(school) == kept


@ON_SQLITE
async def test_an_upstream_in_trouble_as_tokens_expire_costs_no_event_and_no_login(
    kind: SourceType[Any], open_school: OpenSchool, clock: SettableClock, subtests: pytest.Subtests
) -> None:
    async with in_trouble(kind, open_school, clock) as (school, stand_in, kept):
        clock.now += TOKENS_LAST
        for name, fault in faults_of(1):
            with subtests.test(name):
                await assert_harmless(fault, school, stand_in, kept)
        assert_good(await school.refresh())


async def assert_harmless(
    fault: Handler, school: School, stand_in: StandIn, kept: dict[int, list[TrackedEvent]]
) -> None:
    """Refresh while every answer is the fault."""
    stand_in.requests.clear()
    stand_in.faults["/"] = fault
    rows = await school.refresh()
    stand_in.faults.clear()
    assert stand_in.requests
    assert max(stand_in.requests.values()) <= MOST_REQUESTS_IN_TROUBLE * len(kept)
    assert {row.part for row in rows} == set(school.bridge.sources["school"].type.parts)
    for row in rows:
        assert not row.ok or row.note, "a part that came says what did not"
        assert_fit_for_a_person(row.error, stand_in)
    assert await events_of(school) == kept
    failed = {row.user for row in rows if not row.ok}
    for account in await school.bridge.store.accounts.all():
        assert account.user not in failed or account.state in {State.FAILING, State.HELD}


async def good_answers(school: School, stand_in: StandIn) -> list[Told]:
    """What each account's upstream says of some days, shortened."""
    at = school.bridge.sources["school"]
    today = school.clock().date()
    window = Window(today - timedelta(days=7), today + timedelta(days=8))
    found = []
    for account in await school.bridge.store.accounts.all():
        slot = await slot_of(account, school)
        told = await listen(at, account.at_source, slot, school.clock, window, stand_in)
        found.append(replace(told, said=shortened(told.said)))
    return found


@ON_SQLITE
async def test_one_hostile_value_gives_events_that_can_be_shown_or_a_named_error(
    kind: SourceType[Any], open_school: OpenSchool, clock: SettableClock
) -> None:
    stand_in = kind.stand_in(clock)
    async with added(stand_in.people[:1], open_school, stand_in) as school:
        tolds = await good_answers(school, stand_in)
    for told in tolds:
        assert await told.shown(told.said), "what was said is good"
        for said in spoiled(told.said, 6 if SLOW else 18):
            await told.shown(said)


@ON_SQLITE
def test_many_hostile_values_give_events_that_can_be_shown_or_a_named_error(
    kind: SourceType[Any], open_school: OpenSchool, clock: SettableClock
) -> None:
    stand_in = kind.stand_in(clock)
    if stand_in.routes is None:
        pytest.skip("it asks nobody")

    async def prepared() -> list[Told]:
        async with added(one_of_each_sort(stand_in.people), open_school, stand_in) as school:
            return await good_answers(school, stand_in)

    tolds = asyncio.run(prepared())

    @given(st.integers(0, 2**32))
    @example(2162)
    def read(seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311
        told = chance.choice(tolds)
        asyncio.run(told.shown(mutated(told.said, chance)))

    read()
