"""Homework and tests from the three lists: for a lesson, a day or weeks."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import structs

from bridge.model.event import AllDay, Event, Kind, Progress, Status, Task, Timed, When
from bridge.sources.somtoday.entries import (
    OF_DAY,
    OF_WEEK,
    TIED,
    Assignment,
    AssignmentExtras,
    DayAssignment,
    LessonAssignment,
    StudyItem,
    Subject,
    TaughtGroup,
    WeekAssignment,
)
from bridge.sources.somtoday.mapping.items import about, all_items, day, digest, key_of, moment
from bridge.sources.somtoday.mapping.lessons import test_title
from bridge.upstream.contract import Reading, Unread, read_each
from bridge.upstream.markup import first_line, plain
from bridge.upstream.reply import Body
from bridge.upstream.typed_list import TypedList

LISTS = (TIED, OF_DAY, OF_WEEK)
IDENTITY = "toekenning:"
"""How the identity of homework begins."""
_LISTS: Mapping[str, TypedList[Assignment]] = {
    kind.listed: TypedList(kind, "items") for kind in (LessonAssignment, DayAssignment, WeekAssignment)
}
_GREAT = "GROTE_TOETS"
_TESTS = {"TOETS": "Toets", _GREAT: "Grote toets"}
_BETWEEN_POINTS = re.compile(r"(?<=[^\s.,:;!?])\n(?:• )?")
_PLAIN = {"", "HUISWERK"}
_USUAL_LESSON = timedelta(minutes=50)
_ONE_DAY, _WORKING_WEEK, _WEEK = timedelta(days=1), timedelta(days=5), timedelta(weeks=1)
_LONGEST_MOMENT = 64
_FIRST_WEEK = 31  # the week of 1 August, on which the school year begins


@dataclass(frozen=True, slots=True)
class Assigned:
    """Homework as one event for all of its weeks, and as a task of its lesson."""

    event: Event
    task: Task


@dataclass(frozen=True, slots=True)
class Assignments:
    """The homework among so many `items`, and those that could not be read."""

    found: tuple[Assigned, ...] = ()
    unread: tuple[Unread, ...] = ()
    items: int = 0


@dataclass(frozen=True, slots=True)
class Placed:
    """An item of a list that can be read, and when it is."""

    item: Assignment
    when: When


def listed_items(lists: Mapping[str, Sequence[Body]], origin: str) -> list[Any]:
    """The items of GET /studiewijzeritemafspraaktoekenningen, …dagtoekenningen and …weektoekenningen.

    Args:
        lists: the pages of each list, by its name in `LISTS`. An item that cannot be read is given that name, too.
        origin: the name of the school for people.

    Raises:
        BadResponse: a page is not a list, or repeats an earlier page.
    """
    items: list[Any] = []
    for name, pages in lists.items():
        found = all_items(pages, origin, _LISTS[name].read)
        items += [{**item, "list": name} if isinstance(item, dict) else item for item in found]
    return items


def items_by_week(items: Iterable[Any], zone: ZoneInfo) -> Mapping[date | None, Sequence[Any]]:
    """The items by the Monday of their day. Under `None` are those of whole weeks, and those that do not say a day."""
    found: dict[date | None, list[Any]] = {}
    for item in items:
        found.setdefault(_monday_of_item(item, zone), []).append(item)
    return found


def place_assignments(
    items: Iterable[Any], *, since: date, zone: ZoneInfo, origin: str, whole: bool
) -> tuple[Sequence[Placed], tuple[Unread, ...]]:
    """The items of `listed_items` that can be read, and those that cannot.

    Of weeks without a year, those are meant that end after `since`, the day from which the lists were requested.

    Raises:
        BadResponse: these are the `whole` lists, and most of them cannot be read.
    """
    return read_each(
        items,
        Assignment,
        lambda item: (Placed(item, _when(item, since, zone)),),
        origin=origin,
        identify=_identify,
        whole=whole,
    )


def _monday_of_item(item: Any, zone: ZoneInfo) -> date | None:
    listed: str
    text: object
    if isinstance(item, Assignment):
        listed, text = item.listed, item.moment
    elif isinstance(item, dict):
        listed, text = item["list"], item.get("datumTijd")
    else:
        return None
    if listed == OF_WEEK or not isinstance(text, str):
        return None
    try:
        return monday_of(days_of(_dated(listed, text[:_LONGEST_MOMENT], zone), zone)[0])
    except (ValueError, OverflowError):
        return None


def monday_of(day: date) -> date:
    """The Monday of the week of `day`."""
    return day - timedelta(days=day.weekday())


def _identify(item: Any) -> Unread:
    key = key_of(item)
    return Unread(f"{IDENTITY}{key}") if key else Unread()


def read_assignments(placed: Iterable[Placed], *, pupil: str) -> list[Assigned]:
    """The homework of a pupil among these items."""
    return [assigned for one in placed for assigned in _assigned(one, pupil)]


def each_once(found: Iterable[Assigned]) -> tuple[Assigned, ...]:
    """Of homework with the same identity the last."""
    return tuple({assigned.event.identity: assigned for assigned in found}.values())


def read_homework(assignments: Assignments, timetable: "Timetable") -> Reading:
    """The homework as events, at the times of their lessons in `timetable`, without tests that are in there too.

    Whether a lesson that cannot be read is such a test is not known, so that a test for it stays as it was.
    """
    events: list[Event] = []
    silent: list[str] = []
    for assigned in assignments.found:
        own, lesson = assigned.event, timetable.lesson_of(assigned)
        if timetable.test_of(assigned) is not None:
            continue
        if lesson is not None:
            events.append(structs.replace(own, when=lesson.when, lesson=lesson.identity))
        elif (unread := timetable.unread_lesson_of(assigned)) and own.kind is Kind.EXAM:
            silent.append(own.identity)
        elif unread:
            events.append(structs.replace(own, lesson=unread))
        else:
            events += _by_week(own)
    return Reading(tuple(events), assignments.unread, items=assignments.items, silent=tuple(silent))


def with_tasks(schedule: Reading, assignments: Assignments, timetable: "Timetable") -> Reading:
    """The lessons, of which `timetable` consists, each with its homework."""
    tasks: dict[int, list[Task]] = {}
    for assigned in assignments.found:
        test = timetable.test_of(assigned)
        lesson = test or timetable.lesson_of(assigned)
        if lesson is not None:
            task = assigned.task if test is None else structs.replace(assigned.task, identity="")
            tasks.setdefault(id(lesson), []).append(task)
    events = (
        structs.replace(event, tasks=tuple(tasks[id(event)])) if id(event) in tasks else event
        for event in schedule.events
    )
    return replace(schedule, events=tuple(events))


class Timetable:
    """Finds the lesson of homework."""

    def __init__(self, lessons: Iterable[Event], zone: ZoneInfo, unread: Iterable[Unread] = ()) -> None:
        """Create it for `lessons`, beside those that could not be read."""
        self._zone = zone
        self._unread = {one.begins: one.identity for one in unread if one.begins is not None}
        self._by_start: dict[datetime, list[Event]] = {}
        self._tests: dict[str, list[tuple[date, Event]]] = {}
        for lesson in lessons:
            if not isinstance(lesson.when, Timed):
                continue
            self._by_start.setdefault(lesson.when.start, []).append(lesson)
            if lesson.kind is Kind.EXAM:
                local = lesson.when.start.astimezone(zone).date()
                for name in _names(lesson):
                    self._tests.setdefault(name, []).append((local, lesson))

    def lesson_of(self, assigned: Assigned) -> Event | None:
        """The lesson that begins at the same moment, in the same subject if both have one."""
        when = assigned.event.when
        if not isinstance(when, Timed):
            return None
        at_once = self._by_start.get(when.start, [])
        if len(at_once) > 1:
            at_once = sorted(at_once, key=lambda found: found.status is Status.CANCELLED)
        own = _names(assigned.event)
        same = [lesson for lesson in at_once if own & _names(lesson)]
        if same:
            return same[0]
        return at_once[0] if len(at_once) == 1 and not (own and _names(at_once[0])) else None

    def unread_lesson_of(self, assigned: Assigned) -> str:
        """The identity of a lesson that begins at the same moment and could not be read; empty if there is none."""
        when = assigned.event.when
        return self._unread.get(when.start, "") if isinstance(when, Timed) else ""

    def test_of(self, assigned: Assigned) -> Event | None:
        """The same test in the timetable, if there is one in the same subject on the same days."""
        if assigned.event.kind is not Kind.EXAM:
            return None
        lesson = self.lesson_of(assigned)
        if lesson is not None and lesson.kind is Kind.EXAM:
            return lesson
        first, end = days_of(assigned.event.when, self._zone)
        if end - first > _WORKING_WEEK:
            return None
        known = (found for name in sorted(_names(assigned.event)) for found in self._tests.get(name, ()))
        return next((test for local, test in known if first <= local < end), None)


def _assigned(placed: Placed, pupil: str) -> Iterator[Assigned]:
    """The homework, unless it is not shown yet or is another pupil's."""
    item, when = placed.item, placed.when
    extras = item.additional_objects or AssignmentExtras()
    study = item.studiewijzer_item or StudyItem()
    pupils = extras.leerlingen.items if extras.leerlingen else None
    if not study.is_shown or (pupils and not about(pupils, pupil)):
        return
    group = _group_of(item)
    subject = group.vak or Subject()
    called, code = subject.name, subject.code
    name = called or code
    sort = study.sort.strip().upper()
    test = _TESTS.get(sort, "")
    topic, html = study.topic, study.description
    text = plain(html)
    ticks = (extras.swigemaakt_vinkjes and extras.swigemaakt_vinkjes.items) or ()
    done = any(tick.is_done and (not tick.leerling or about((tick.leerling,), pupil)) for tick in ticks)
    what = topic or first_line(html)
    named = f"{name}: {what}" if name and what else name or what
    event = Event(
        identity=f"{IDENTITY}{item.key or digest(item.listed, name, what, when.start.isoformat())}",
        kind=Kind.EXAM if test else Kind.HOMEWORK,
        when=when,
        title=_test(topic, name, test) if test else named,
        subject=called,
        code=code,
        label="" if test or sort in _PLAIN else sort.replace("_", " ").capitalize(),
        groups=(group.name,) if group.name else (),
        notes=text if text != what else "",
        progress=Progress.DONE if done else None if test else Progress.DUE,
    )
    titled = event.title if test else ""
    told = _line(topic, text) or titled
    task = Task(event.identity, f"{told} (grote toets)" if sort == _GREAT else told, event.kind, titled, done=done)
    yield Assigned(event, task)


