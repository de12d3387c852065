"""In which way the timetable is asked for, how often, and that it is the same lessons in each."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from itertools import pairwise

import pytest
from aiohttp import web
from msgspec.structs import replace

from bridge.errors import BadResponse, Forbidden, Unavailable
from bridge.model.event import Before, Kind, Part, Status, Timed
from bridge.model.window import Window
from bridge.sources.somtoday.schedule import weeks_of
from bridge.sources.somtoday.standin.server import ANNA, SEM, SomtodayServer, make_server
from bridge.upstream.contract import Account, Source
from bridge.upstream.standin import StandIn
from tests.faults import saying
from tests.sources.somtoday.answers import text
from tests.sources.somtoday.conftest import NOW, PERSON, WINDOW, KeptLogin
from tests.sources.somtoday.taken import Taken, later, take
from tests.sources.somtoday.upstream import ASKED

WEEK = "GET /rest/v1/afspraakitems/{id}/jaar/{year}/week/{week}"
LINK = "GET /rest/v1/icalendar"
STREAM = "GET /rest/v1/icalendar/stream/{id}"
NEAR = ["2026-W46", "2026-W47", "2026-W48", "2026-W49"]
Make = Callable[..., Source]


@pytest.fixture
def standin() -> SomtodayServer:
    """A school that has everything."""
    return make_server(lambda: NOW)


@pytest.fixture
def timetable(make: Make, login: KeptLogin) -> Callable[..., Awaitable[Taken]]:
    """Fetch and read; by weeks, where nothing else is said."""

    async def taken(account: Account = PERSON, *, window: Window = WINDOW, **changes: object) -> Taken:
        return await take(make(**({"schedule_api": "auto"} | changes)), account, login, window)

    return taken


Fetch = Callable[..., Awaitable[Taken]]


async def test_each_week_is_an_answer_of_its_own_that_covers_its_days_of_the_window(timetable: Fetch) -> None:
    window = Window(date(2026, 11, 4), date(2026, 12, 2))
    taken = await timetable(window=window)
    assert sorted(taken.names(Part.SCHEDULE)) == ["2026-W45", *NEAR]
    assert taken.names(Part.SCHEDULE)[:4] == NEAR, "what is near comes first"
    assert taken.names(Part.HOMEWORK) == taken.names(Part.SCHEDULE)
    windows = sorted(
        ((answer.window.start, answer.window.end) for answer, _ in taken.answers[Part.SCHEDULE] if answer.window)
    )
    assert windows[0] == (date(2026, 11, 4), date(2026, 11, 9))
    assert windows[-1] == (date(2026, 11, 30), date(2026, 12, 2))
    assert all(one[1] == other[0] for one, other in pairwise(windows)), "no day is left out"


@pytest.mark.parametrize(
    ("start", "end", "names"),
    [
        (date(2026, 12, 21), date(2027, 1, 18), ["2026-W52", "2026-W53", "2027-W01", "2027-W02"]),
        (date(2024, 12, 30), date(2024, 12, 31), ["2025-W01"]),
        (date(2027, 1, 1), date(2027, 1, 5), ["2026-W53", "2027-W01"]),
        (date(2025, 12, 29), date(2026, 1, 1), ["2026-W01"]),
    ],
)
def test_weeks_are_those_of_iso_8601_over_a_years_turn(start: date, end: date, names: list[str]) -> None:
    weeks = weeks_of(Window(start, end), Window(start, start))
    assert sorted(week.name for week in weeks) == names
    assert min(week.window.start for week in weeks) == start
    assert max(week.window.end for week in weeks) == end


async def test_only_weeks_near_today_are_read_every_time_and_far_ones_when_they_are_old(
    timetable: Fetch, stand_in: StandIn
) -> None:
    first = await timetable()
    assert stand_in.requests[WEEK] == len(first.names(Part.SCHEDULE)) == 14
    for age, names in ((timedelta(hours=5, minutes=59), NEAR), (timedelta(hours=6), first.names(Part.SCHEDULE))):
        stand_in.requests.clear()
        again = await timetable(later(PERSON, (first, NOW - age)))
        assert again.names(Part.SCHEDULE) == names
        assert stand_in.requests[WEEK] == len(names)
    for far_interval, count in (("30m", 14), ("12h", 4)):
        again = await timetable(later(PERSON, (first, NOW - timedelta(hours=7))), far_interval=far_interval)
        assert len(again.names(Part.SCHEDULE)) == count


async def test_a_far_week_whose_homework_did_not_come_is_read_again_when_it_does(
    timetable: Fetch, stand_in: StandIn
) -> None:
    stand_in.faults["/rest/v1/studiewijzeritem"] = saying(500)
    first = await timetable()
    assert isinstance(first.errors[Part.HOMEWORK], Unavailable)
    again = await timetable(later(PERSON, (first, NOW)))
    assert again.names(Part.SCHEDULE) == NEAR, "while it does not come, it costs no request"
    stand_in.faults.clear()
    assert len((await timetable(later(PERSON, (first, NOW)))).names(Part.HOMEWORK)) == 14


async def test_without_weeks_the_documented_timetable_is_read(
    timetable: Fetch, standin: SomtodayServer, stand_in: StandIn
) -> None:
    standin.lacks = {"afspraakitems"}
    taken = await timetable()
    assert (stand_in.requests[WEEK], stand_in.requests[ASKED] > 0) == (1, True)
    assert taken.names(Part.SCHEDULE) == taken.names(Part.HOMEWORK) == [""]
    assert all(answer.window is None for answer, _ in taken.answers[Part.SCHEDULE])


async def test_a_week_that_is_missing_among_others_stays_as_it_is(timetable: Fetch, stand_in: StandIn) -> None:
    stand_in.faults[f"/rest/v1/afspraakitems/{ANNA.key}/jaar/2026/week/51"] = saying(404)
    taken = await timetable()
    assert len(taken.names(Part.SCHEDULE)) == 13
    assert "2026-W51" not in taken.names(Part.SCHEDULE)


@pytest.mark.parametrize("status", [402, 429, 500])
async def test_a_week_that_fails_fails_the_timetable_and_its_homework(
    timetable: Fetch, stand_in: StandIn, status: int
) -> None:
    stand_in.faults[f"/rest/v1/afspraakitems/{ANNA.key}/jaar/2026/week/47"] = saying(status)
    taken = await timetable()
    assert taken.errors.keys() == {Part.SCHEDULE, Part.HOMEWORK}
    assert Part.ABSENCES in taken.answers


@pytest.mark.parametrize("status", [402, 403, 404, 429, 500])
async def test_far_weeks_that_do_not_come_leave_the_near_ones_and_are_due_again(
    timetable: Fetch, stand_in: StandIn, status: int
) -> None:
    for week in (50, 51):
        stand_in.faults[f"/rest/v1/afspraakitems/{ANNA.key}/jaar/2026/week/{week}"] = saying(status)
    taken = await timetable()
    assert taken.errors == {}
    assert {"2026-W47", "2026-W48", "2026-W49"} <= {*taken.names(Part.SCHEDULE)}
    assert not {"2026-W50", "2026-W51"} & {*taken.names(Part.SCHEDULE)}
    told = {note for answer, _ in taken.answers[Part.SCHEDULE] for note in answer.notes}
    assert bool(told) is (status != 404)
    stand_in.faults.clear()
    again = await timetable(later(PERSON, (taken, NOW)))
    assert {"2026-W50", "2026-W51"} <= {*again.names(Part.SCHEDULE)}


async def test_the_settings_may_insist_on_one_of_them(
    timetable: Fetch, standin: SomtodayServer, stand_in: StandIn
) -> None:
    await timetable(schedule_api="afspraken")
    assert stand_in.requests[WEEK] == 0
    await timetable(schedule_api="afspraakitems")
    standin.lacks = {"afspraakitems"}
    failed = (await timetable(schedule_api="afspraakitems")).errors[Part.SCHEDULE]
    assert isinstance(failed, BadResponse)
    assert "schedule_api" in failed.sentence


async def test_in_both_ways_the_same_lessons_show_and_only_one_tells_what_is_cancelled(
    timetable: Fetch, standin: SomtodayServer
) -> None:
    by_week = {event.identity: event for event in (await timetable()).events()}
    documented = {event.identity: event for event in (await timetable(schedule_api="afspraken")).events()}
    cancelled = {key for key, event in by_week.items() if event.status is Status.CANCELLED}
    assert cancelled
    assert by_week.keys() - cancelled == documented.keys()
    assert sum(lesson.cancelled for lesson in standin.school.lessons[ANNA.key]) >= len(cancelled)
    for key, event in documented.items():
        told = by_week[key]
        assert replace(told, before=None) == event, "the same to the last field, so that a switch changes nothing"


async def test_what_happens_to_a_lesson_shows_in_either_way(timetable: Fetch, standin: SomtodayServer) -> None:
    first, second, third = [
        lesson for lesson in standin.school.lessons[ANNA.key] if lesson.start > NOW and not lesson.cancelled
    ][:3]
    standin.school.cancel(first)
    moved = standin.school.move(second, timedelta(minutes=30))
    changed = standin.school.change_room(third, "y001")
    by_week = {event.identity: event for event in (await timetable()).events()}
    documented = {event.identity: event for event in (await timetable(schedule_api="afspraken")).events()}
    assert by_week[str(first.key)].status is Status.CANCELLED
    assert str(first.key) not in documented
    old = Timed(second.start, second.end, "Europe/Amsterdam")
    assert by_week[str(second.key)].before == Before(old)
    assert by_week[str(third.key)].before == Before(locations=(third.room,))
    for told in (by_week, documented):
        assert told[str(second.key)].when == Timed(moved.start, moved.end, "Europe/Amsterdam")
        assert told[str(third.key)].locations == (changed.room,)
        assert told[str(second.key)].notes == told[str(third.key)].notes == ""


@pytest.mark.parametrize("choice", ["auto", "afspraakitems", "afspraken"])
async def test_a_school_that_forbids_the_timetable_but_has_an_ical_link_gives_each_lesson_once(
    timetable: Fetch, standin: SomtodayServer, stand_in: StandIn, choice: str
) -> None:
    standin.forbids = {"afspraken", "afspraakitems"}
    taken = await timetable(schedule_api=choice)
    assert stand_in.requests[LINK] == stand_in.requests[STREAM] == 1
    events = taken.events()
    held = [
        lesson
        for lesson in standin.school.lessons[ANNA.key]
        if not lesson.cancelled and NOW.date() <= lesson.start.date() < WINDOW.end
    ]
    assert len(events) == len(held), "the link has each lesson twice"
    assert {event.title for event in events} == {lesson.title for lesson in held}
    assert all(event.kind is Kind.LESSON for event in events)
    assert taken.events(Part.HOMEWORK)


@pytest.mark.parametrize("without", [{"lacks": {"icalendar"}}, {"forbids": {"icalendar"}}])
async def test_without_a_link_either_the_timetable_is_not_offered_and_homework_is(
    timetable: Fetch, standin: SomtodayServer, without: dict[str, set[str]]
) -> None:
    standin.forbids = {"afspraken", "afspraakitems"} | without.get("forbids", set())
    standin.lacks = without.get("lacks", set())
    taken = await timetable()
    assert isinstance(taken.errors[Part.SCHEDULE], Forbidden)
    assert taken.events(Part.HOMEWORK)


async def test_the_link_of_a_parents_login_could_be_any_childs_and_is_not_used(
    timetable: Fetch, standin: SomtodayServer, stand_in: StandIn, login: KeptLogin
) -> None:
    login.secret = "refresh-bakker"
    standin.forbids = {"afspraken", "afspraakitems"}
    taken = await timetable(Account(str(SEM.key)))
    assert isinstance(taken.errors[Part.SCHEDULE], Forbidden)
    assert stand_in.requests[LINK] == 0


@pytest.mark.parametrize(
    "link", ['{"leerlingICalendarLink": "file:///etc/passwd"}', '{"leerlingICalendarLink": ""}', "{}", "[]"]
)
async def test_a_link_that_leads_nowhere_is_none(
    timetable: Fetch, standin: SomtodayServer, stand_in: StandIn, link: str
) -> None:
    standin.forbids = {"afspraken", "afspraakitems"}
    stand_in.faults["/rest/v1/icalendar"] = saying(200, link)
    assert isinstance((await timetable()).errors[Part.SCHEDULE], Forbidden)


@pytest.mark.parametrize("forbidden", ["afspraak", "dag", "week"])
async def test_one_homework_list_that_is_forbidden_costs_no_other(
    timetable: Fetch, standin: SomtodayServer, stand_in: StandIn, forbidden: str
) -> None:
    standin.forbids = {f"studiewijzeritem{forbidden}toekenningen"}
    taken = await timetable()
    assert taken.events(Part.HOMEWORK)
    known = any(event.tasks is not None for event in taken.events())
    assert known is (forbidden != "afspraak"), "what is to be done for lessons stays as it was, where nobody says"


async def test_homework_that_is_forbidden_is_not_offered_and_homework_that_fails_costs_no_lesson(
    timetable: Fetch, stand_in: StandIn
) -> None:
    stand_in.faults["/rest/v1/studiewijzeritem"] = saying(403)
    taken = await timetable()
    assert isinstance(taken.errors[Part.HOMEWORK], Forbidden)
    assert taken.errors[Part.HOMEWORK].sentence == "Fortes does not show the homework of this pupil."
    assert all(event.tasks is None for event in taken.events())
    assert told_in(taken) == set(), "what the school hides is not missing"
    for broken in (saying(500), saying(200, "[]"), saying(200, '{"items": [')):
        stand_in.faults["/rest/v1/studiewijzeritem"] = broken
        taken = await timetable()
        assert Part.HOMEWORK in taken.errors
        assert taken.events()
        assert told_in(taken), "the row of the schedule says that homework is missing"


async def test_what_cannot_be_placed_in_a_week_is_counted_once(timetable: Fetch, stand_in: StandIn) -> None:
    told = text({"links": [{"id": 1, "rel": "self"}], "datumTijd": "yyyy-MM-dd"})
    stand_in.faults["/rest/v1/studiewijzeritemdagtoekenningen"] = saying(200, told)
    account, window = PERSON, Window(date(2026, 11, 16), date(2026, 12, 7))
    taken = await timetable(account, window=window)
    assert sum(reading.skipped for _, reading in taken.answers[Part.HOMEWORK]) == 1


async def test_a_week_is_one_payload_for_both_of_its_parts_so_that_it_is_read_once(timetable: Fetch) -> None:
    taken = await timetable()
    payloads = [[id(answer.payload) for answer, _ in taken.answers[part]] for part in (Part.SCHEDULE, Part.HOMEWORK)]
    assert payloads[0] == payloads[1]
    assert len(set(payloads[0])) == 14


@pytest.fixture
def homework_from(stand_in: StandIn) -> list[tuple[str, str]]:
    """The homework lists that are requested, and from which day on."""
    asked: list[tuple[str, str]] = []

    async def watch(request: web.Request) -> web.StreamResponse:
        asked.append((request.path.rpartition("studiewijzeritem")[2], request.query["begintNaOfOp"]))
        return await request.match_info.handler(request)

    stand_in.faults["/rest/v1/studiewijzeritem"] = watch
    return asked


TIED, OF_DAY, OF_WEEK = "afspraaktoekenningen", "dagtoekenningen", "weektoekenningen"
RECENT = [(TIED, "2026-11-09"), (OF_DAY, "2026-11-09"), (OF_WEEK, "2026-11-01")]
OLDER = [(TIED, "2026-11-01"), (OF_DAY, "2026-11-01")]


async def test_homework_for_lessons_and_days_begins_with_the_near_days_unless_far_weeks_are_due(
    timetable: Fetch, homework_from: list[tuple[str, str]]
) -> None:
    first = await timetable()
    assert homework_from == [*RECENT, *OLDER]
    homework_from.clear()
    again = await timetable(later(PERSON, (first, NOW)))
    assert homework_from == RECENT
    kept = {answer.name: answer.fingerprint for answer, _ in first.answers[Part.HOMEWORK]}
    assert {answer.name: answer.fingerprint for answer, _ in again.answers[Part.HOMEWORK]}.items() <= kept.items()


async def test_homework_is_requested_once_where_the_timetable_comes_at_once(
    timetable: Fetch, standin: SomtodayServer, homework_from: list[tuple[str, str]]
) -> None:
    standin.lacks = {"afspraakitems"}
    first = await timetable()
    homework_from.clear()
    assert (await timetable(later(PERSON, (first, NOW)))).events(Part.HOMEWORK)
    assert homework_from == [*OLDER, RECENT[2]]


async def test_homework_of_far_weeks_that_does_not_come_fails_the_homework_and_costs_no_lesson(
    timetable: Fetch, stand_in: StandIn
) -> None:
    async def refuse_older(request: web.Request) -> web.StreamResponse:
        if (TIED, request.query["begintNaOfOp"]) == OLDER[0] and TIED in request.path:
            return web.Response(status=500)
        return await request.match_info.handler(request)

    stand_in.faults["/rest/v1/studiewijzeritem"] = refuse_older
    taken = await timetable()
    assert isinstance(taken.errors[Part.HOMEWORK], Unavailable)
    assert len(taken.names(Part.SCHEDULE)) == 14
    assert told_in(taken) == {f"Not up to date: homework in lessons. {taken.errors[Part.HOMEWORK].sentence}"}


def told_in(taken: Taken) -> set[str]:
    """What the row of the schedule says is missing."""
    return {note for answer, reading in taken.answers[Part.SCHEDULE] for note in (*answer.notes, *reading.notes)}
