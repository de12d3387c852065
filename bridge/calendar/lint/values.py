"""The form of property values (RFC 5545, 3.3 and 3.8; RFC 7986, 5)."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache

from bridge.calendar.address import is_address
from bridge.calendar.lint.colours import COLOURS
from bridge.calendar.lint.structure import Property

_TEXT = re.compile(r"[^\\,;]*(?:\\[\\,;n][^\\,;]*)*")
_LIST = re.compile(r"[^\\;]*(?:\\[\\,;n][^\\;]*)*")
_TIME = re.compile(r"T(?:[01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]")
_UID_SPOILERS = re.compile(r"[,;\\]")
_DURATION = re.compile(
    r"P(?:[0-9]+W|[0-9]+D(?:T(?=[0-9])(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+S)?)?"
    r"|T(?=[0-9])(?:[0-9]+H)?(?:[0-9]+M)?(?:[0-9]+S)?)"
)
_NUMBER = re.compile(r"[0-9]{1,10}")
_GEO = re.compile(r"([+-]?[0-9]{1,3}(?:\.[0-9]+)?);([+-]?[0-9]{1,3}(?:\.[0-9]+)?)")
_POLES, _ROUND = 90, 180

Check = Callable[[Property], str | None]
"""Gives the rule that a property breaks."""


@lru_cache(maxsize=4096)
def is_day(text: str) -> bool:
    """Whether `text` is a DATE that exists."""
    if len(text) != len("YYYYMMDD") or not (text.isascii() and text.isdigit()):
        return False
    try:
        date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return False
    return True


@lru_cache(maxsize=4096)
def is_moment(text: str) -> bool:
    """Whether `text` is a DATE-TIME that exists, in UTC or local."""
    return is_day(text[:8]) and _TIME.fullmatch(text.removesuffix("Z"), 8) is not None


def is_duration(text: str) -> bool:
    """Whether `text` is a DURATION without a sign."""
    return _DURATION.fullmatch(text) is not None


def _is_period(text: str) -> bool:
    return is_duration(text) and any(digit in text for digit in "123456789")


def _text(found: Property, form: re.Pattern[str] = _TEXT) -> str | None:
    value = found.value
    match = form.match(value)
    end = match.end() if match else 0
    if end == len(value):
        return None
    return "newline-escape" if value.startswith("\\N", end) else "text-escape"


def _list(found: Property) -> str | None:
    return _text(found, _LIST)


def _uid(found: Property) -> str | None:
    return "uid-characters" if _UID_SPOILERS.search(found.value) else None


def moment(found: Property) -> str | None:
    """The rule that a date or time breaks, or `None`."""
    value, parameters = found.value, found.parameters
    if not parameters:
        return None if is_moment(value) else "date-form"
    if parameters.get("VALUE", "DATE-TIME") == "DATE":
        return None if is_day(value) and "TZID" not in parameters else "date-form"
    right = is_moment(value) and not ("TZID" in parameters and value.endswith("Z"))
    return None if right and parameters.get("VALUE", "DATE-TIME") == "DATE-TIME" else "date-form"


def _stamp(found: Property) -> str | None:
    if not is_moment(found.value):
        return "date-form"
    return None if found.value.endswith("Z") and "TZID" not in found.parameters else "utc-stamp"


def _sequence(found: Property) -> str | None:
    return None if _NUMBER.fullmatch(found.value) else "sequence"


def _colour(found: Property) -> str | None:
    return None if found.value.lower() in COLOURS else "colour"


def _interval(found: Property) -> str | None:
    right = found.parameters.get("VALUE") == "DURATION" and _is_period(found.value)
    return None if right else "refresh-interval"


def _ttl(found: Property) -> str | None:
    return None if _is_period(found.value) else "published-ttl"


def _geo(found: Property) -> str | None:
    match = _GEO.fullmatch(found.value)
    return None if match and abs(float(match[1])) <= _POLES and abs(float(match[2])) <= _ROUND else "geo"


def _url(found: Property) -> str | None:
    return None if is_address(found.value) else "uri"


def _conference(found: Property) -> str | None:
    return _url(found) if found.parameters.get("VALUE") == "URI" else "uri"


def _one_of(*words: str) -> Check:
    def check(found: Property) -> str | None:
        return None if found.value in words else "value"

    return check


CHECKS: Mapping[str, Check] = {
    **dict.fromkeys(
        ("COMMENT", "CONTACT", "DESCRIPTION", "LOCATION", "NAME", "PRODID", "RELATED-TO", "SUMMARY", "TZID", "TZNAME"),
        _text,
    ),
    **dict.fromkeys(("X-WR-CALDESC", "X-WR-CALNAME", "X-WR-TIMEZONE"), _text),
    **dict.fromkeys(("CATEGORIES", "RESOURCES"), _list),
    **dict.fromkeys(("CREATED", "DTSTAMP", "LAST-MODIFIED"), _stamp),
    **dict.fromkeys(("DTSTART", "DTEND", "RECURRENCE-ID"), moment),
    "UID": _uid,
    "SEQUENCE": _sequence,
    "COLOR": _colour,
    "REFRESH-INTERVAL": _interval,
    "X-PUBLISHED-TTL": _ttl,
    "GEO": _geo,
    "URL": _url,
    "CONFERENCE": _conference,
    "VERSION": _one_of("2.0"),
    "CALSCALE": _one_of("GREGORIAN"),
    "STATUS": _one_of("CONFIRMED", "TENTATIVE", "CANCELLED"),
    "TRANSP": _one_of("OPAQUE", "TRANSPARENT"),
    "CLASS": _one_of("PUBLIC", "PRIVATE", "CONFIDENTIAL"),
    "X-MICROSOFT-CDO-BUSYSTATUS": _one_of("FREE", "TENTATIVE", "BUSY", "OOF", "WORKINGELSEWHERE"),
}
"""By the name of the property; what is not in it may be anything."""
