"""Near days are read each time, far ones seldom; together they are the whole timetable."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bridge.model.event import Event, Part
from bridge.model.window import Window
from bridge.sources.mytimetable import SOURCE
from bridge.sources.mytimetable.settings import MyTimetableSettings
from bridge.sources.mytimetable.standin.university import STUDENT
from bridge.store.credentials import NoCredential
from bridge.store.parts import KnownAnswer, KnownPart
from bridge.sync.snapshot import Delivered, take_snapshot
from bridge.upstream.contract import Account
from bridge.upstream.retry import RetryPolicy
from bridge.upstream.standin import StandIn
from bridge.upstream.surroundings import Surroundings
from tests.sources.mytimetable.conftest import NOW, WINDOW

PERSONAL, SINGLE = "GET /api/v0/timetable", "GET /api/v0/timetables/{key}"
NEAR = Window(date(2026, 10, 5), date(2026, 11, 2))
Configure = Callable[..., MyTimetableSettings]


@dataclass
class Student:
    """An account that remembers what was read and when, as the storage does."""

    settings: MyTimetableSettings
    session: aiohttp.ClientSession
    now: datetime = NOW
    options: dict[str, str] = field(default_factory=dict)
    window: Window = WINDOW
    known: KnownPart = field(default_factory=KnownPart)

    async def read(self) -> Delivered:
        """One refresh."""
        surroundings = Surroundings("uva", self.session, lambda: self.now, RetryPolicy(attempts=1))
        source = SOURCE.create(self.settings, surroundings)
        account = Account(
            "" if self.options else STUDENT,
            self.options,
            read_at={Part.SCHEDULE: self.known.came},
            remembered={Part.SCHEDULE: self.known.remembered},
        )
        known = {Part.SCHEDULE: self.known}
        snapshot = await take_snapshot(source, self.settings, account, NoCredential(), self.window, known)
        outcome = snapshot[Part.SCHEDULE]
        assert isinstance(outcome, Delivered), outcome
        came = {name: KnownAnswer(digest, self.now) for name, digest in outcome.answers.items()}
        self.known = KnownPart({**self.known.answers, **came}, remembered=outcome.remember)
        return outcome


@pytest.fixture
def student(configure: Configure, session: aiohttp.ClientSession) -> Student:
    return Student(configure(), session)


async def test_the_first_refresh_asks_for_near_days_and_for_all_and_the_next_for_near_days_alone(
    student: Student, stand_in: StandIn
) -> None:
    first = await student.read()
    assert stand_in.requests[PERSONAL] == 2
    assert first.covered == (NEAR, WINDOW)
    second = await student.read()
    assert stand_in.requests[PERSONAL] == 3
    assert second.unchanged
    assert set(second.answers) < set(first.answers)


async def test_far_days_are_asked_for_when_they_are_older_than_the_far_interval(
    student: Student, stand_in: StandIn
) -> None:
    await student.read()
    for hours, asked in ((5.9, 1), (0.1, 2), (6, 2), (1, 1)):
        stand_in.requests.clear()
        student.now += timedelta(hours=hours)
        await student.read()
        assert stand_in.requests[PERSONAL] == asked


async def test_far_days_are_asked_for_once_others_are_near(student: Student, stand_in: StandIn) -> None:
    student.settings = student.settings.model_copy(update={"far_interval": timedelta(days=30)})
    await student.read()
    student.now = datetime(2026, 10, 18, 21, 59, tzinfo=UTC)
    await student.read()
    assert stand_in.requests[PERSONAL] == 3
    student.now += timedelta(minutes=1)
    delivered = await student.read()
    assert stand_in.requests[PERSONAL] == 5
    assert delivered.covered == (Window(date(2026, 10, 12), date(2026, 11, 9)), WINDOW)


async def test_single_timetables_are_read_at_the_same_pace(student: Student, stand_in: StandIn) -> None:
    student.options = dict(stand_in.people[3].options)
    for asked in (4, 6):
        await student.read()
        assert stand_in.requests[SINGLE] == asked


async def test_days_that_are_all_near_are_asked_for_once(student: Student, stand_in: StandIn) -> None:
    student.window = Window(date(2026, 10, 12), date(2026, 10, 20))
    delivered = await student.read()
    assert stand_in.requests[PERSONAL] == 1
    assert delivered.covered == (student.window,)


async def test_near_and_far_days_together_are_the_whole_timetable(student: Student) -> None:
    whole = await student.read()
    student.window = NEAR
    near = await student.read()
    days = [event.when.start.date() if isinstance(event.when.start, datetime) else None for event in whole.events]
    assert len(whole.events) == len({event.identity for event in whole.events})
    assert set(near.events) < set(whole.events)
    assert min(filter(None, days)) < NEAR.start
    assert max(filter(None, days)) > NEAR.end


async def test_a_change_of_near_days_shows_at_once(student: Student, stand_in: StandIn) -> None:
    before = set((await student.read()).events)
    stand_in.controls["move-lesson"]()
    after = await student.read()
    assert after.covered == (NEAR,)
    assert len(set(after.events) - before) == 1


def told(*items: dict[str, Any]) -> Callable[[web.Request], Any]:
    """A university with these events, which it tells for the days that it is asked for."""

    async def answer(request: web.Request) -> web.StreamResponse:
        first, end = (date.fromisoformat(request.query[name]) for name in ("startDate", "endDate"))
        asked = [item for item in items if first <= datetime.fromtimestamp(item["startDate"] / 1000, UTC).date() < end]
        return web.json_response(asked)

    return answer


def lesson(day: date, **changes: object) -> dict[str, Any]:
    start = int(datetime(day.year, day.month, day.day, 9, tzinfo=UTC).timestamp() * 1000)
    return {"id": "S", "startDate": start, "endDate": start + 3_600_000, "activityDescription": "Logica"} | changes


def identities(events: tuple[Event, ...]) -> list[str]:
    return sorted(event.identity for event in events)


async def test_an_id_that_comes_back_every_four_weeks_is_told_apart_by_the_day_as_soon_as_another_week_is_near(
    student: Student, stand_in: StandIn
) -> None:
    days = (date(2026, 10, 9), date(2026, 11, 6), date(2026, 12, 4))
    stand_in.faults["/api/v0/timetable"] = told(*map(lesson, days))
    assert identities((await student.read()).events) == [f"S {day}" for day in days]
    assert (await student.read()).unchanged
    student.now += timedelta(weeks=1)
    assert identities((await student.read()).events) == [f"S {day}" for day in days]


async def test_where_both_answers_tell_of_a_near_day_the_one_about_near_days_counts(
    student: Student, stand_in: StandIn
) -> None:
    rooms = iter(["new", "old", "new"])

    async def moving(request: web.Request) -> web.StreamResponse:
        place = [{"name": next(rooms)}]
        return await told(lesson(date(2026, 10, 15), locations=place))(request)  # type: ignore[no-any-return]

    stand_in.faults["/api/v0/timetable"] = moving
    [event] = (await student.read()).events
    assert event.locations == ("new",)
    assert (await student.read()).unchanged
