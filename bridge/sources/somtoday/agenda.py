"""Some days of a pupil: lessons and homework, which refer to each other and are parsed once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import Enum
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from bridge.errors import BadResponse
from bridge.model.event import When
from bridge.model.window import Window
from bridge.sources.somtoday.assignments import TIED
from bridge.sources.somtoday.mapping.due import days_of, monday_of
from bridge.sources.somtoday.mapping.homework import (
    IDENTITY,
    Assigned,
    Assignments,
    Placed,
    each_once,
    items_by_week,
    listed_items,
    place_assignments,
    read_assignments,
    read_homework,
    with_tasks,
)
from bridge.sources.somtoday.mapping.lessons import read_schedule, read_weeks
from bridge.sources.somtoday.mapping.timetable import Timetable
from bridge.sources.somtoday.site import Site
from bridge.upstream.contract import Reading, Unread
from bridge.upstream.fingerprint import fingerprint
from bridge.upstream.further import not_up_to_date
from bridge.upstream.reply import Body

_WEEK = timedelta(weeks=1)


class Form(Enum):
    """The call from which a timetable comes."""

    PAGES = "afspraken"
    WEEK = "afspraakitems"
    LINK = "icalendar"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the timetable; without a window, all that was requested.

    `further` is what is not up to date if it cannot be read, which then costs nothing else; empty if it does.
    """

    form: Form
    bodies: tuple[Body, ...]
    name: str = ""
    window: Window | None = None
    further: str = ""


@dataclass(frozen=True)
class Homework:
    """The pages of a pupil's homework lists by name, for the days of `window` from `first` on.

    Homework without days counts as of `today`. `lacking` is whether the school refuses a list that it has shown before.
    """

    lists: Mapping[str, Sequence[Body]]
    window: Window
    first: date
    today: date
    pupil: str
    zone: ZoneInfo
    origin: str
    lacking: bool = False

    @property
    def for_lessons(self) -> bool:
        """Whether the list of homework for lessons is there."""
        return TIED in self.lists

    def is_whole_for(self, stretch: Stretch | None) -> bool:
        """Whether no homework of the stretch is missing; `None` stands for all days of the window."""
        days = stretch.window if stretch is not None and stretch.window is not None else self.window
        return days.start >= self.first

    @cached_property
    def fingerprint(self) -> str:
        """The fingerprint of all lists."""
        pieces: list[Body | str] = ["lacking"] if self.lacking else []
        for name, pages in self.lists.items():
            pieces += [name, *pages]
        return fingerprint(*pieces)

    def on(self, window: Window | None) -> Assignments | BadResponse:
        """The homework in the week of `window`, or why it cannot be read; `None` is all of it."""
        if isinstance(self._items, BadResponse):
            return self._items
        if window is None:
            return self._everything
        monday = monday_of(window.start)
        own = self._by_week.get(monday, ())
        placed, unread = self._place(own, whole=False)
        others, unknown = self._others
        here = [one for one in others if self._touches(one.event.when, monday)]
        found = each_once([*read_assignments(placed, pupil=self.pupil), *here])
        if not self.is_now(window):
            return Assignments(found, unread, len(own))
        return Assignments(found, (*unread, *unknown), len(own) + len(self._by_week.get(None, ())))

    def is_now(self, window: Window) -> bool:
        """Whether `window` is in the week of `today`."""
        return monday_of(window.start) == monday_of(self.today)

    @cached_property
    def _items(self) -> Sequence[Any] | BadResponse:
        try:
            return listed_items(self.lists, self.origin)
        except BadResponse as error:
            return error

    @cached_property
    def _everything(self) -> Assignments | BadResponse:
        items = () if isinstance(self._items, BadResponse) else self._items
        try:
            placed, unread = self._place(items, whole=True)
        except BadResponse as error:
            return error
        return Assignments(each_once(read_assignments(placed, pupil=self.pupil)), unread, len(items))

    @cached_property
    def _by_week(self) -> Mapping[date | None, Sequence[Any]]:
        """The items by week, so that those of other weeks need not be validated."""
        return {} if isinstance(self._items, BadResponse) else items_by_week(self._items, self.zone)

    @cached_property
    def _others(self) -> tuple[Sequence[Assigned], tuple[Unread, ...]]:
        """The homework of whole weeks, read once for all of them, and the items that do not say when they are."""
        placed, unread = self._place(self._by_week.get(None, ()), whole=False)
        return read_assignments(placed, pupil=self.pupil), unread

    def _place(self, items: Sequence[Any], *, whole: bool) -> tuple[Sequence[Placed], tuple[Unread, ...]]:
        return place_assignments(items, since=self.window.start, zone=self.zone, origin=self.origin, whole=whole)

    def _touches(self, when: When, monday: date) -> bool:
        first, end = days_of(when, self.zone)
        return first < monday + _WEEK and end > monday


