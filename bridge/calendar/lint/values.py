"""The form of property values (RFC 5545, 3.3 and 3.8; RFC 7986, 5)."""

import re
from collections.abc import Callable, Mapping
from datetime import date

from bridge.calendar.address import is_address
from bridge.calendar.lint.colours import COLOURS

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

Parameters = Mapping[str, str]
Check = Callable[[str, Parameters], str | None]
"""Gives the rule that a value with these parameters breaks."""


def is_day(text: str) -> bool:
    """Whether `text` is a DATE that exists."""
    if len(text) != len("YYYYMMDD") or not (text.isascii() and text.isdigit()):
        return False
    try:
        date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return False
    return True


def is_moment(text: str) -> bool:
    """Whether `text` is a DATE-TIME that exists, in UTC or local."""
    return is_day(text[:8]) and _TIME.fullmatch(text.removesuffix("Z"), 8) is not None


def is_duration(text: str) -> bool:
    """Whether `text` is a DURATION without a sign."""
    return _DURATION.fullmatch(text) is not None


def _is_period(text: str) -> bool:
    return is_duration(text) and any(digit in text for digit in "123456789")


def _text(value: str, _: Parameters, form: re.Pattern[str] = _TEXT) -> str | None:
    match = form.match(value)
    end = match.end() if match else 0
    if end == len(value):
        return None
    return "newline-escape" if value.startswith("\\N", end) else "text-escape"


def _list(value: str, parameters: Parameters) -> str | None:
    return _text(value, parameters, _LIST)


def _uid(value: str, _: Parameters) -> str | None:
    return "uid-characters" if _UID_SPOILERS.search(value) else None


def _moment(value: str, parameters: Parameters) -> str | None:
    if not parameters:
        return None if is_moment(value) else "date-form"
    if parameters.get("VALUE", "DATE-TIME") == "DATE":
        return None if is_day(value) and "TZID" not in parameters else "date-form"
    right = is_moment(value) and not ("TZID" in parameters and value.endswith("Z"))
    return None if right and parameters.get("VALUE", "DATE-TIME") == "DATE-TIME" else "date-form"


def _stamp(value: str, parameters: Parameters) -> str | None:
    if not is_moment(value):
        return "date-form"
    return None if value.endswith("Z") and "TZID" not in parameters else "utc-stamp"


def _sequence(value: str, _: Parameters) -> str | None:
    return None if _NUMBER.fullmatch(value) else "sequence"


def _colour(value: str, _: Parameters) -> str | None:
    return None if value.lower() in COLOURS else "colour"


def _interval(value: str, parameters: Parameters) -> str | None:
    right = parameters.get("VALUE") == "DURATION" and _is_period(value)
    return None if right else "refresh-interval"


def _ttl(value: str, _: Parameters) -> str | None:
    return None if _is_period(value) else "published-ttl"


def _geo(value: str, _: Parameters) -> str | None:
    match = _GEO.fullmatch(value)
    return None if match and abs(float(match[1])) <= _POLES and abs(float(match[2])) <= _ROUND else "geo"


def _url(value: str, _: Parameters) -> str | None:
    return None if is_address(value) else "uri"


def _conference(value: str, parameters: Parameters) -> str | None:
    return _url(value, parameters) if parameters.get("VALUE") == "URI" else "uri"


def _one_of(*words: str) -> Check:
    def check(value: str, _: Parameters) -> str | None:
        return None if value in words else "value"

    return check


CHECKS: Mapping[str, Check] = {
    **dict.fromkeys(
        ("COMMENT", "CONTACT", "DESCRIPTION", "LOCATION", "NAME", "PRODID", "RELATED-TO", "SUMMARY", "TZID", "TZNAME"),
        _text,
    ),
    **dict.fromkeys(("X-WR-CALDESC", "X-WR-CALNAME", "X-WR-TIMEZONE"), _text),
    **dict.fromkeys(("CATEGORIES", "RESOURCES"), _list),
    **dict.fromkeys(("CREATED", "DTSTAMP", "LAST-MODIFIED"), _stamp),
    **dict.fromkeys(("DTSTART", "DTEND", "RECURRENCE-ID"), _moment),
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
