"""From content lines to components and their properties."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from bridge.calendar.lint.content import Content, read_all
from bridge.calendar.lint.rules import Report

_PLACES = {
    "VCALENDAR": "",
    "VTIMEZONE": "VCALENDAR",
    "STANDARD": "VTIMEZONE",
    "DAYLIGHT": "VTIMEZONE",
    "VEVENT": "VCALENDAR",
    "VALARM": "VEVENT",
}


@dataclass
class Component:
    """The properties between a BEGIN, at `line`, and its END, and the index of the content line of each."""

    kind: str
    line: int
    lines: list[int] = field(default_factory=list)
    properties: list[Content] = field(default_factory=list)

    @cached_property
    def _first(self) -> Mapping[str, int]:
        """The place of each property; of a repeated one, that of the first."""
        places = range(len(self.properties) - 1, -1, -1)
        return {self.properties[place].name: place for place in places}

    @property
    def repeated(self) -> Iterator[int]:
        """The places of the properties of which there was one before."""
        if len(self._first) == len(self.properties):
            return iter(())
        return (place for place, one in enumerate(self.properties) if self._first[one.name] != place)

    def get(self, name: str) -> Content | None:
        """A property; `None` if it is missing."""
        place = self._first.get(name)
        return None if place is None else self.properties[place]

    def value(self, name: str) -> str:
        """The value of a property; empty if it is missing."""
        place = self._first.get(name)
        return "" if place is None else self.properties[place].value

    def line_of(self, name: str) -> int:
        """The index of the content line of a property that is there."""
        return self.lines[self._first[name]]


class Reader:
    """Reads components, inner ones first, and reports what is not nested correctly."""

    def __init__(self, lines: Sequence[str], report: Report) -> None:
        self._lines = lines
        self._report = report
        self._open: list[Component] = []

    def components(self) -> Iterator[Component]:
        """Each component when its END is read."""
        contents = read_all(self._lines)
        done = 0
        for index in [index for index, content in enumerate(contents) if content.special]:
            self._add(contents, done, index)
            done, content = index + 1, contents[index]
            if not content.capitals:
                self._report("property-name", index)
            if not content.name:
                self._report("content-line", index)
            elif content.name == "BEGIN":
                yield from self._begin(self._kind(content.value, index), index)
            elif content.name == "END":
                yield from self._end(self._kind(content.value, index), index)
                if not self._open:
                    break
            else:
                self._add(contents, index, done)
        else:
            self._add(contents, done, len(contents))
            self._report("nesting", len(contents))
            yield from reversed(self._open)
            return
        if done < len(contents):
            self._report("after-end", done)

    def _add(self, contents: Sequence[Content], first: int, end: int) -> None:
        """Add the lines from `first` up to but not including `end` to the component that is open."""
        if self._open:
            self._open[-1].lines.extend(range(first, end))
            self._open[-1].properties.extend(contents[first:end])
        else:
            for index in range(first, end):
                self._report("nesting", index)

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
