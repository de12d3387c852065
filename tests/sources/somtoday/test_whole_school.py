"""Weeks of school made up at random: whatever the school has comes out once, in its place, with its mark."""

import asyncio
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from bridge.model.event import AllDay, Before, Kind, Part, Progress, Status, Timed
from bridge.model.window import Window
from bridge.sources.somtoday import SOURCE
from bridge.sources.somtoday.standin.homework import OF_DAY, OF_WEEK, TIED, Homework
from bridge.sources.somtoday.standin.school import ZONE, Lesson, Trip
from bridge.sources.somtoday.standin.server import ANNA, SomtodayServer, make_server
from bridge.upstream.retry import RetryPolicy
from bridge.upstream.session import new_session
from bridge.upstream.standin import StandIn
from bridge.upstream.surroundings import Surroundings
from tests.sources.somtoday.conftest import PERSON, KeptLogin
from tests.sources.somtoday.taken import Taken, take

MONDAYS = (date(2026, 10, 19), date(2026, 12, 21))
"""The clocks change in the first three weeks; the others go over week 53 and a year's turn."""
WEEKS = 3
PLAIN, CANCELLED, MOVED, REROOMED = "plain", "cancelled", "moved", "re-roomed"
FATES = (PLAIN, CANCELLED, MOVED, REROOMED)
SORTS = ("HUISWERK", "LESSTOF", "TOETS", "GROTE_TOETS")
SUBJECTS = ("netl", "wisB", "ges")
ZONE_NAME = "Europe/Amsterdam"


@dataclass(frozen=True)
class Made:
    """What a school has, and what became of each lesson, by its id."""

    monday: date
    lessons: list[Lesson]
    fates: dict[int, str]
    homework: list[Homework]
    trips: list[Trip]


@st.composite
def schools(draw: st.DrawFn) -> Made:
    monday = draw(st.sampled_from(MONDAYS))

    def at(number: int, hour: int = 0, minute: int = 0) -> datetime:
        return datetime.combine(monday + timedelta(days=number), time(hour, minute), ZONE)

    days = st.integers(0, WEEKS * 7 - 1)
    lessons: list[Lesson] = []
    fates: dict[int, str] = {}
    homework: list[Homework] = []
    for number, (day, period) in enumerate(
        draw(st.lists(st.tuples(days, st.integers(1, 7)), unique=True, max_size=12))
    ):
        start = at(day, 7 + period, 30)
        lesson = Lesson(
            key=9_000_000_000_000 + number,
            pupil=ANNA,
            start=start,
            end=start + timedelta(minutes=draw(st.integers(40, 59))),
            period=period,
            subject=draw(st.sampled_from(SUBJECTS)),
            room="b012",
            teacher="Abc",
            test=draw(st.booleans()),
        )
        lessons.append(lesson)
        fates[lesson.key] = draw(st.sampled_from(FATES))
        if draw(st.booleans()):
            homework.append(task(len(homework), TIED, lesson.subject, lesson.start, draw))
    for day in draw(st.lists(days, max_size=3)):
        homework.append(task(len(homework), OF_DAY, draw(st.sampled_from(SUBJECTS)), at(day), draw))
    for week in draw(st.lists(st.integers(0, WEEKS - 1), max_size=3)):
        subject = draw(st.sampled_from(SUBJECTS))
        span = draw(st.integers(1, min(2, WEEKS - week)))
        homework.append(replace(task(len(homework), OF_WEEK, subject, at(week * 7), draw), weeks=span))
    trips = [
        Trip(5_000 + number, ANNA, f"Reis {number}", at(day, 9), at(day + length, 16))
        for number, (day, length) in enumerate(draw(st.lists(st.tuples(days, st.integers(0, 9)), max_size=2)))
    ]
    return Made(monday, lessons, fates, homework, trips)


def task(number: int, listed: str, subject: str, start: datetime, draw: st.DrawFn) -> Homework:
    return Homework(
        key=12_000_000_000_000 + number,
        pupil=ANNA,
        sort=draw(st.sampled_from(SORTS)),
        listed=listed,
        subject=subject,
        topic=f"Taak {number}",
        text=f"<p>Doe <b>{number}</b></p>",
        start=start,
        done=draw(st.booleans()),
    )


async def told(made: Made, choice: str) -> tuple[SomtodayServer, Taken]:
    """What comes of it in one of the two ways."""
    now = datetime.combine(made.monday + timedelta(days=8), time(12), UTC)
    standin = make_server(lambda: now)
    standin.school.lessons[ANNA.key] = list(made.lessons)
    standin.school.trips[ANNA.key] = made.trips
    standin.homework[ANNA.key] = made.homework
    for lesson in made.lessons:
        match made.fates[lesson.key]:
            case "cancelled":
                standin.school.cancel(lesson)
            case "moved":
                standin.school.move(lesson, timedelta(minutes=7))
            case "re-roomed":
                standin.school.change_room(lesson, "x999")
    stand_in = StandIn(source="somtoday", addresses=("api_url", "auth_url"), routes=standin.register)
    async with stand_in.serve() as address, new_session() as session:
        values = stand_in.settings_at(address) | {"requests_per_second": 1000, "schedule_api": choice}
        surroundings = Surroundings("fortes", session, lambda: now, RetryPolicy(attempts=1))
        source = SOURCE.create(SOURCE.settings.model_validate(values), surroundings)
        window = Window(made.monday, made.monday + timedelta(weeks=WEEKS))
        return standin, await take(source, PERSON, KeptLogin(), window)


