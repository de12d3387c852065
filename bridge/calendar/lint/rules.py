"""What is looked for: each rule by name, with its sentence, and where a calendar breaks it."""

from collections.abc import Callable
from dataclasses import dataclass

RULES = {
    "utf-8": "A line is not UTF-8.",
    "split-character": "A fold stands in the middle of a character.",
    "line-ending": "A line does not end in CR LF.",
    "empty-line": "A line is empty.",
    "line-length": "A line is longer than 75 octets.",
    "control-character": "A line has a control character or a line separator in it.",
    "content-line": "A line is not a name, parameters, a colon and a value.",
    "property-name": "The name of a property, parameter or component is not in capitals.",
    "text-escape": "A comma, semicolon or backslash in {name} is not escaped, or something else is.",
    "newline-escape": "A line break in {name} is written with a capital N.",
    "nesting": "A component has no BEGIN or no END, or ends in another.",
    "component": "A component is unknown or stands in the wrong place.",
    "todo": "There is a VTODO, which subscriptions on phones ignore.",
    "after-end": "Something stands behind the end of the calendar.",
    "missing-property": "{name} is missing or empty.",
    "repeated-property": "{name} stands more than once in one component.",
    "method": "There is a METHOD, which makes a calendar an invitation.",
    "uid-duplicate": "A UID stands more than once.",
    "uid-characters": "There is a comma, semicolon or backslash in a UID.",
    "date-form": "{name} is no date or time in the form that its parameters promise.",
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
    "timezone-unused": "A VTIMEZONE is used by nothing.",
    "timezone-duplicate": "A TZID has more than one VTIMEZONE.",
    "timezone-offset": "A VTIMEZONE has other offsets than the IANA database, in a year in use.",
    "clock-change": "A local time falls where the clock changes: it does not exist, or exists twice.",
}

Report = Callable[..., None]
"""Told the rule that is broken, the index of the content line, and the name that belongs into the sentence."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One breach. `line` counts from 1, folded lines apart; `sentence` holds nothing of what the calendar says."""

    rule: str
    line: int
    sentence: str

    @classmethod
    def of(cls, rule: str, line: int, name: str = "") -> "Problem":
        """The breach of a known rule; `name` is that of a property that we know."""
        return cls(rule, line, RULES[rule].format(name=name))
