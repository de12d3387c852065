"""The sample university: who follows what, and what can be made to happen."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from bridge.model.clock import Clock
from bridge.sources.mytimetable.standin.curriculum import (
    COURSES,
    MINUTES,
    TEACHER,
    TYPES,
    ZONE,
    Event,
    academic_year,
    events,
    hexadecimal,
    key_of,
    milliseconds,
    options_of,
    timetables,
)
from bridge.sources.mytimetable.standin.noticeboard import message, messages

STUDENT, STAFF, OWN = "12345678", "edijk1", "87654321"
_HOUR = 3_600_000


class University:
    """What the stand-in knows. It changes by its controls alone; its weeks are seen from the day when it `began`.

    Times are milliseconds since 1970.
    """

    def __init__(self, clock: Clock, own_tokens: dict[str, str]) -> None:
        self._clock = clock
        self.began = self._now().date()
        self.year = academic_year(self.began)
        self.events = events(self.year, self.began)
        self.own_tokens = own_tokens
        self.before_3_1 = False
        self.event_types = dict.fromkeys(MINUTES, False)
        self._messages = messages(clock())
        self._posted = len(self._messages)
        modules = [self._followed("module", course.code, course.name) for course in COURSES]
        everybody = self._followed("studentset", "all", "Iedereen")
        room = self._followed("location", "REC A1.02", "REC A1.02")
        self.subscriptions: dict[str, list[dict[str, Any]]] = {
            STUDENT: [*modules, everybody, room],
            STAFF: [
                self._followed("module", course.code, course.name) for course in COURSES if TEACHER in course.staff
            ],
            OWN: [
                self._followed("studentset", "INF-A2", "INF-A2")
                | {
                    "childSubscriptions": [
                        self._followed("module", course.code, course.name)
                        for course in COURSES
                        if "INF-A2" in course.groups
                    ]
                },
                dict(everybody),
            ],
        }

    @property
    def room_key(self) -> str:
        """The timetable of a room. Its key has a space and an exclamation mark."""
        return key_of(self.year, "location", "REC A1.02")

    def cancel_lesson(self) -> str:
        """Remove the student's next lesson."""
        event = self._next()
        self.events.remove(event)
        return f"{self._name_of(event)} has been cancelled."

    def move_lesson(self) -> str:
        """Move the student's next lesson to an hour later."""
        event = self._next()
        name = self._name_of(event)
        event["startDate"] += _HOUR
        event["endDate"] += _HOUR
        return f"{name} has been moved to an hour later."

    def post_message(self) -> str:
        """Post a message to all students."""
        self._posted += 1
        self._messages.append(message(self._posted, "Rooster gewijzigd", self._clock(), roles=["ROLE_STUDENT"]))
        return "A message has been posted to all students."

    def disable_subscription(self) -> str:
        """Switch the course of the student's next lesson off, or on again."""
        keys = set(self._next()["timetableKeys"])
        followed = next(one for one in self.subscriptions[STUDENT] if one["key"] in keys)
        followed["enabled"] = not followed["enabled"]
        return f"{followed['description']} has been switched {'on' if followed['enabled'] else 'off'}."

    def filter_type(self) -> str:
        """Filter lectures out of synchronisation, or no longer."""
        self.event_types["Hoorcollege"] = not self.event_types["Hoorcollege"]
        return f"Lectures are {'left out' if self.event_types['Hoorcollege'] else 'synchronised'}."

    def choose_option(self) -> str:
        """Choose only the lectures of the course of the student's next lesson, or everything again."""
        event = self._next()
        keys = set(event["timetableKeys"])
        followed = next(one for one in self.subscriptions[STUDENT] if one["key"] in keys)
        options = options_of(event["moduleCode"])
        followed["enabledOptions"] = [] if followed["enabledOptions"] else [o for o in options if "Hoor" in o["name"]]
        chosen = "only lectures" if followed["enabledOptions"] else "everything"
        return f"Of {followed['description']} {chosen} has been chosen."

    def filter_lesson(self) -> str:
        """Filter the student's next lesson out, as the university does by what a student has chosen."""
        event = self._next()
        event["filtered"] = True
        return f"{self._name_of(event)} has been filtered out."

    def chosen(self, user: str, event: Event) -> bool:
        """Whether one of the person's subscriptions has the event among its chosen options."""
        keys = set(event["timetableKeys"])
        following = [
            one
            for parent in self.subscriptions[user]
            for one in (parent, *parent["childSubscriptions"])
            if one["key"] in keys
        ]
        option = hexadecimal(str(event["moduleCode"]), event.get("activityTypeDescription", ""))
        return any(not one["enabledOptions"] or option in {o["id"] for o in one["enabledOptions"]} for one in following)

    def grow_old(self) -> str:
        """Become a server before 3.1, or a new one again."""
        self.before_3_1 = not self.before_3_1
        return f"The server {'does not know' if self.before_3_1 else 'knows'} excludeResourceTimetables and messages."

    def withdraw_token(self) -> str:
        """Withdraw the OAuth token of the person."""
        self.own_tokens.clear()
        return "The OAuth access tokens of persons have been withdrawn."

    def followed(self, user: str, types: Collection[str] = tuple(TYPES)) -> list[str]:
        """The keys of a person's subscriptions with these types, and their children, switched off or not."""
        return [
            key
            for followed in self.subscriptions[user]
            if followed["type"] in types
            for key in (followed["key"], *(child["key"] for child in followed["childSubscriptions"]))
        ]

    def timetables_of(self, database: str) -> dict[str, tuple[str, str]]:
        """Names and host keys by key; empty for a database without a year."""
        return timetables(int(database)) if database.isdecimal() else {}

    def role(self, user: str) -> str:
        """The role of a person at the university."""
        return "ROLE_STAFF" if user == STAFF else "ROLE_STUDENT"

    def messages_for(self, user: str) -> list[dict[str, Any]]:
        """The messages that a person sees now."""
        now = milliseconds(self._clock())
        return [
            found
            for found in self._messages
            if found["publicationDate"] <= now
            and (found["expirationDate"] or now + 1) > now
            and self.role(user) in (found["targetRoles"] or [self.role(user)])
        ]

    def between(self, keys: Iterable[str], start: int, end: int, limit: int) -> list[Event]:
        """The events of these timetables that overlap a span in milliseconds; a limit of 0 is no limit."""
        wanted = set(keys)
        found = [
            event
            for event in self.events
            if wanted & set(event["timetableKeys"]) and event["startDate"] < end and event["endDate"] > start
        ]
        return found[: limit or None]

    def day(self, text: str) -> int:
        """The midnight at the beginning of a day, in milliseconds. Raises ValueError."""
        words = {"today": 0, "tomorrow": 1}
        today = self._now().date()
        day = today + timedelta(days=words[text]) if text in words else date.fromisoformat(text)
        return int(datetime.combine(day, time(), ZONE).timestamp()) * 1000

    def options_of(self, key: str) -> list[dict[str, str]]:
        """The options of a timetable; only courses have some."""
        courses = {key_of(self.year, "module", course.code): course.code for course in COURSES}
        return options_of(courses[key]) if key in courses else []

    def _followed(self, kind: str, host_key: str, name: str) -> dict[str, Any]:
        return self.followed_as(key_of(self.year, kind, host_key), kind, name)

    def followed_as(self, key: str, kind: str, name: str) -> dict[str, Any]:
        """A subscription, as JSON."""
        return {
            "key": key,
            "database": str(self.year),
            "description": name,
            "childSubscriptions": [],
            "enabled": True,
            "enabledOptions": [],
            "removable": kind != "studentset",
            "type": kind,
        }

    def _now(self) -> datetime:
        return self._clock().astimezone(ZONE)

    def _next(self) -> Event:
        now = int(self._now().timestamp()) * 1000
        wanted = set(self.followed(STUDENT)) - {self.room_key}
        return next(
            event
            for event in sorted(self.events, key=lambda event: event["startDate"])
            if event["startDate"] > now
            and wanted & set(event["timetableKeys"])
            and not event["allDay"]
            and not event["filtered"]
        )

    def _name_of(self, event: Event) -> str:
        start = datetime.fromtimestamp(event["startDate"] / 1000, ZONE)
        return f"{event['activityDescription']} of {start:%Y-%m-%d %H:%M}"
