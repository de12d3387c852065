"""The university that the stand-in plays: who follows what, and what can be made to happen there."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from bridge.oauth import Clock
from bridge.sources.mytimetable.curriculum import (
    COURSES,
    TEACHER,
    ZONE,
    Event,
    academic_year,
    events,
    key_of,
    timetables,
)

STUDENT, STAFF, OWN = "12345678", "edijk1", "87654321"
_HOUR = 3_600_000


class University:
    """What the stand-in knows. It changes by its controls alone.

    Times are milliseconds since 1970; days begin in Amsterdam.
    """

    def __init__(self, clock: Clock, own_tokens: dict[str, str]) -> None:
        self._clock = clock
        self.year = academic_year(self._now().date())
        self.timetables = timetables(self.year)
        self.events = events(self.year)
        self.own_tokens = own_tokens
        self.before_3_1 = False
        modules = [key_of(self.year, "module", course.code) for course in COURSES]
        everybody = key_of(self.year, "studentset", "all")
        self.subscriptions = {
            STUDENT: [*modules, everybody, self.room_key],
            STAFF: [key for key, course in zip(modules, COURSES, strict=True) if TEACHER in course.staff],
            OWN: [key_of(self.year, "studentset", "INF-A2"), everybody],
        }

    @property
    def room_key(self) -> str:
        """The timetable of a room that is used by all; its key holds a space and an exclamation mark."""
        return key_of(self.year, "location", "REC A1.02")

    def cancel_lesson(self) -> str:
        """The student's next lesson disappears."""
        event = self._next()
        self.events.remove(event)
        return f"{self._told(event)} has been cancelled."

    def move_lesson(self) -> str:
        """The student's next lesson comes an hour later."""
        event = self._next()
        told = self._told(event)
        event["startDate"] += _HOUR
        event["endDate"] += _HOUR
        return f"{told} has been moved to an hour later."

    def grow_old(self) -> str:
        """Be a server before 3.1, or be a new one again."""
        self.before_3_1 = not self.before_3_1
        return f"The server {'does not know' if self.before_3_1 else 'knows'} excludeResourceTimetables."

    def withdraw_token(self) -> str:
        """The OAuth token of a person no longer opens anything."""
        self.own_tokens.clear()
        return "The OAuth access tokens of persons have been withdrawn."

    def between(self, keys: Iterable[str], start: int, end: int, limit: int) -> list[Event]:
        """The events of these timetables that overlap a span in milliseconds; a limit of 0 means all."""
        wanted = set(keys)
        found = [
            event
            for event in self.events
            if wanted & set(event["timetableKeys"]) and event["startDate"] < end and event["endDate"] > start
        ]
        return found[: limit or None]

    def day(self, text: str) -> int:
        """The midnight that begins a day, in milliseconds. Raises ValueError."""
        words = {"today": 0, "tomorrow": 1}
        today = self._now().date()
        day = today + timedelta(days=words[text]) if text in words else date.fromisoformat(text)
        return int(datetime.combine(day, time(), ZONE).timestamp()) * 1000

    def _now(self) -> datetime:
        return self._clock().astimezone(ZONE)

    def _next(self) -> Event:
        now = int(self._now().timestamp()) * 1000
        wanted = {key for key in self.subscriptions[STUDENT] if key != self.room_key}
        return next(
            event
            for event in sorted(self.events, key=lambda event: event["startDate"])
            if event["startDate"] > now
            and wanted & set(event["timetableKeys"])
            and not event["allDay"]
            and not event["filtered"]
        )

    def _told(self, event: Event) -> str:
        start = datetime.fromtimestamp(event["startDate"] / 1000, ZONE)
        return f"{event['activityDescription']} of {start:%Y-%m-%d %H:%M}"
