"""Content lines (RFC 5545, 3.1): the name, the parameters and the value, and what is wrong with a line by itself."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from bridge.calendar.lint.values import CHECKS

_VALUE = r'(?:"[^"]*"|[^";:,]*)'
_HEAD = re.compile(rf"([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+={_VALUE}(?:,{_VALUE})*)*)")
_PARAMETER = re.compile(rf";([A-Za-z0-9-]+)=({_VALUE}(?:,{_VALUE})*)")
_REMEMBERED = 256


class Content(NamedTuple):
    """A content line, with names in capitals. What is no content line has no name.

    `capitals` is whether they were. `rule` is what the value breaks, and `zone` its TZID, or `None`. `special`
    is whether it is more than a property that is written as usual.
    """

    name: str
    parameters: Mapping[str, str]
    value: str
    capitals: bool
    rule: str | None = None
    zone: str | None = None
    special: bool = False


class _Head(NamedTuple):
    """The part before the colon."""

    name: str
    parameters: Mapping[str, str]
    capitals: bool


def read_all(lines: Sequence[str]) -> list[Content]:
    """Read content lines.

    Equal ones are read once, and the last short ones are cached: most lines of a calendar stand in others too.
    """
    known = {line: _read_cached(line) if len(line) <= _REMEMBERED else _read(line) for line in set(lines)}
    return list(map(known.__getitem__, lines))


def _read(line: str) -> Content:
    before, colon, value = line.partition(":")
    head = _head(before) if colon else None
    if head is None:
        head, value = _unusual(line)
    if head is None:
        return Content("", {}, line, capitals=True, special=True)
    name, parameters, capitals = head
    check = CHECKS.get(name)
    rule = check(value, parameters) if check else None
    special = not capitals or name in {"BEGIN", "END"}
    return Content(name, parameters, value, capitals, rule, parameters.get("TZID"), special)


_read_cached = lru_cache(maxsize=4096)(_read)


@lru_cache(maxsize=_REMEMBERED)
def _head(before: str) -> _Head | None:
    match = _HEAD.fullmatch(before)
    if match is None:
        return None
    parameters = dict(_PARAMETER.findall(match[2]))
    capitals = all(name == name.upper() for name in (match[1], *parameters))
    return _Head(match[1].upper(), {name.upper(): text.strip('"') for name, text in parameters.items()}, capitals)


def _unusual(line: str) -> tuple[_Head | None, str]:
    """Read a line whose first colon is in a quoted parameter; the head is `None` if it is not a content line."""
    match = _HEAD.match(line)
    if match is None or line[match.end() : match.end() + 1] != ":":
        return None, ""
    return _head(match[0]), line[match.end() + 1 :]
