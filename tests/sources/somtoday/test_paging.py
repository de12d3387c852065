from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bridge.errors import BadResponse, SourceError
from bridge.model.event import Part
from bridge.sources.somtoday.standin.school import ZONE, Lesson
from bridge.sources.somtoday.standin.server import ANNA, SomtodayServer
from bridge.sync.snapshot import Delivered, Outcome
from bridge.upstream.standin import StandIn
from tests.faults import saying
from tests.sources.somtoday.answers import appointment, links, text
from tests.sources.somtoday.conftest import Fetch
from tests.sources.somtoday.upstream import ASKED, LESSONS, in_turn, paging

OWN = {"additionalObjects": {"leerlingen": {"items": [links(ANNA.key)]}}}
DAY = {"beginDatumTijd": "2026-12-07T11:15:00", "eindDatumTijd": "2026-12-07T12:00:00"}


def lessons(count: int) -> list[dict[str, object]]:
    return [appointment(1000 + number, **OWN, **DAY) for number in range(count)]


def identities(outcome: Outcome) -> list[str]:
    assert isinstance(outcome, Delivered), outcome
    assert outcome.skipped == 0
    return [event.identity for event in outcome.events]


def refused(outcome: Outcome) -> str:
    assert isinstance(outcome, SourceError), outcome
    assert isinstance(outcome, BadResponse)
    return outcome.sentence


@pytest.mark.parametrize(("count", "pages"), [(0, 1), (1, 1), (99, 1), (100, 1), (101, 2), (200, 2), (250, 3)])
async def test_as_many_pages_are_asked_for_as_there_are(
    fetch: Fetch, standin: SomtodayServer, stand_in: StandIn, count: int, pages: int
) -> None:
    start = datetime(2026, 12, 7, 8, 30, tzinfo=ZONE)
    lesson = Lesson(1, ANNA, start, start + timedelta(minutes=50), 1, "wisB", "217", "Stk")
    standin.school.lessons[ANNA.key] = [replace(lesson, key=1000 + number) for number in range(count)]
    found = identities((await fetch())[Part.SCHEDULE])
    assert found == [str(1000 + number) for number in range(count)]
    assert stand_in.requests[ASKED] == pages


@pytest.mark.parametrize("count", [100, 200, 250])
@pytest.mark.parametrize("beyond", [206, 416])
async def test_without_a_total_the_list_ends_with_a_short_page_or_with_none(
    fetch: Fetch, stand_in: StandIn, count: int, beyond: int
) -> None:
    for told in (
        paging(lessons(count), says_range=False, beyond=beyond),
        paging(lessons(count), total="*", beyond=beyond),
    ):
        stand_in.requests.clear()
        stand_in.faults[LESSONS] = told
        assert len(identities((await fetch())[Part.SCHEDULE])) == count
        assert stand_in.requests[ASKED] == count // 100 + 1


async def test_a_server_whose_pages_are_smaller_is_read_to_the_total_it_names(fetch: Fetch, stand_in: StandIn) -> None:
    stand_in.faults[LESSONS] = paging(lessons(250), largest=50)
    assert len(identities((await fetch())[Part.SCHEDULE])) == 250
    assert stand_in.requests[ASKED] == 5


async def test_an_answer_of_200_is_everything(fetch: Fetch, stand_in: StandIn) -> None:
    stand_in.faults[LESSONS] = saying(200, text(*lessons(250)))
    assert len(identities((await fetch())[Part.SCHEDULE])) == 250
    assert stand_in.requests[ASKED] == 1


@pytest.mark.parametrize("status", [206, 416])
async def test_an_empty_list_may_say_that_there_is_nothing_to_send(
    fetch: Fetch, stand_in: StandIn, status: int
) -> None:
    stand_in.faults[LESSONS] = saying(status, '{"items": []}', Content_Range="items */0")
    assert identities((await fetch())[Part.SCHEDULE]) == []
    assert stand_in.requests[ASKED] == 1


