"""One fetch of an institute serves all its accounts."""

import asyncio
from collections.abc import Callable
from datetime import date

import pytest
from aiohttp import web

from bridge.errors import SourceError
from bridge.model.event import Part
from bridge.model.window import Window
from bridge.sources.informat.settings import InformatSettings
from bridge.sources.informat.source import Informat
from bridge.sources.informat.standin.answers import interruption_answer
from bridge.sources.informat.standin.institute import CLAES, JACOBS, MAES, PEETERS, STAFF, WILLEMS, WOUTERS
from bridge.sources.informat.standin.server import InformatServer, make_server
from bridge.store.credentials import NoCredential
from bridge.sync.snapshot import Delivered, take_snapshot
from bridge.upstream.contract import Account, Answer
from bridge.upstream.receive import LARGEST_BODY
from bridge.upstream.standin import StandIn
from tests.conftest import SettableClock
from tests.sources.informat.conftest import WINDOW, Fetch

EXTRA = 400
MOST_REQUESTS = 20
SLOT = NoCredential()
PARTS = (Part.INTERRUPTIONS, Part.ASSIGNMENTS)
Make = Callable[..., Informat]
Settings = Callable[..., InformatSettings]


async def digest(source: Informat, settings: InformatSettings, person: str, part: Part) -> str:
    snapshot = await take_snapshot(source, settings, Account(person), SLOT, WINDOW, {})
    outcome = snapshot[part]
    assert isinstance(outcome, Delivered)
    return outcome.answers[""]


class TestLargeSchool:
    @pytest.fixture
    def standin(self, clock: SettableClock) -> InformatServer:
        return make_server(clock, EXTRA)

    async def test_four_hundred_employees_cost_a_handful_of_requests(
        self, make: Make, configure: Settings, stand_in: StandIn
    ) -> None:
        people = [person for person in await make().people() if person.active and person.email]
        assert len(people) == EXTRA + len(STAFF) - 1
        source, settings = make(), configure()
        accounts = [await source.connect(person.email, Account(), SLOT) for person in people]
        widest = Window(date(2026, 8, 1), date(2027, 9, 30))
        snapshots = await asyncio.gather(
            *(take_snapshot(source, settings, account, SLOT, widest, {}) for account in accounts)
        )
        assert stand_in.requests.total() <= MOST_REQUESTS
        found = [outcome for snapshot in snapshots for outcome in snapshot.values()]
        assert all(isinstance(outcome, Delivered) and not outcome.skipped for outcome in found)
        absences = [snapshot[Part.INTERRUPTIONS] for snapshot in snapshots]
        assert sum(len(outcome.events) for outcome in absences if isinstance(outcome, Delivered)) == EXTRA // 10 + 8


async def test_a_list_that_is_too_large_is_asked_for_person_by_person_once_for_all(
    make: Make, fetch: Fetch, stand_in: StandIn
) -> None:
    async def huge(_: web.Request) -> web.StreamResponse:
        return web.Response(body=b"[" + b" " * LARGEST_BODY + b"]")

    people = (WOUTERS, CLAES, MAES)
    before = [await fetch(person.key) for person in people]
    stand_in.faults |= {"/employees/assignments": huge, "/employees/interruptions": huge}
    stand_in.requests.clear()
    source = make()
    assert [await fetch(person.key, source=source) for person in people] == before
    school_years = 2
    assert stand_in.requests["GET /employees/interruptions"] == school_years
    assert stand_in.requests["GET /employees/{personId}/interruptions"] == school_years * len(STAFF)


async def test_an_answer_is_new_for_as_long_as_the_settings_say(
    make: Make, fetch: Fetch, stand_in: StandIn, clock: SettableClock
) -> None:
    source = make(share_for="5m")
    await fetch(WOUTERS.key, source=source)
    asked = stand_in.requests.total()
    clock.forward(minutes=4)
    await fetch(MAES.key, source=source)
    assert stand_in.requests.total() == asked
    clock.forward(minutes=2)
    await fetch(MAES.key, source=source)
    assert stand_in.requests.total() == asked * 2 - 1, "the token lasts"


async def test_an_upstream_in_trouble_is_not_asked_by_each_account_in_turn(
    make: Make, fetch: Fetch, stand_in: StandIn, clock: SettableClock
) -> None:
    async def trouble(_: web.Request) -> web.StreamResponse:
        return web.Response(status=503)

    stand_in.faults["/employees"] = trouble
    source = make()
    for person in (WOUTERS, MAES, JACOBS):
        await fetch(person.key, source=source)
    asked = stand_in.requests.total()
    assert asked <= 3
    stand_in.faults.clear()
    clock.forward(seconds=31)
    assert all(isinstance(part, Delivered) for part in (await fetch(MAES.key, source=source)).values())


@pytest.mark.parametrize("part", PARTS)
async def test_a_colleagues_change_leaves_an_answer_as_it_was(
    make: Make, configure: Settings, stand_in: StandIn, standin: InformatServer, part: Part
) -> None:
    settings = configure()
    before = {person: await digest(make(), settings, person.key, part) for person in (CLAES, WOUTERS, PEETERS, MAES)}
    for item in standin.institute.interruptions:
        item["omschrijving"], item["opmSecretariaat"], item["code"] = "Anders", "Anders", "19"
    after = {person: await digest(make(), settings, person.key, part) for person in before}
    assert (before == after) is (part is Part.ASSIGNMENTS), "only one's own reasons count"
    stand_in.controls["fall-ill"]()
    stand_in.controls["substitute"]()
    assert await digest(make(), settings, PEETERS.key, part) == after[PEETERS]
    assert await digest(make(), settings, MAES.key, part) == after[MAES]


async def test_the_order_of_a_list_leaves_an_answer_as_it_was(
    make: Make, configure: Settings, standin: InformatServer
) -> None:
    institute = standin.institute
    institute.interruptions.append(interruption_answer("d9", WILLEMS, "311", date(2026, 12, 9), date(2026, 12, 9)))
    before = [await digest(make(), configure(), person.key, part) for person in STAFF for part in PARTS]
    institute.interruptions.reverse()
    institute.assignments.reverse()
    institute.employees = institute.employees[::-1]
    after = [await digest(make(), configure(), person.key, part) for person in STAFF for part in PARTS]
    assert before == after


async def test_an_answer_holds_of_a_colleague_no_more_than_the_name_and_the_days(make: Make) -> None:
    answers = await make().fetch(Account(CLAES.key), SLOT, WINDOW)
    for answer in answers.values():
        assert isinstance(answer, Answer)
        text = repr(answer.payload)
        for private in ("Ziekteverlof", "grieperig", "Peeters", "Maes", PEETERS.key, MAES.key, "rijksregisternr"):
            assert private not in text
    assert not any(isinstance(answer, SourceError) for answer in answers.values())
