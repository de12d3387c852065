"""What is nobody's own is fetched once for all accounts."""

import asyncio
from collections.abc import Callable
from datetime import date

import pytest

from bridge.errors import SourceError
from bridge.model.event import Part
from bridge.model.window import Window
from bridge.sources.mytimetable.standin.server import OWN_TOKEN
from bridge.sources.mytimetable.standin.university import STUDENT
from bridge.store.credentials import NoCredential
from bridge.upstream.contract import Account, Source
from bridge.upstream.standin import StandIn
from tests.sources.mytimetable.outcomes import answer

WINDOW = Window(date(2026, 10, 12), date(2026, 10, 26))
SINGLE, TERMS = "GET /api/v0/timetables/{key}", "GET /api/v0/terms"
Make = Callable[..., Source]


@pytest.fixture
def room(stand_in: StandIn) -> Account:
    return Account(options={"timetables": stand_in.people[3].options["timetables"].split(",")[1]})


async def test_a_single_timetable_is_fetched_once_for_many_accounts(
    make: Make, stand_in: StandIn, room: Account
) -> None:
    source = make(share_for="5m")
    told = await asyncio.gather(*(source.fetch(room, NoCredential(), WINDOW) for _ in range(5)))
    told.append(await source.fetch(room, NoCredential(), WINDOW))
    assert stand_in.requests == {SINGLE: 1}
    assert not any(isinstance(answers[Part.SCHEDULE], SourceError) for answers in told)
    assert len({repr(answers[Part.SCHEDULE]) for answers in told}) == 1


async def test_another_window_is_another_timetable(make: Make, stand_in: StandIn, room: Account) -> None:
    source = make(share_for="5m")
    for window in (WINDOW, Window(date(2026, 10, 13), date(2026, 10, 20))):
        await source.fetch(room, NoCredential(), window)
    assert stand_in.requests == {SINGLE: 2}


async def test_what_a_persons_own_token_opens_is_shared_with_nobody(
    make: Make, stand_in: StandIn, room: Account
) -> None:
    source = make(share_for="5m")
    for secret in (OWN_TOKEN, OWN_TOKEN, "another token", None):
        await source.fetch(room, NoCredential(secret), WINDOW)
    assert stand_in.requests[SINGLE] == 4
    refused = (await source.fetch(room, NoCredential("another token"), WINDOW))[Part.SCHEDULE]
    assert isinstance(refused, SourceError)


async def test_a_personal_timetable_is_shared_with_nobody(make: Make, stand_in: StandIn) -> None:
    source = make(share_for="5m", terms=True, week_labels=True)
    for _ in range(2):
        await source.fetch(Account(STUDENT), NoCredential(), WINDOW)
    assert stand_in.requests["GET /api/v0/timetable"] == stand_in.requests["GET /api/v0/subscriptions"] == 2
    assert stand_in.requests[TERMS] == stand_in.requests["GET /api/v0/weeklabelmaps/{key}"] == 1


async def test_without_an_api_token_the_terms_are_asked_for_with_each_persons_own(
    make: Make, stand_in: StandIn
) -> None:
    source = make(share_for="5m", terms=True, api_token=None)
    for _ in range(2):
        await source.fetch(Account(), NoCredential(OWN_TOKEN), WINDOW)
    assert stand_in.requests[TERMS] == 2


async def test_the_same_upstream_gives_the_same_answer_to_the_byte(make: Make, stand_in: StandIn) -> None:
    source = make(week_labels=True, terms=True)
    first = await source.fetch(Account(STUDENT), NoCredential(), WINDOW)
    assert repr(first) == repr(await source.fetch(Account(STUDENT), NoCredential(), WINDOW))
    stand_in.controls["disable-subscription"]()
    second = await source.fetch(Account(STUDENT), NoCredential(), WINDOW)
    assert repr(first[Part.SCHEDULE]) != repr(second[Part.SCHEDULE])
    assert repr(first[Part.NOTICES]) == repr(second[Part.NOTICES])


async def test_an_error_is_shared_too(make: Make, stand_in: StandIn, room: Account) -> None:
    source = make(share_for="5m")
    stand_in.faults["/api"] = answer(500, "")
    for _ in range(3):
        await source.fetch(room, NoCredential(), WINDOW)
    assert stand_in.requests == {SINGLE: 1}