def _test(topic: str, subject: str, sort: str) -> str:
    titled = test_title("", subject, sort) if subject else sort
    return f"{titled}: {topic}" if topic else titled


def _line(topic: str, text: str) -> str:
    """On one line what is to be done: `text` has one for each point of a list."""
    points = _BETWEEN_POINTS.sub("; ", text).replace("\n", " ").removeprefix("• ").replace(" • ", " ")
    return ": ".join(piece for piece in (topic, points) if piece)


def _by_week(event: Event) -> Iterator[Event]:
    """An event of several weeks in each of them, Monday to Friday; the first goes on under its name."""
    if not isinstance(event.when, AllDay) or event.when.end - event.when.start <= _WORKING_WEEK:
        yield event
        return
    monday = event.when.start
    while monday < event.when.end:
        year, week, _ = monday.isocalendar()
        name = event.identity if monday == event.when.start else f"{event.identity} {year}-W{week:02}"
        yield structs.replace(event, identity=name, when=AllDay(monday, monday + _WORKING_WEEK))
        monday += _WEEK


def _when(item: Assignment, since: date, zone: ZoneInfo) -> When:
    """Its moment, its day, or its weeks from Monday to Friday. Raises ValueError if it has none of them."""
    if item.listed == OF_WEEK:
        return _weeks(item, _group_of(item), since)
    return _dated(item.listed, item.moment[:_LONGEST_MOMENT], zone)


