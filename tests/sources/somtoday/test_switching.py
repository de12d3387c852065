"""From one timetable to the other and back: no UID changes that need not, and nothing shows twice."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from bridge.model.event import Kind, Part, Progress, Status
from bridge.model.tracked import TrackedEvent
from bridge.sources.somtoday.standin.server import ANNA, SomtodayServer, make_server, stand_in
from tests.conftest import OpenSchool, School, SettableClock
from tests.faults import Handler, as_usual
from tests.sources.faults import FAULTS
from tests.sources.somtoday.upstream import LESSONS


@pytest.fixture
def standin(clock: SettableClock) -> SomtodayServer:
    return make_server(clock)


@pytest.fixture
async def school(open_school: OpenSchool, clock: SettableClock, standin: SomtodayServer) -> AsyncIterator[School]:
    async with open_school({"fortes": replace(stand_in(clock), routes=standin.register)}) as opened:
        await opened.add("anna", "fortes")
        yield opened


async def kept(school: School, part: Part = Part.SCHEDULE) -> list[TrackedEvent]:
    (account,) = await school.bridge.store.accounts.all(user="anna")
    return await school.bridge.store.events.of_part(account.id, part)


def held(entries: list[TrackedEvent]) -> dict[str, TrackedEvent]:
    """Lessons that take place, by UID."""
    return {entry.uid: entry for entry in entries if entry.event.status is Status.CONFIRMED and entry.vanished is None}


async def refresh(school: School) -> None:
    rows = await school.refresh()
    assert all(row.ok for row in rows), rows


@pytest.mark.parametrize("own_identifiers", [False, True], ids=["one name", "two names"])
async def test_a_school_that_loses_and_regains_its_weeks_shows_each_lesson_once_under_its_uid(
    school: School, standin: SomtodayServer, clock: SettableClock, *, own_identifiers: bool
) -> None:
    standin.own_identifiers = own_identifiers
    await refresh(school)
    first = await kept(school)
    lessons = len(standin.school.lessons[ANNA.key])
    for lacks in ({"afspraakitems"}, set[str]()):
        standin.lacks = lacks
        clock.forward(hours=3)
        await refresh(school)
        now = await kept(school)
        assert held(now).keys() == held(first).keys()
        assert {uid: entry.event.when for uid, entry in held(now).items()} == {
            uid: entry.event.when for uid, entry in held(first).items()
        }
        shown = [(entry.event.title, entry.event.when, entry.event.groups) for entry in now]
        assert len(set(shown)) == len(shown), "nothing shows twice, cancelled or not"
        assert len(now) <= lessons + 1


async def test_a_lesson_that_is_cancelled_in_one_way_stays_so_in_the_other(
    school: School, standin: SomtodayServer, clock: SettableClock
) -> None:
    await refresh(school)
    lesson = standin.school.next_lesson(clock(), ANNA)
    standin.school.cancel(lesson)
    for lacks in (set[str](), {"afspraakitems"}, set[str]()):
        standin.lacks = lacks
        await refresh(school)
        (entry,) = [one for one in await kept(school) if one.event.identity == str(lesson.key)]
        assert entry.vanished is not None or entry.event.status is Status.CANCELLED


def without(left_out: Callable[[Any], bool]) -> Handler:
    """The documented timetable without some of its items."""

    async def answer(request: web.Request) -> web.StreamResponse:
        usual = await as_usual(request)
        assert isinstance(usual, web.Response)
        told = json.loads(str(usual.text))
        told["items"] = [item for item in told["items"] if not left_out(item)]
        usual.text = json.dumps(told)
        return usual

    return answer


@pytest.mark.parametrize("refusal", ["forbids", "lacks"])
async def test_what_only_the_refused_timetable_had_goes_without_a_word_and_what_was_cancelled_stays_so(
    school: School, standin: SomtodayServer, clock: SettableClock, refusal: str
) -> None:
    cancelled, elsewhere, later = [
        one for one in standin.school.lessons[ANNA.key] if one.start > clock() and not one.cancelled
    ][:3]
    standin.school.cancel(cancelled)
    await refresh(school)
    setattr(standin, refusal, {"afspraakitems"})
    missing = {elsewhere.key}
    school.stand_ins["fortes"].faults[LESSONS] = without(lambda item: item["links"][0]["id"] in missing)
    for _ in range(2):
        await refresh(school)
        now = {entry.event.identity: entry for entry in await kept(school)}
        assert str(elsewhere.key) not in now
        assert now[str(cancelled.key)].event.status is Status.CANCELLED
        assert now[str(later.key)].vanished is None
    missing.add(later.key)
    await refresh(school)
    (entry,) = [one for one in await kept(school) if one.event.identity == str(later.key)]
    assert entry.vanished is not None, "which the other timetable had"


async def test_another_timetable_that_lacks_most_of_what_was_ahead_is_held_back(
    school: School, standin: SomtodayServer, clock: SettableClock
) -> None:
    await refresh(school)
    before = await kept(school)
    standin.forbids = {"afspraakitems"}
    ahead = [one for one in standin.school.lessons[ANNA.key] if one.start > clock()]
    standin.school.lessons[ANNA.key] = [one for one in standin.school.lessons[ANNA.key] if one not in ahead[9:]]
    assert "held back" in str({row.part: row for row in await school.refresh()}[Part.SCHEDULE].error)
    assert await kept(school) == before
    clock.forward(hours=1)
    await refresh(school)
    assert not [entry for entry in await kept(school) if entry.vanished]


async def test_a_far_lesson_that_moves_to_this_week_is_one_lesson(
    school: School, standin: SomtodayServer, clock: SettableClock
) -> None:
    await refresh(school)
    far = next(one for one in standin.school.lessons[ANNA.key] if (one.start - clock()).days > 40 and not one.cancelled)
    before = next(one for one in await kept(school) if one.event.identity == str(far.key))
    standin.school.move(far, clock() - far.start + (far.end - far.start))
    for _ in range(2):
        await refresh(school)
        (entry,) = [one for one in await kept(school) if one.event.identity == str(far.key)]
        assert entry.uid == before.uid
        assert entry.vanished is None
        clock.forward(hours=7)


FAR_FAULTS = ("JSON that is cut off", "a web page", "a list", "an error", "too many requests", "a broken connection")


async def test_a_far_week_that_fails_in_whatever_way_costs_nothing_else_and_is_told(
    school: School, clock: SettableClock
) -> None:
    far = (clock() + timedelta(weeks=5)).isocalendar()[:2]

    async def of_week() -> list[TrackedEvent]:
        entries = [*await kept(school), *await kept(school, Part.HOMEWORK)]
        return [entry for entry in entries if entry.event.when.start.isocalendar()[:2] == far]

    await refresh(school)
    before = await of_week()
    faults = school.stand_ins["fortes"].faults
    for name in FAR_FAULTS:
        clock.forward(hours=7)
        faults[f"/rest/v1/afspraakitems/{ANNA.key}/jaar/{far[0]}/week/{far[1]}"] = FAULTS[name]
        rows = [row for row in await school.refresh() if row.part in {Part.SCHEDULE, Part.HOMEWORK}]
        assert all(row.ok for row in rows), name
        assert str(rows[0].error).startswith("Not up to date: weeks further away. Fortes Lyceum"), name
        assert await of_week() == before, name
    faults.clear()
    assert not {row.error for row in await school.refresh()} - {None}


async def test_a_second_refresh_asks_only_for_what_is_near(school: School, clock: SettableClock) -> None:
    await refresh(school)
    weeks = "GET /rest/v1/afspraakitems/{id}/jaar/{year}/week/{week}"
    requests = school.stand_ins["fortes"].requests
    assert requests[weeks] == 62
    requests.clear()
    clock.forward(minutes=30)
    await refresh(school)
    assert requests[weeks] == 4
    requests.clear()
    clock.forward(hours=6)
    await refresh(school)
    assert requests[weeks] == 62


async def test_new_homework_is_a_mark_on_its_lesson_and_an_event_at_once(
    school: School, standin: SomtodayServer
) -> None:
    await refresh(school)
    standin.add_homework()
    await refresh(school)
    given = next(one for one in await kept(school, Part.HOMEWORK) if "Leren" in one.event.title)
    assert given.event.kind is Kind.HOMEWORK
    (lesson,) = [one for one in await kept(school) if one.event.when == given.event.when]
    assert lesson.event.tasks is not None
    assert "Leren: De woorden van week 3" in {task.text for task in lesson.event.tasks}
    assert given.event.lesson == lesson.event.identity


async def test_homework_stands_in_its_lesson_where_a_feed_asks_for_both(school: School) -> None:
    await refresh(school)
    kinds = {"both": (Kind.LESSON, Kind.HOMEWORK), "lessons": (Kind.LESSON,), "homework": (Kind.HOMEWORK,)}
    for name, asked in kinds.items():
        await school.feed("anna", name=name, kinds=asked)
    calendars = {name: await school.ics("anna", name) for name in kinds}
    tied = [
        entry.uid
        for entry in await kept(school, Part.HOMEWORK)
        if entry.event.kind is Kind.HOMEWORK and entry.event.lesson and entry.event.progress is Progress.DUE
    ]
    assert tied
    assert "huiswerk" not in calendars["lessons"].casefold()
    assert "· huiswerk" in calendars["both"]
    for name, shown in (("both", False), ("homework", True)):
        assert all((f"UID:{uid}\r\n" in calendars[name]) is shown for uid in tied), name
