"""The properties that each component must have (RFC 5545, 3.6)."""

from collections.abc import Sequence

from bridge.calendar.lint.content import Content
from bridge.calendar.lint.structure import Component, Reader
from bridge.calendar.lint.timezones import Use, Zones
from bridge.calendar.lint.values import CHECKS, is_duration, is_moment

_REPEATABLE = ("CATEGORIES", "COMMENT", "CONFERENCE", "CONTACT", "RELATED-TO", "RESOURCES")
_OF_CALENDARS = ("VERSION", "PRODID")
_OF_EVENTS = ("UID", "DTSTAMP", "DTSTART", "SUMMARY")
_ACTIONS = ("AUDIO", "DISPLAY", "EMAIL")


class Inspection:
    """An inspection of a calendar's content lines."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._reader = Reader(lines, self._report)
        self._zones = Zones(self._report)
        self._uids: set[str] = set()
        self._found: list[tuple[str, int, str]] = []

    def breaches(self) -> list[tuple[str, int, str]]:
        """The broken rules, each with its content line and the name for the sentence."""
        for component in self._reader.components():
            self._look(component)
        self._zones.check()
        return self._found

    def _report(self, rule: str, index: int, name: str = "") -> None:
        self._found.append((rule, index, name))

    def _look(self, component: Component) -> None:
        self._repeated(component)
        for place, found in enumerate(component.properties):
            if found.rule:
                self._report(found.rule, component.lines[place], found.name)
            if found.zone is not None:
                self._zones.use(Use(found.zone, component.lines[place], found.value))
        match component.kind:
            case "VEVENT":
                self._event(component)
            case "VALARM":
                self._alarm(component)
            case "STANDARD" | "DAYLIGHT":
                self._zones.observance(component)
            case "VTIMEZONE":
                self._zones.zone(component)
            case "VCALENDAR":
                self._calendar(component)

    def _repeated(self, component: Component) -> None:
        for place in component.repeated:
            name = component.properties[place].name
            if name not in _REPEATABLE and name in CHECKS:
                self._report("repeated-property", component.lines[place], name)

    def _require(self, component: Component, names: Sequence[str]) -> None:
        for name in names:
            if not component.value(name):
                self._report("missing-property", component.line, name)

    def _calendar(self, calendar: Component) -> None:
        self._require(calendar, _OF_CALENDARS)
        if calendar.get("METHOD"):
            self._report("method", calendar.line_of("METHOD"))

    def _event(self, event: Component) -> None:
        self._require(event, _OF_EVENTS)
        self._uid(event)
        start, end = event.get("DTSTART"), event.get("DTEND")
        if event.get("DURATION"):
            self._report("duration", event.line_of("DURATION"))
        elif end is None:
            self._report("missing-property", event.line, "DTEND")
        for found in (start, end):
            if found and _is_floating(found):
                self._report("floating-time", event.line_of(found.name), found.name)
        if start and end and not start.rule and not end.rule:
            if _type(start) != _type(end):
                self._report("type-mismatch", event.line_of("DTEND"))
            elif end.value <= start.value:
                self._report("end-before-start", event.line_of("DTEND"))

    def _alarm(self, alarm: Component) -> None:
        self._uid(alarm)
        action, trigger = alarm.value("ACTION"), alarm.value("TRIGGER")
        if action not in _ACTIONS:
            self._report("alarm", alarm.line, "ACTION")
        if not (is_duration(trigger.lstrip("+-")) or (is_moment(trigger) and trigger.endswith("Z"))):
            self._report("alarm", alarm.line, "TRIGGER")
        if action in {"DISPLAY", "EMAIL"} and not alarm.value("DESCRIPTION"):
            self._report("alarm", alarm.line, "DESCRIPTION")

    def _uid(self, component: Component) -> None:
        uid = component.get("UID")
        if uid is None:
            return
        if uid.value in self._uids:
            self._report("uid-duplicate", component.line_of("UID"))
        self._uids.add(uid.value)


def _is_floating(content: Content) -> bool:
    """Whether it is a local time without a zone."""
    return "TZID" not in content.parameters and content.value[-1:] != "Z" and is_moment(content.value)


def _type(content: Content) -> tuple[str, str]:
    """The type and zone of a date or time. Only values of the same type can be compared."""
    day = content.parameters.get("VALUE", "")
    return "" if day == "DATE-TIME" else day, "UTC" if content.value.endswith("Z") else content.parameters.get(
        "TZID", ""
    )