@lru_cache(maxsize=4096)  # homework is for lessons, as those of a class
def _dated(listed: str, text: str, zone: ZoneInfo) -> When:
    """The moment of a lesson, or a day. Raises ValueError if it is neither."""
    if listed == TIED:
        start = moment(datetime.fromisoformat(text.strip()), zone)
        if start.astimezone(zone).time() != time():
            return Timed(start, start + _USUAL_LESSON, zone.key)
    on = _day_of(text, zone)
    return AllDay(on, on + _ONE_DAY)


def _day_of(text: str, zone: ZoneInfo) -> date:
    """The day that begins at this moment in `zone`, however its offset is written; else that of its first letters."""
    try:
        local = moment(datetime.fromisoformat(text.strip()), zone).astimezone(zone)
    except (ValueError, OverflowError):
        return day(text)
    return local.date() if local.time() == time() else day(text)


def _weeks(item: Assignment, group: TaughtGroup, since: date) -> AllDay:
    first, last = item.first_week, item.last_week
    if first is None:
        raise ValueError("it is not said which week")
    last = first if last is None else last
    if not group.schooljaar or not group.schooljaar.start:
        return _next_weeks(first, last, since)
    year = day(group.schooljaar.start).year
    mondays = [date.fromisocalendar(year + (week < _FIRST_WEEK), week, 1) for week in (first, last)]
    return AllDay(mondays[0], mondays[1] + _WORKING_WEEK)


def _next_weeks(first: int, last: int, since: date) -> AllDay:
    """From the Monday of one week to the Friday of another, of those in any year the first that end after `since`."""
    years = range(since.year - 1, since.year + 3)
    ends = (monday + _WORKING_WEEK for monday in _mondays(last, years) if monday + _WORKING_WEEK > since)
    end = next(ends, None)
    begun = [monday for monday in _mondays(first, years) if end is not None and monday < end]
    if end is None or not begun:
        raise ValueError("no year has that week")
    return AllDay(begun[-1], end)


def _mondays(week: int, years: Iterable[int]) -> Iterator[date]:
    """The Monday of a week in each of the years that have it."""
    for year in years:
        try:
            yield date.fromisocalendar(year, week, 1)
        except ValueError:
            continue


def days_of(when: When, zone: ZoneInfo) -> tuple[date, date]:
    """The first day in `zone`, and the day after the last."""
    if isinstance(when, AllDay):
        return when.start, when.end
    local = when.start.astimezone(zone).date()
    return local, local + _ONE_DAY


def _names(event: Event) -> frozenset[str]:
    return _folded(event.code, event.subject)


@lru_cache(maxsize=256)  # a school has a few dozen subjects, and each lesson and each homework is one of them
def _folded(*names: str) -> frozenset[str]:
    return frozenset(name.casefold() for name in names if name)


def _group_of(item: Assignment) -> TaughtGroup:
    return item.lesgroep or (item.additional_objects and item.additional_objects.lesgroep) or TaughtGroup()