@dataclass(frozen=True)
class Agenda:
    """The payload of both parts: a stretch of the timetable, if the school shows it, and the homework in it."""

    stretch: Stretch | None
    homework: Homework | None
    pupil: str
    zone: ZoneInfo
    origin: str
    site: Site

    @cached_property
    def fingerprint(self) -> str:
        """The fingerprint of all that is read from it."""
        place = (self.site.written(self.site.name),) if self.site.address else ()
        lessons = (self.stretch.form.value, *self.stretch.bodies, *place) if self.stretch else ()
        if self.homework is None:
            return fingerprint(*lessons)
        now = self.stretch is not None and self.stretch.window is not None and self.homework.is_now(self.stretch.window)
        return fingerprint(*lessons, self.homework.fingerprint, "now" if now else "")

    def schedule(self) -> Reading:
        """The lessons, each with its homework; without homework, but with a sentence, if that cannot be read.

        Raises:
            BadResponse: the lessons cannot be read.
        """
        if isinstance(self._assignments, BadResponse):
            return replace(self._lessons, notes=(not_up_to_date("homework in lessons", self._assignments.sentence),))
        if not self._tells_tasks:
            return self._lessons
        return with_tasks(self._lessons, self._assignments, self._timetable)

    def tasks(self) -> Reading:
        """The homework as events of their own; what a refused list had stays as it is. Raises BadResponse."""
        if isinstance(self._assignments, BadResponse):
            raise self._assignments
        reading = read_homework(self._assignments, self._timetable)
        if self.homework is None or not self.homework.lacking:
            return reading
        return replace(reading, silent=(IDENTITY,))

    @cached_property
    def _lessons(self) -> Reading:
        if self.stretch is None:
            return Reading()
        bodies, zone, origin = self.stretch.bodies, self.zone, self.origin
        tasks = () if self._tells_tasks and not self._may_lack_tasks else None
        match self.stretch.form:
            case Form.WEEK:
                return read_weeks(bodies, zone=zone, origin=origin, tasks=tasks, written=self.site.written)
            case Form.LINK:
                from bridge.sources.somtoday.mapping.link import read_link  # noqa: PLC0415 - icalendar, 3 MB

                return read_link(bodies[0], zone=zone, origin=origin, tasks=tasks)
            case Form.PAGES:
                return read_schedule(
                    bodies, pupil=self.pupil, zone=zone, origin=origin, tasks=tasks, written=self.site.written
                )

    @cached_property
    def _timetable(self) -> Timetable:
        return Timetable(self._lessons.events, self.zone, self._lessons.unread)

    @property
    def _tells_tasks(self) -> bool:
        """Whether it says what is to be done for lessons, if only that it is nothing."""
        return bool(self.homework and self.homework.for_lessons) and not isinstance(self._assignments, BadResponse)

    @property
    def _may_lack_tasks(self) -> bool:
        """Whether homework may be among what cannot be read: an earlier answer then says more of a lesson without."""
        return isinstance(self._assignments, BadResponse) or bool(self._assignments.unread)

    @cached_property
    def _assignments(self) -> Assignments | BadResponse:
        if self.homework is None:
            return Assignments()
        return self.homework.on(self.stretch.window if self.stretch else None)
