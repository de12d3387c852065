"""The rules, each with its sentence, and the problems that break them."""

from collections.abc import Callable
from dataclasses import dataclass

RULES = {
    "utf-8": "A line is not UTF-8.",
    "split-character": "A line is folded within a character.",
    "line-ending": "A line does not end in CR LF.",
    "empty-line": "A line is empty.",
    "line-length": "A line is longer than 75 octets.",
    "control-character": "A line has a control character or a line separator in it.",
    "content-line": "A line is not a name, parameters, a colon and a value.",
    "property-name": "The name of a property, parameter or component is not in capitals.",
    "text-escape": "A comma, semicolon or backslash in {name} is not escaped, or something else is.",
    "newline-escape": "A line break in {name} is written with a capital N.",
    "nesting": "A component has no BEGIN or no END, or ends in another.",
    "component": "A component is unknown or in the wrong place.",
    "todo": "There is a VTODO, which subscriptions on phones ignore.",
    "after-end": "Something follows the end of the calendar.",
    "missing-property": "{name} is missing or empty.",
    "repeated-property": "{name} occurs more than once in a component.",
    "method": "There is a METHOD, which makes a calendar an invitation.",
    "uid-duplicate": "A UID occurs more than once.",
    "uid-characters": "There is a comma, semicolon or backslash in a UID.",
    "date-form": "{name} is not a date or time in the form that its parameters promise.",
    "floating-time": "{name} is a local time without a zone.",
    "type-mismatch": "DTSTART and DTEND are not of one type and zone.",
    "end-before-start": "DTEND is not after DTSTART.",
    "duration": "An event has a DURATION instead of a DTEND.",
    "utc-stamp": "{name} is not in UTC.",
    "sequence": "SEQUENCE is not zero or a positive number.",
    "value": "{name} has a value that does not exist.",
    "colour": "COLOR is not the name of a CSS3 colour.",
    "refresh-interval": "REFRESH-INTERVAL is not a positive duration with VALUE=DURATION.",
    "published-ttl": "X-PUBLISHED-TTL is not a positive duration.",
    "geo": "GEO is not a latitude and a longitude.",
    "uri": "{name} is not an absolute URI.",
    "alarm": "An alarm lacks {name}, or has one that does not exist.",
    "tzid-undefined": "A TZID has no VTIMEZONE.",
    "timezone-form": "A VTIMEZONE is not in the form of yearly rules since 1970.",
    "timezone-unused": "A VTIMEZONE is not used.",
    "timezone-duplicate": "A TZID has more than one VTIMEZONE.",
    "timezone-offset": "A VTIMEZONE has other offsets than the IANA database in a year that is used.",
    "clock-change": "A local time is in a clock change: it does not exist, or exists twice.",
}

Report = Callable[..., None]
"""Called with the broken rule, the index of the content line, and the name for the sentence."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A broken rule. `line` counts physical lines from 1. `sentence` has nothing of the calendar's content."""

    rule: str
    line: int
    sentence: str

    @classmethod
    def of(cls, rule: str, line: int, name: str = "") -> "Problem":
        """The problem for a rule. `name` is the name of a known property."""
        return cls(rule, line, RULES[rule].format(name=name))
