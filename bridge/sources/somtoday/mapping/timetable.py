"""The lessons that homework is tied to, and tests that the timetable has too."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from bridge.model.event import Event, Kind, Status, Timed
from bridge.sources.somtoday.mapping.due import WORKING_WEEK, days_of
from bridge.upstream.contract import Unread


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

    def lesson_of(self, homework: Event) -> Event | None:
        """The lesson that begins at the same moment, in the same subject if both have one."""
        when = homework.when
        if not isinstance(when, Timed):
            return None
        at_once = self._by_start.get(when.start, [])
        if len(at_once) > 1:
            at_once = sorted(at_once, key=lambda found: found.status is Status.CANCELLED)
        own = _names(homework)
        same = [lesson for lesson in at_once if own & _names(lesson)]
        if same:
            return same[0]
        return at_once[0] if len(at_once) == 1 and not (own and _names(at_once[0])) else None

    def unread_lesson_of(self, homework: Event) -> str:
        """The identity of a lesson that begins at the same moment and could not be read; empty if there is none."""
        when = homework.when
        return self._unread.get(when.start, "") if isinstance(when, Timed) else ""

    def test_of(self, homework: Event) -> Event | None:
        """The same test in the timetable, if there is one in the same subject on the same days."""
        if homework.kind is not Kind.EXAM:
            return None
        lesson = self.lesson_of(homework)
        if lesson is not None and lesson.kind is Kind.EXAM:
            return lesson
        first, end = days_of(homework.when, self._zone)
        if end - first > WORKING_WEEK:
            return None
        known = (found for name in sorted(_names(homework)) for found in self._tests.get(name, ()))
        return next((test for local, test in known if first <= local < end), None)


def _names(event: Event) -> frozenset[str]:
    return _folded(event.code, event.subject)


@lru_cache(maxsize=256)  # a school has a few dozen subjects, and each lesson and each homework is one of them
def _folded(*names: str) -> frozenset[str]:
    return frozenset(name.casefold() for name in names if name)