@pytest.mark.parametrize("told", ["", "items */250"])
async def test_a_first_page_that_is_refused_is_not_an_empty_list(fetch: Fetch, stand_in: StandIn, told: str) -> None:
    stand_in.faults[LESSONS] = saying(416, **({"Content_Range": told} if told else {}))
    refused((await fetch())[Part.SCHEDULE])
    assert stand_in.requests[ASKED] == 1


async def test_an_empty_page_before_the_total_is_not_the_end(fetch: Fetch, stand_in: StandIn) -> None:
    stand_in.faults[LESSONS] = paging(lessons(100), total="250", beyond=206)
    refused((await fetch())[Part.SCHEDULE])
    assert stand_in.requests[ASKED] == 2


async def test_a_list_that_shrank_meanwhile_ends_with_416(fetch: Fetch, stand_in: StandIn) -> None:
    stand_in.faults[LESSONS] = paging(lessons(200), total="250")
    assert len(identities((await fetch())[Part.SCHEDULE])) == 200
    assert stand_in.requests[ASKED] == 3


async def test_another_page_than_was_asked_for_is_refused(fetch: Fetch, stand_in: StandIn) -> None:
    first = saying(206, text(*lessons(100)), Content_Range="items 0-99/250")
    other = saying(206, text(*lessons(250)[150:]), Content_Range="items 150-249/250")
    stand_in.faults[LESSONS] = in_turn(first, other)
    assert refused((await fetch())[Part.SCHEDULE]) == "Fortes sent another page than the one requested."
    assert stand_in.requests[ASKED] == 2


@pytest.mark.parametrize("headers", [{}, {"Content_Range": "items */*"}])
async def test_the_same_page_again_is_refused(fetch: Fetch, stand_in: StandIn, headers: dict[str, str]) -> None:
    stand_in.faults[LESSONS] = saying(206, text(*lessons(100)), **headers)
    assert refused((await fetch())[Part.SCHEDULE]) == "Fortes sends the same page again and again."
    assert stand_in.requests[ASKED] == 2


async def test_the_same_lessons_in_another_order_are_refused(fetch: Fetch, stand_in: StandIn) -> None:
    items = lessons(100)
    first, again = saying(206, text(*items)), saying(206, text(*reversed(items)))
    stand_in.faults[LESSONS] = in_turn(first, again, saying(416))
    assert refused((await fetch())[Part.SCHEDULE]) == "Fortes sends the same page again and again."


async def test_everything_after_a_page_is_refused(fetch: Fetch, stand_in: StandIn) -> None:
    first = saying(206, text(*lessons(100)), Content_Range="items 0-99/250")
    stand_in.faults[LESSONS] = in_turn(first, saying(200, text(*lessons(250))))
    assert refused((await fetch())[Part.SCHEDULE]) == "Fortes stopped sending pages half-way."
    assert stand_in.requests[ASKED] == 2


async def test_pages_without_end_are_given_up(fetch: Fetch, stand_in: StandIn) -> None:
    stand_in.faults[LESSONS] = paging([{"links": [], "titel": number} for number in range(20_000)], total="*")
    assert refused((await fetch())[Part.SCHEDULE]) == "Fortes sends too many pages."
    assert stand_in.requests[ASKED] <= 100


@pytest.mark.parametrize("extent", ["items 0--1/250", "items 5-2/9", "bytes 0-99/250", "items 0-99", "nonsense"])
async def test_a_content_range_that_makes_no_sense_ends_in_lessons_or_a_refusal(
    fetch: Fetch, stand_in: StandIn, extent: str
) -> None:
    stand_in.faults[LESSONS] = saying(206, text(*lessons(3)), Content_Range=extent)
    outcome = (await fetch())[Part.SCHEDULE]
    assert isinstance(outcome, SourceError) or len(identities(outcome)) == 3
    assert stand_in.requests[ASKED] <= 2


async def test_a_page_that_fails_fails_the_whole_list(fetch: Fetch, stand_in: StandIn) -> None:
    first = saying(206, text(*lessons(100)), Content_Range="items 0-99/250")
    stand_in.faults[LESSONS] = in_turn(first, saying(500))
    assert isinstance((await fetch())[Part.SCHEDULE], SourceError)
