"""Types of single settings: durations, time zones, addresses, lists and secrets."""

import re
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, SecretStr

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_SHORTEST_INTERVAL = timedelta(seconds=1)
_LONGEST = timedelta(days=36500)


def parse_duration(value: object) -> object:
    """Parse a duration such as "10s", "30m", "12h", "60d" or "2w"; a timedelta stays as it is.

    Raises:
        ValueError: it is neither, or it is longer than 36,500 days.
    """
    if isinstance(value, str) and (match := re.fullmatch(r"\s*(\d{1,6})\s*([smhdw])\s*", value)):
        value = timedelta(**{_UNITS[match[2]]: int(match[1])})
    if not isinstance(value, timedelta):
        raise ValueError(  # noqa: TRY004 - pydantic reads a ValueError
            'a duration is a number and a unit, such as "10s", "30m" or "60d"'
        )
    if value > _LONGEST:
        raise ValueError(f"a duration is at most {format_duration(_LONGEST)}")
    return value


def format_duration(value: timedelta) -> str:
    """The shortest text that `parse_duration` reads as `value`, in whole seconds."""
    seconds = int(value.total_seconds())
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("no time zone has this name; write one such as Europe/Amsterdam") from error
    return value


def _http_address(value: str) -> str:
    message = "an address begins with http:// or https:// and a host"
    if not re.fullmatch(r"https?://[^/\s?#]+[^\s]*", value):
        raise ValueError(message)
    try:
        parts = urlsplit(value)
        there = bool(parts.hostname) and parts.port != 0
    except ValueError:
        there = False
    if not there:
        raise ValueError(message)
    return value.rstrip("/")


def _interval(value: timedelta) -> timedelta:
    if value < _SHORTEST_INTERVAL:
        raise ValueError("an interval is at least 1s")
    return value


def _given(value: SecretStr | None) -> SecretStr | None:
    return value if value and value.get_secret_value().strip() else None


def _listed(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _paired(value: object) -> object:
    if not isinstance(value, str):
        return value
    pairs = [part.partition("=") for part in value.split(",") if part.strip()]
    if not all(equals for _, equals, _ in pairs):
        raise ValueError("as a variable it is a list such as name=value,name=value")
    return {name.strip(): text.strip() for name, _, text in pairs}


Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    PlainSerializer(format_duration, return_type=str),
]
Interval = Annotated[Duration, AfterValidator(_interval)]
TimeZone = Annotated[str, AfterValidator(_zone)]
HttpAddress = Annotated[str, AfterValidator(_http_address)]
Listed = Annotated[list[str], BeforeValidator(_listed)]
Secret = Annotated[SecretStr | None, AfterValidator(_given)]
Paired = Annotated[dict[str, str], BeforeValidator(_paired)]