@settings(max_examples=15)
@given(schools())
def test_by_weeks_every_lesson_and_trip_comes_once_with_its_mark(made: Made) -> None:
    standin, taken = asyncio.run(told(made, "auto"))
    events = {event.identity: event for event in taken.events()}
    assert len(events) == len(taken.events()) == len(made.lessons) + len(made.trips)
    for lesson in standin.school.lessons[ANNA.key]:
        event, fate = events[str(lesson.key)], made.fates[lesson.key]
        was = next(one for one in made.lessons if one.key == lesson.key)
        assert event.kind is (Kind.EXAM if lesson.test else Kind.LESSON)
        assert event.when == Timed(lesson.start.astimezone(UTC), lesson.end.astimezone(UTC), ZONE_NAME)
        assert event.status is (Status.CANCELLED if fate == CANCELLED else Status.CONFIRMED)
        assert event.before == {
            MOVED: Before(Timed(was.start.astimezone(UTC), was.end.astimezone(UTC), ZONE_NAME)),
            REROOMED: Before(locations=("b012",)),
        }.get(fate)
        assert (event.locations, event.notes) == ((lesson.room,), "")
    for trip in made.trips:
        assert events[str(trip.key)].when == Timed(trip.start.astimezone(UTC), trip.end.astimezone(UTC), ZONE_NAME)


@settings(max_examples=6)
@given(schools())
def test_at_once_the_same_lessons_come_but_for_what_is_cancelled(made: Made) -> None:
    _, by_week = asyncio.run(told(made, "auto"))
    _, at_once = asyncio.run(told(made, "afspraken"))
    held = {
        event.identity: structs.replace(event, before=None)
        for event in by_week.events()
        if event.status is Status.CONFIRMED
    }
    assert {
        event.identity: structs.replace(event, tasks=held[event.identity].tasks) for event in at_once.events()
    } == held


@settings(max_examples=15)
@given(schools())
def test_all_homework_comes_once_in_its_place_or_with_the_test_that_it_is(made: Made) -> None:
    standin, taken = asyncio.run(told(made, "auto"))
    own = {event.identity: event for event in taken.events(Part.HOMEWORK)}
    assert len(own) == len(taken.events(Part.HOMEWORK))
    lessons = standin.school.lessons[ANNA.key]
    at_lessons = Counter((task.text, task.done) for event in taken.events() for task in event.tasks or ())
    for homework in made.homework:
        lesson = next((one for one in lessons if one.start == homework.start and one.subject == homework.subject), None)
        lesson = lesson if homework.listed == TIED else None
        test = is_test(homework) and any(
            one.test and one.subject == homework.subject and falls_in(homework, one) for one in lessons
        )
        event = own.pop(f"toekenning:{homework.key}", None)
        rest = [own.pop(name) for name in sorted(own) if name.startswith(f"toekenning:{homework.key} ")]
        assert (event is None) is test, "a test that is in the timetable shows there alone"
        assert at_lessons.pop(words(homework), 0) == (1 if test or lesson else 0)
        if event is not None:
            assert event.kind is (Kind.EXAM if is_test(homework) else Kind.HOMEWORK)
            assert event.when == place(homework, lesson)
            assert event.lesson == (str(lesson.key) if lesson else "")
            assert [later.when for later in rest] == further_weeks(homework)
            assert (event.progress is Progress.DONE) is homework.done
    assert not own
    assert not at_lessons


def is_test(homework: Homework) -> bool:
    return homework.sort in {"TOETS", "GROTE_TOETS"}


def falls_in(homework: Homework, lesson: Lesson) -> bool:
    first, day = homework.start.date(), lesson.start.date()
    if homework.listed != OF_WEEK:
        return day == first
    return homework.weeks == 1 and first <= day < first + timedelta(days=5)


def words(homework: Homework) -> tuple[str, bool]:
    number = homework.topic.split()[1]
    sort = " (grote toets)" if homework.sort == "GROTE_TOETS" else ""
    return f"Taak {number}: Doe {number}{sort}", homework.done


def place(homework: Homework, lesson: Lesson | None) -> Timed | AllDay:
    day = homework.start.date()
    if homework.listed == OF_DAY:
        return AllDay(day, day + timedelta(days=1))
    if homework.listed == OF_WEEK:
        return AllDay(day, day + timedelta(days=5))
    end = lesson.end if lesson else homework.start + timedelta(minutes=50)
    return Timed(homework.start.astimezone(UTC), end.astimezone(UTC), ZONE_NAME)


def further_weeks(homework: Homework) -> list[AllDay]:
    mondays = [homework.start.date() + timedelta(weeks=week) for week in range(1, homework.weeks)]
    return [AllDay(monday, monday + timedelta(days=5)) for monday in mondays]
