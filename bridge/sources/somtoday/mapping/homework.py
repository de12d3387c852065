"""Homework and tests from the three lists: for a lesson, a day or weeks."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import structs

from bridge.model.event import AllDay, Event, Kind, Progress, Task, When
from bridge.sources.somtoday.assignments import (
    OF_DAY,
    OF_WEEK,
    TIED,
    Assignment,
    AssignmentExtras,
    DayAssignment,
    LessonAssignment,
    StudyItem,
    WeekAssignment,
)
from bridge.sources.somtoday.mapping.due import WORKING_WEEK, due, group_of, monday_of_item
from bridge.sources.somtoday.mapping.items import about, all_items, digest, key_of
from bridge.sources.somtoday.mapping.lessons import test_title
from bridge.sources.somtoday.mapping.timetable import Timetable
from bridge.sources.somtoday.tolerant import Subject
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
_WEEK = timedelta(weeks=1)


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
        found.setdefault(monday_of_item(item, zone), []).append(item)
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
        lambda item: (Placed(item, due(item, since, zone)),),
        origin=origin,
        identify=_identify,
        whole=whole,
    )


def _identify(item: Any) -> Unread:
    key = key_of(item)
    return Unread(f"{IDENTITY}{key}") if key else Unread()


def read_assignments(placed: Iterable[Placed], *, pupil: str) -> list[Assigned]:
    """The homework of a pupil among these items."""
    return [assigned for one in placed for assigned in _assigned(one, pupil)]


def each_once(found: Iterable[Assigned]) -> tuple[Assigned, ...]:
    """Of homework with the same identity the last."""
    return tuple({assigned.event.identity: assigned for assigned in found}.values())


def read_homework(assignments: Assignments, timetable: Timetable) -> Reading:
    """The homework as events, at the times of their lessons in `timetable`, without tests that are in there too.

    Whether a lesson that cannot be read is such a test is not known, so that a test for it stays as it was.
    """
    events: list[Event] = []
    silent: list[str] = []
    for assigned in assignments.found:
        own, lesson = assigned.event, timetable.lesson_of(assigned.event)
        if timetable.test_of(assigned.event) is not None:
            continue
        if lesson is not None:
            events.append(structs.replace(own, when=lesson.when, lesson=lesson.identity))
        elif (unread := timetable.unread_lesson_of(assigned.event)) and own.kind is Kind.EXAM:
            silent.append(own.identity)
        elif unread:
            events.append(structs.replace(own, lesson=unread))
        else:
            events += _by_week(own)
    return Reading(tuple(events), assignments.unread, items=assignments.items, silent=tuple(silent))


def with_tasks(schedule: Reading, assignments: Assignments, timetable: Timetable) -> Reading:
    """The lessons, of which `timetable` consists, each with its homework."""
    tasks: dict[int, list[Task]] = {}
    for assigned in assignments.found:
        test = timetable.test_of(assigned.event)
        lesson = test or timetable.lesson_of(assigned.event)
        if lesson is not None:
            task = assigned.task if test is None else structs.replace(assigned.task, identity="")
            tasks.setdefault(id(lesson), []).append(task)
    events = (
        structs.replace(event, tasks=tuple(tasks[id(event)])) if id(event) in tasks else event
        for event in schedule.events
    )
    return replace(schedule, events=tuple(events))


def _assigned(placed: Placed, pupil: str) -> Iterator[Assigned]:
    """The homework, unless it is not shown yet or is another pupil's."""
    item, when = placed.item, placed.when
    extras = item.additional_objects or AssignmentExtras()
    study = item.studiewijzer_item or StudyItem()
    pupils = extras.leerlingen.items if extras.leerlingen else None
    if not study.is_shown or (pupils and not about(pupils, pupil)):
        return
    group = group_of(item)
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
    if not isinstance(event.when, AllDay) or event.when.end - event.when.start <= WORKING_WEEK:
        yield event
        return
    monday = event.when.start
    while monday < event.when.end:
        year, week, _ = monday.isocalendar()
        name = event.identity if monday == event.when.start else f"{event.identity} {year}-W{week:02}"
        yield structs.replace(event, identity=name, when=AllDay(monday, monday + WORKING_WEEK))
        monday += _WEEK
