"""Checking in from a calendar."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from bridge.errors import Refused
from bridge.model.event import Kind
from bridge.sources.checkin.standin.server import CheckinServer, make_server, stand_in_of
from bridge.store.outbox import WriteState
from bridge.sync.checkins import check_in, withdraw_check_in
from bridge.upstream.writing import DailyCheckIn
from tests.conftest import OpenSchool, School, SettableClock
from tests.faults import as_usual, saying

_POST = "POST /api/v3/users/{id}/daily-checkins"
_DAY = "DTSTART;VALUE=DATE:20261122"


@pytest.fixture
def checkin(clock: SettableClock) -> CheckinServer:
    return make_server(clock)


@pytest.fixture
async def programme(open_school: OpenSchool, checkin: CheckinServer) -> AsyncIterator[School]:
    """A programme with a student who has a check-in to do, and their feed."""
    async with open_school({"checkin": stand_in_of(checkin)}) as opened:
        await opened.add("joost", "checkin")
        await opened.refresh()
        await opened.feed("joost", kinds=[Kind.CHECKIN])
        yield opened


def today(ics: str) -> str:
    [event] = [event for event in ics.split("BEGIN:VEVENT")[1:] if _DAY in event and "Wekelijkse" not in event]
    return event


async def test_a_check_in_shows_is_corrected_and_withdrawn(programme: School, checkin: CheckinServer) -> None:
    desk, joost = programme.bridge.desk, checkin.programme.students[1]
    before = len(joost.daily)
    assert "SUMMARY:Nog doen: Check-in" in today(await programme.ics("joost"))
    sent = await check_in(desk, "joost", "checkin", DailyCheckIn(6, 8, "Toppie", "Heb je een scooter?"))
    assert (sent.state, sent.write.content) == (WriteState.DONE, {})
    await programme.bridge.publisher.publish_wanted()
    assert "SUMMARY:Check-in · 6 uur" in today(await programme.ics("joost"))
    await check_in(desk, "joost", "checkin", DailyCheckIn(7.5))
    assert [one["hours_worked"] for one in joost.daily[before:]] == [7.5]
    await programme.refresh()
    ics = await programme.ics("joost")
    assert "SUMMARY:Check-in · 7\\,5 uur" in today(ics)
    assert "scooter" not in ics
    assert (await withdraw_check_in(desk, "joost", "checkin")).state is WriteState.DONE
    assert len(joost.daily) == before
    await programme.refresh()
    assert "SUMMARY:Nog doen: Check-in" in today(await programme.ics("joost"))
    again = await withdraw_check_in(desk, "joost", "checkin")
    assert (again.state, again.code) == (WriteState.REFUSED, "404")


@pytest.mark.parametrize("taken", [False, True])
async def test_a_lost_answer_is_looked_up_and_nothing_is_sent_twice(
    programme: School, checkin: CheckinServer, taken: bool
) -> None:
    async def lose(request: web.Request) -> web.StreamResponse:
        if taken:
            await as_usual(request)
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    joost = checkin.programme.students[1]
    before = len(joost.daily)
    programme.stand_ins["checkin"].faults[_POST] = lose
    sent = await check_in(programme.bridge.desk, "joost", "checkin", DailyCheckIn(6))
    assert sent.state is (WriteState.DONE if taken else WriteState.UNKNOWN)
    assert programme.stand_ins["checkin"].requests[_POST] == 1
    assert len(joost.daily) == before + taken


@pytest.mark.parametrize(
    ("daily", "code"),
    [
        (DailyCheckIn(25), "hours"),
        (DailyCheckIn(-1), "hours"),
        (DailyCheckIn(float("nan")), "hours"),
        (DailyCheckIn(6, 11), "mood"),
        (DailyCheckIn(6, comment="x" * 2001), "text"),
    ],
)
async def test_what_would_be_refused_is_not_sent(programme: School, daily: DailyCheckIn, code: str) -> None:
    with pytest.raises(Refused) as refused:
        await check_in(programme.bridge.desk, "joost", "checkin", daily)
    assert refused.value.code == code


async def test_a_check_in_that_is_refused_is_still_to_be_done(programme: School) -> None:
    programme.stand_ins["checkin"].faults[_POST] = saying(400)
    refused = await check_in(programme.bridge.desk, "joost", "checkin", DailyCheckIn(6))
    assert refused.state is WriteState.REFUSED
    await programme.bridge.publisher.publish_wanted()
    assert "SUMMARY:Nog doen: Check-in" in today(await programme.ics("joost"))
