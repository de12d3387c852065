"""The properties that each component must have (RFC 5545, 3.6)."""

from collections.abc import Sequence

from bridge.calendar.lint.structure import Component, Property, Reader
from bridge.calendar.lint.timezones import Use, Zones
from bridge.calendar.lint.values import CHECKS, is_duration, is_moment, moment

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
        if len(component.first) < len(component.properties):
            self._repeated(component)
        for found in component.properties:
            check = CHECKS.get(found.name)
            if check is not None and (rule := check(found)):
                self._report(rule, found.line, found.name)
            if found.parameters and "TZID" in found.parameters:
                self._zones.use(Use(found.parameters["TZID"], found.line, found.value))
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
        for found in component.properties:
            if component.first[found.name] is not found and found.name not in _REPEATABLE and found.name in CHECKS:
                self._report("repeated-property", found.line, found.name)

    def _require(self, component: Component, names: Sequence[str]) -> None:
        for name in names:
            if not component.value(name):
                self._report("missing-property", component.line, name)

    def _calendar(self, calendar: Component) -> None:
        self._require(calendar, _OF_CALENDARS)
        if "METHOD" in calendar.first:
            self._report("method", calendar.first["METHOD"].line)

    def _event(self, event: Component) -> None:
        self._require(event, _OF_EVENTS)
        self._uid(event)
        if "DURATION" in event.first:
            self._report("duration", event.first["DURATION"].line)
        elif "DTEND" not in event.first:
            self._report("missing-property", event.line, "DTEND")
        start, end = event.first.get("DTSTART"), event.first.get("DTEND")
        for found in (start, end):
            if found and "TZID" not in found.parameters and is_moment(found.value) and found.value[-1] != "Z":
                self._report("floating-time", found.line, found.name)
        if start and end and not moment(start) and not moment(end):
            if _type(start) != _type(end):
                self._report("type-mismatch", end.line)
            elif end.value <= start.value:
                self._report("end-before-start", end.line)

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
        uid = component.first.get("UID")
        if uid is None:
            return
        if uid.value in self._uids:
            self._report("uid-duplicate", uid.line)
        self._uids.add(uid.value)


def _type(found: Property) -> tuple[str, str]:
    """The type and zone of a date or time. Only values of the same type can be compared."""
    day = found.parameters.get("VALUE", "")
    return "" if day == "DATE-TIME" else day, "UTC" if found.value.endswith("Z") else found.parameters.get("TZID", "")
