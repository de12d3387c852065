"""What every source keeps to where a further request fails: each one that is installed is tried with its stand-in."""

import json
from collections.abc import Iterable
from typing import Any

import pytest
from aiohttp import web

from bridge.model.event import Part
from bridge.model.names import Names
from bridge.upstream.discovery import discover
from bridge.upstream.source_type import SourceType
from tests.conftest import SLOW, OpenSchool, School, SettableClock
from tests.faults import Handler, as_usual
from tests.sources.further import Failure, assert_on_page, table
from tests.sources.test_contract import (
    EARLY,
    ON_SQLITE,
    added,
    assert_fit_for_a_person,
    assert_good,
    events_of,
    faults_of,
)

MAY_BE_AN_ANSWER = {"a list", "an object"}
"""Faults that some further requests may give as an answer: there is nothing of it."""
EVENTS_THEMSELVES = {"GET /api/v0/terms", "POST /api/v3/users/search, GET /api/v3/users/{id}"}
"""Further requests whose answers are shown: without a date, or that it is due, there is nothing of it."""


@pytest.fixture(params=sorted(name for name, kind in discover().items() if kind.further))
def kind(request: pytest.FixtureRequest) -> SourceType[Any]:
    return discover()[request.param]


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(EARLY)


@ON_SQLITE
async def test_a_further_request_that_fails_costs_its_part_nothing_and_is_told_in_a_sentence(
    kind: SourceType[Any], open_school: OpenSchool, clock: SettableClock, subtests: pytest.Subtests
) -> None:
    """It makes the tables of docs/further.md."""
    stand_in = kind.stand_in(clock)
    stand_in.settings = {**stand_in.settings, **stand_in.optional}
    failures: list[Failure] = []
    async with added(stand_in.people[:1], open_school, stand_in) as school:
        assert_good(await school.refresh())
        kept, names = await events_of(school), await names_of(school)
        for part, routes in kind.further.items():
            for number, route in enumerate(routes):
                for name, fault in faults_of(number):
                    with subtests.test(f"{part}: {route}: {name}"):
                        stand_in.faults |= dict.fromkeys(route.split(", "), fault)
                        rows = [row for row in await school.refresh() if row.part is part]
                        stand_in.faults.clear()
                        assert all(row.ok or row.forbidden for row in rows)
                        sentences = [row.error for row in rows if row.error]
                        assert sentences or name in MAY_BE_AN_ANSWER
                        for sentence in sentences:
                            assert_fit_for_a_person(sentence, stand_in)
                        found = await events_of(school)
                        count = "all" if found == kept else "not all"
                        ok = "yes" if all(row.ok for row in rows) else "not offered"
                        failures.append(Failure(part.value, route, name, count, ok, next(iter(sentences), "")))
                        assert found == kept
                        assert await names_of(school) == names
        assert_good(await school.refresh())
    if SLOW and kind.create.__module__.startswith("bridge.sources."):
        assert_on_page(kind.name, table(failures))


async def test_a_further_answer_that_lacks_a_field_takes_no_event(
    kind: SourceType[Any], open_school: OpenSchool, clock: SettableClock, subtests: pytest.Subtests
) -> None:
    stand_in = kind.stand_in(clock)
    stand_in.settings = {**stand_in.settings, **stand_in.optional}
    told: dict[str, set[str]] = {route: set() for routes in kind.further.values() for route in routes}
    async with added(stand_in.people[:1], open_school, stand_in) as school:
        stand_in.faults |= {one: lacking("", fields) for route, fields in told.items() for one in route.split(", ")}
        assert_good(await school.refresh())
        for route, fields in told.items():
            parts = [part for part, routes in kind.further.items() if route in routes]
            stand_in.faults.clear()
            await school.refresh()
            kept = await uids_of(school, parts)
            for name in sorted(fields)[:: 1 if SLOW else 3]:
                with subtests.test(f"{route}: {name}"):
                    stand_in.faults |= dict.fromkeys(route.split(", "), lacking(name, set()))
                    rows = [row for row in await school.refresh() if row.part in parts]
                    assert all(row.ok or row.forbidden for row in rows)
                    assert route in EVENTS_THEMSELVES or kept <= await uids_of(school, parts)


def lacking(lost: str, told: set[str]) -> Handler:
    """The stand-in's own answer without the field `lost`; the names of all that it has go into `told`."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = await as_usual(request)
        assert isinstance(response, web.Response)
        assert isinstance(response.body, bytes)
        poorer = json.loads(response.body, object_pairs_hook=lambda pairs: less(dict(pairs)))
        return web.json_response(poorer, status=response.status)

    def less(item: dict[str, Any]) -> dict[str, Any]:
        told.update(item)
        return {name: value for name, value in item.items() if name != lost}

    return answer


async def uids_of(school: School, parts: Iterable[Part]) -> set[str]:
    """The UIDs of the events of these parts that take place."""
    kept = school.bridge.store.events
    accounts = await school.bridge.store.accounts.all()
    entries = [entry for one in accounts for part in parts for entry in await kept.of_part(one.id, part)]
    return {entry.uid for entry in entries if entry.vanished is None}


async def names_of(school: School) -> list[Names]:
    """The names that are kept, by account."""
    accounts = await school.bridge.store.accounts.all()
    return [await school.bridge.store.names.of_account(account.id) for account in accounts]
