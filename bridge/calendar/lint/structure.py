"""From content lines to components and their properties."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from bridge.calendar.lint.rules import Report

_PLACES = {
    "VCALENDAR": "",
    "VTIMEZONE": "VCALENDAR",
    "STANDARD": "VTIMEZONE",
    "DAYLIGHT": "VTIMEZONE",
    "VEVENT": "VCALENDAR",
    "VALARM": "VEVENT",
}
_VALUE = r'(?:"[^"]*"|[^";:,]*)'
_HEAD = re.compile(rf"([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+={_VALUE}(?:,{_VALUE})*)*)")
_PARAMETER = re.compile(rf";([A-Za-z0-9-]+)=({_VALUE}(?:,{_VALUE})*)")


class Head(NamedTuple):
    """The part before the colon, with names in capitals."""

    name: str
    parameters: Mapping[str, str]
    capitals: bool


class Property(NamedTuple):
    """A content line of a component."""

    name: str
    line: int
    parameters: Mapping[str, str]
    value: str


@dataclass(slots=True)
class Component:
    """The properties between a BEGIN, at `line`, and its END. `first` has the first of a repeated property."""

    kind: str
    line: int
    properties: list[Property] = field(default_factory=list)
    first: dict[str, Property] = field(default_factory=dict)

    def value(self, name: str) -> str:
        """The value of a property; empty if it is missing."""
        found = self.first.get(name)
        return found.value if found else ""


class Reader:
    """Reads components, inner ones first, and reports what is not nested correctly."""

    def __init__(self, lines: Sequence[str], report: Report) -> None:
        self._lines = lines
        self._report = report
        self._heads: dict[str, Head | None] = {}
        self._open: list[Component] = []

    def components(self) -> Iterator[Component]:
        """Each component when its END is read."""
        heads = self._heads
        ended = False
        for index, line in enumerate(self._lines):
            before, colon, value = line.partition(":")
            head = heads[before] if before in heads else self._head(before)
            if head is None or not colon:
                head, value = self._unusual(line)
            if ended:
                self._report("after-end", index)
                return
            if head is None:
                self._report("content-line", index)
                continue
            if not head.capitals:
                self._report("property-name", index)
            if head.name == "BEGIN":
                yield from self._begin(self._kind(value, index), index)
            elif head.name == "END":
                yield from self._end(self._kind(value, index), index)
                ended = not self._open
            elif self._open:
                component, found = self._open[-1], Property(head.name, index, head.parameters, value)
                component.properties.append(found)
                component.first.setdefault(head.name, found)
            else:
                self._report("nesting", index)
        if self._open or not self._lines:
            self._report("nesting", len(self._lines))
        yield from reversed(self._open)

    def _head(self, before: str) -> Head | None:
        """Parse a head. There are few different ones, and each is parsed once."""
        match = _HEAD.fullmatch(before)
        if match is None:
            self._heads[before] = None
            return None
        parameters = dict(_PARAMETER.findall(match[2]))
        capitals = all(name == name.upper() for name in (match[1], *parameters))
        head = Head(match[1].upper(), {name.upper(): text.strip('"') for name, text in parameters.items()}, capitals)
        self._heads[before] = head
        return head

    def _unusual(self, line: str) -> tuple[Head | None, str]:
        """Parse a line whose first colon is in a quoted parameter; the head is `None` if it is not a content line."""
        match = _HEAD.match(line)
        if match is None or line[match.end() : match.end() + 1] != ":":
            return None, ""
        return self._head(match[0]), line[match.end() + 1 :]

    def _kind(self, value: str, index: int) -> str:
        if value != value.upper():
            self._report("property-name", index)
        return value.upper()

    def _begin(self, kind: str, index: int) -> Iterator[Component]:
        place = _PLACES.get(kind)
        kinds = [component.kind for component in self._open]
        if kind == "VTODO":
            self._report("todo", index)
        elif place is None or (place not in kinds if place else bool(kinds)):
            self._report("component", index)
        else:
            while self._open and self._open[-1].kind != place:
                self._report("nesting", self._open[-1].line)
                yield self._open.pop()
        self._open.append(Component(kind, index))

    def _end(self, kind: str, index: int) -> Iterator[Component]:
        if kind not in [component.kind for component in self._open]:
            self._report("nesting", index)
            return
        while self._open[-1].kind != kind:
            self._report("nesting", self._open[-1].line)
            yield self._open.pop()
        yield self._open.pop()
